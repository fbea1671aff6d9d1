/** Which files are selected, and which row the keyboard is at: pure steps from one state to the next. */

export interface ISelection {
  /** Names of files; may hold some that are not shown now. */
  readonly names: ReadonlySet<string>;
  /** The row the keyboard is at; empty for none. */
  readonly active: string;
  /** Where a range begins. */
  readonly anchor: string;
}

export const NOTHING: ISelection = { names: new Set(), active: '', anchor: '' };

/** How a row was meant: alone, as one more or less, or as the end of a range. */
export type Reach = 'one' | 'toggle' | 'range';

/** Select as a click or an arrow key on a row does. */
export function selectRow(old: ISelection, order: readonly string[], name: string, reach: Reach): ISelection {
  if (reach === 'toggle') {
    const names = new Set(old.names);
    if (!names.delete(name)) {
      names.add(name);
    }
    return { names, active: name, anchor: name };
  }
  const start = reach === 'range' ? order.indexOf(old.anchor) : -1;
  if (start < 0) {
    return { names: new Set([name]), active: name, anchor: name };
  }
  const end = order.indexOf(name);
  const range = order.slice(Math.min(start, end), Math.max(start, end) + 1);
  return { names: new Set(range), active: name, anchor: old.anchor };
}

/** Go to a row and leave the selection as it is. */
export function goToRow(old: ISelection, name: string): ISelection {
  return { ...old, active: name };
}

export function selectAll(old: ISelection, order: readonly string[]): ISelection {
  return { ...old, names: new Set(order) };
}

export function selectNone(old: ISelection): ISelection {
  return { ...old, names: new Set() };
}
