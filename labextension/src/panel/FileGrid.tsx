/** The list of files: its rows, and what mouse and keyboard do there. */

import { forwardRef, useEffect, useId, useImperativeHandle, useMemo, useRef } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import type { IStoredFile } from '../model';
import { FileRow } from './FileRow';
import { useStable } from './hooks';
import type { ISorting } from './ordering';
import type { IAnchor } from './Popup';
import { goToRow, selectAll, selectNone, selectRow } from './selection';
import type { ISelection, Reach } from './selection';
import { ColumnHeads } from './Sorting';
import { useSurroundings } from './surroundings';
import { useTrans } from './trans';
import { useVirtualRows } from './virtualRows';

const WIDE_ROW = 32;
const NARROW_ROW = 48;
/** The pointer may tremble this much before a click is a drag. */
const DRAG_PIXELS = 5;

interface IFileGrid {
  files: readonly IStoredFile[];
  /** Names of the files, in the same order. */
  order: readonly string[];
  selection: ISelection;
  onSelection(selection: ISelection): void;
  sorting: ISorting;
  onSort(sorting: ISorting): void;
  isNarrow: boolean;
  serviceNow: number;
  /** Name of the file whose variable is being edited. */
  editing: string;
  onEdit(name: string): void;
  onMenu(anchor: IAnchor): void;
  onDelete(): void;
  onOpen(file: IStoredFile): void;
}

export interface IGridHandle {
  focus(): void;
}

