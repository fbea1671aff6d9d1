/** Rows of one height, of which only those in sight are made. */

import { useCallback, useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { useSize } from './hooks';

/** Rows made above and below what is in sight, so that a fast wheel meets no emptiness. */
const MARGIN_ROWS = 12;
/** The first row moves in such steps, so that most scroll events change nothing here. */
const STEP_ROWS = 4;
/** Where there is no layout yet. */
const USUAL_HEIGHT = 600;

export interface IVirtualRows {
  readonly scroller: RefObject<HTMLDivElement>;
  /** Indices of the rows to make. */
  readonly rows: readonly number[];
  readonly totalHeight: number;
  readonly pageRows: number;
  onScroll(): void;
  /** Scroll as little as needed for a row to be in sight. */
  reveal(index: number): void;
}

/** `kept` is a row that is always made: the one the keyboard is at. */
export function useVirtualRows(count: number, rowHeight: number, kept: number): IVirtualRows {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useSize(scroller).height || USUAL_HEIGHT;
  const [top, setTop] = useState(0);

  const pageRows = Math.ceil(height / rowHeight);
  const first = Math.max(0, Math.min(top, count - pageRows) - MARGIN_ROWS);
  const last = Math.min(count, Math.max(top, 0) + pageRows + STEP_ROWS + MARGIN_ROWS);

  const rows = useMemo(() => {
    const range = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
    const isMissing = kept >= 0 && kept < count && (kept < first || kept >= last);
    return !isMissing ? range : kept < first ? [kept, ...range] : [...range, kept];
  }, [first, last, kept, count]);

  const onScroll = useCallback(() => {
    const row = Math.floor(scroller.current!.scrollTop / rowHeight);
    setTop(row - (row % STEP_ROWS));
  }, [rowHeight]);

  const reveal = useCallback(
    (index: number) => {
      const view = scroller.current!;
      const [above, below] = [index * rowHeight, (index + 1) * rowHeight - view.clientHeight];
      if (view.scrollTop > above) {
        view.scrollTop = above;
      } else if (view.scrollTop < below) {
        view.scrollTop = below;
      }
    },
    [rowHeight]
  );

  return { scroller, rows, totalHeight: count * rowHeight, pageRows, onScroll, reveal };
}
