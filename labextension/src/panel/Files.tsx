/** What is stored: filter, order, selection, and what is done with the selected files. */

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { JSX, ReactNode, RefObject } from 'react';
import type { ISnapshot, IStoredFile } from '../model';
import { FileBar } from './FileBar';
import { fileActions } from './fileActions';
import { FileGrid } from './FileGrid';
import type { IGridHandle } from './FileGrid';
import { FilterLine } from './FilterLine';
import { useNow } from './hooks';
import { Menu } from './Menu';
import { NEWEST_FIRST, filterFiles, sortFiles } from './ordering';
import { plainText } from './plainText';
import type { IAnchor } from './Popup';
import { NOTHING, selectAll, selectNone } from './selection';
import { useSurroundings } from './surroundings';
import { useTrans } from './trans';

/** Times to live are counted in minutes and hours: rows change no more often than this. */
const TICK_MILLISECONDS = 10_000;

interface IFiles {
  snapshot: ISnapshot;
  isNarrow: boolean;
  flash: string;
  filter: RefObject<HTMLInputElement>;
  /** In place of a list without files. */
  children: ReactNode;
}

export function Files({ snapshot, isNarrow, flash, filter, children }: IFiles): JSX.Element {
  const trans = useTrans();
  const surroundings = useSurroundings();
  const { model, host, attempt, confirm, say } = surroundings;
  const grid = useRef<IGridHandle>(null);
  const [query, setQuery] = useState('');
  const [sorting, setSorting] = useState(NEWEST_FIRST);
  const [selection, setSelection] = useState(NOTHING);
  const [editing, setEditing] = useState('');
  const [menu, setMenu] = useState<IAnchor | null>(null);
  const [isAsking, setAsking] = useState(false);

  const { files } = snapshot;
  const sorted = useMemo(() => sortFiles(files, sorting), [files, sorting]);
  const shown = useMemo(() => filterFiles(sorted, query), [sorted, query]);
  const order = useMemo(() => shown.map(file => file.name), [shown]);
  // What the filter hides is not selected: nothing is deleted unseen.
  const chosen = useMemo(
    () => shown.filter(file => selection.names.has(file.name)),
    [shown, selection.names]
  );
  const now = useNow(TICK_MILLISECONDS) + snapshot.clockSkew;
  const serviceNow = now - (now % TICK_MILLISECONDS);

  useSelectionReport(chosen, host.onSelect);
  useFilterReport(query, shown.length, files.length, say);

  const askDelete = () => setAsking(chosen.length > 0);
  const actions = fileActions(
    chosen,
    serviceNow,
    surroundings,
    { rename: file => setEditing(file.name), askDelete },
    trans
  );

  const remove = async () => {
    const count = chosen.length;
    await model.remove(chosen.map(file => file.name));
    confirm(trans._n('%1 file deleted', '%1 files deleted', count));
  };
  const answer = (isYes: boolean) => {
    setAsking(false);
    if (isYes) {
      attempt(remove());
    }
    grid.current?.focus();
  };
  const closeMenu = useCallback(() => {
    setMenu(null);
    grid.current?.focus();
  }, []);

  if (files.length === 0) {
    return <>{children}</>;
  }
  return (
    <section className="jp-gemfiles-Files" aria-label={trans.__('Stored files')}>
      <FilterLine
        input={filter}
        query={query}
        onQuery={setQuery}
        onLeave={() => grid.current?.focus()}
        sorting={sorting}
        onSort={setSorting}
        isNarrow={isNarrow}
      />
      <FileBar
        total={files.length}
        shown={shown.length}
        chosen={chosen}
        actions={actions}
        flash={flash}
        place={plainText(snapshot.place)}
        isNarrow={isNarrow}
        isAsking={isAsking && chosen.length > 0}
        onAnswer={answer}
        onAll={isAll => setSelection(isAll ? selectAll(selection, order) : selectNone(selection))}
      />
      {shown.length === 0 && (
        <div className="jp-gemfiles-Empty">
          <p>{trans.__('No file matches “%1”.', plainText(query))}</p>
          <button type="button" className="jp-gemfiles-Button" onClick={() => setQuery('')}>
            {trans.__('Clear filter')}
          </button>
        </div>
      )}
      {shown.length > 0 && (
        <FileGrid
          ref={grid}
          files={shown}
          order={order}
          selection={selection}
          onSelection={setSelection}
          sorting={sorting}
          onSort={setSorting}
          isNarrow={isNarrow}
          serviceNow={serviceNow}
          editing={editing}
          onEdit={setEditing}
          onMenu={setMenu}
          onDelete={askDelete}
          onOpen={file => host.insertVariables?.([file])}
        />
      )}
      {menu && chosen.length > 0 && (
        <Menu label={menuLabel(chosen)} anchor={menu} actions={actions} onClose={closeMenu} />
      )}
    </section>
  );

  function menuLabel(of: readonly IStoredFile[]): string {
    return of.length === 1 ? plainText(of[0].label) : trans._n('%1 file', '%1 files', of.length);
  }
}

/** Tell the surroundings which files are selected, when that changes. */
function useSelectionReport(
  chosen: readonly IStoredFile[],
  onSelect: ((names: readonly string[]) => void) | undefined
): void {
  const told = useRef('');
  useEffect(() => {
    const names = chosen.map(file => file.name);
    const key = names.join('\n');
    if (key !== told.current) {
      told.current = key;
      onSelect?.(names);
    }
  }, [chosen, onSelect]);
}

/** Tell how many files a filter leaves, once the typing has come to rest. */
function useFilterReport(query: string, shown: number, total: number, say: (text: string) => void): void {
  const trans = useTrans();
  useEffect(() => {
    if (!query) {
      return undefined;
    }
    const timer = setTimeout(() => say(trans._n('%2 of %1 file', '%2 of %1 files', total, shown)), 700);
    return () => clearTimeout(timer);
  }, [query, shown, total, say, trans]);
}