export const FileGrid = forwardRef<IGridHandle, IFileGrid>(function FileGrid(props, handle) {
  const { files, order, selection, onSelection } = props;
  const trans = useTrans();
  const { host } = useSurroundings();
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const wasDragged = useRef(false);
  const rowHeight = props.isNarrow ? NARROW_ROW : WIDE_ROW;

  const indices = useMemo(() => new Map(order.map((name, index) => [name, index])), [order]);
  const activeIndex = useActiveIndex(indices, selection.active, order.length);
  const { scroller, rows, totalHeight, pageRows, onScroll, reveal } = useVirtualRows(
    files.length,
    rowHeight,
    activeIndex
  );

  const focus = () => grid.current?.focus({ preventScroll: true });
  useImperativeHandle(handle, () => ({ focus }), []);
  const onEdited = useStable((isByKey: boolean) => {
    props.onEdit('');
    if (isByKey) {
      focus();
    }
  });

  const openMenu = (index: number, anchor?: IAnchor) => {
    const row = document.getElementById(`${id}-${index}`);
    props.onMenu(anchor ?? row!.querySelector('[data-part=menu]')!.getBoundingClientRect());
  };

  const move = (index: number, event: KeyboardEvent) => {
    const name = order[Math.max(0, Math.min(order.length - 1, index))];
    if (event.ctrlKey || event.metaKey) {
      onSelection(goToRow(selection, name));
    } else {
      onSelection(selectRow(selection, order, name, event.shiftKey ? 'range' : 'one'));
    }
    reveal(indices.get(name)!);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || order.length === 0) {
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    const at = activeIndex;
    const active = order[at];
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(at + 1, event),
      ArrowUp: () => move(at < 0 ? 0 : at - 1, event),
      PageDown: () => move(at + pageRows - 1, event),
      PageUp: () => move(at - pageRows + 1, event),
      Home: () => move(0, event),
      End: () => move(order.length - 1, event),
      ' ': () => active && onSelection(selectRow(selection, order, active, 'toggle')),
      Escape: () => onSelection(selectNone(selection)),
      F2: () => active && props.onEdit(active),
      Delete: () => props.onDelete(),
      Backspace: () => props.onDelete(),
      Enter: () => active && enter(),
      ContextMenu: () => active && enter(),
      ...(isCommand && { a: () => onSelection(selectAll(selection, order)) }),
      ...(event.shiftKey && { F10: () => active && enter() })
    };
    const enter = () => {
      if (!selection.names.has(active)) {
        onSelection(selectRow(selection, order, active, 'one'));
      }
      reveal(at);
      openMenu(at);
    };
    const run = keys[event.key];
    if (run) {
      event.preventDefault();
      event.stopPropagation();
      run();
    }
  };

  const rowOf = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>('[data-index]');
    const part = target.closest<HTMLElement>('[data-part]')?.dataset.part;
    return row ? { index: Number(row.dataset.index), name: order[Number(row.dataset.index)], part } : null;
  };

  const onClick = (event: MouseEvent) => {
    const row = rowOf(event);
    if (row === null || wasDragged.current || isInInput(event)) {
      return;
    }
    focus();
    const isToggle = event.ctrlKey || event.metaKey || row.part === 'mark';
    const reach: Reach = event.shiftKey ? 'range' : isToggle ? 'toggle' : 'one';
    const keepsSelection = row.part === 'menu' && selection.names.has(row.name);
    onSelection(keepsSelection ? goToRow(selection, row.name) : selectRow(selection, order, row.name, reach));
    if (row.part === 'menu') {
      openMenu(row.index);
    } else if (row.part === 'variable') {
      props.onEdit(row.name);
    }
  };

  const onContextMenu = (event: MouseEvent) => {
    const row = rowOf(event);
    if (row === null || isInInput(event)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    focus();
    const isSelected = selection.names.has(row.name);
    onSelection(isSelected ? goToRow(selection, row.name) : selectRow(selection, order, row.name, 'one'));
    const { clientX: left, clientY: top } = event;
    openMenu(row.index, { left, right: left, top, bottom: top });
  };

  const onDoubleClick = (event: MouseEvent) => {
    const row = rowOf(event);
    if (row !== null && row.part === undefined && !isInInput(event)) {
      props.onOpen(files[row.index]);
    }
  };

  const onMouseDown = (event: MouseEvent) => {
    wasDragged.current = false;
    const row = rowOf(event);
    if (!host.startDrag || row === null || event.button !== 0 || isInInput(event)) {
      return;
    }
    const isMany = selection.names.has(row.name);
    const dragged = isMany ? files.filter(file => selection.names.has(file.name)) : [files[row.index]];
    const stop = onceMoved(event, moved => {
      wasDragged.current = true;
      host.startDrag!(dragged, moved);
    });
    window.addEventListener('mouseup', stop, { once: true });
  };

  return (
    <div
      ref={grid}
      role="grid"
      tabIndex={0}
      className="jp-gemfiles-Grid"
      aria-label={trans.__('Files')}
      aria-multiselectable={true}
      aria-rowcount={files.length + 1}
      aria-activedescendant={activeIndex < 0 ? undefined : `${id}-${activeIndex}`}
      onKeyDown={onKeyDown}
      onFocus={event => {
        if (event.target === event.currentTarget && activeIndex < 0 && order.length > 0) {
          onSelection(goToRow(selection, order[0]));
        }
      }}
    >
      {!props.isNarrow && (
        <div role="rowgroup" className="jp-gemfiles-Heads">
          <ColumnHeads sorting={props.sorting} onSort={props.onSort} />
        </div>
      )}
      <div
        ref={scroller}
        role="rowgroup"
        className="jp-gemfiles-Rows"
        onScroll={onScroll}
        onClick={onClick}
        onDoubleClick={onDoubleClick}
        onContextMenu={onContextMenu}
        onMouseDown={onMouseDown}
      >
        <div role="presentation" className="jp-gemfiles-Rows-all" style={{ height: totalHeight }}>
          {rows.map(index => (
            <FileRow
              key={files[index].name}
              id={`${id}-${index}`}
              file={files[index]}
              index={index}
              top={index * rowHeight}
              isActive={index === activeIndex}
              isSelected={selection.names.has(files[index].name)}
              isEditing={files[index].name === props.editing}
              serviceNow={props.serviceNow}
              onEdited={onEdited}
            />
          ))}
        </div>
      </div>
    </div>
  );
});

/** Where the keyboard is; where it was, if that file is gone. */
function useActiveIndex(indices: ReadonlyMap<string, number>, active: string, count: number): number {
  const last = useRef(-1);
  const index = indices.get(active) ?? (active ? Math.min(last.current, count - 1) : -1);
  useEffect(() => {
    last.current = index;
  });
  return index;
}

const isInInput = (event: MouseEvent): boolean => event.target instanceof HTMLInputElement;

/** Do something once the pointer has left where it was pressed; returns how to give up on it. */
function onceMoved(start: MouseEvent, work: (event: globalThis.MouseEvent) => void): () => void {
  const stop = () => window.removeEventListener('mousemove', onMove);
  const onMove = (event: globalThis.MouseEvent) => {
    const distance = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (distance >= DRAG_PIXELS) {
      stop();
      work(event);
    }
  };
  window.addEventListener('mousemove', onMove);
  return stop;
}
