/** Which files are shown, and in which order. */

import type { IStoredFile } from '../model';
import { moment } from './lifetime';

export type SortKey = 'name' | 'size' | 'age' | 'left';

export interface ISorting {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** The order of a list nobody has sorted yet: the newest on top. */
export const NEWEST_FIRST: ISorting = { key: 'age', isDescending: false };

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sort files; those that do not have what is sorted by come last, either way. */
export function sortFiles(files: readonly IStoredFile[], sorting: ISorting): IStoredFile[] {
  const sign = sorting.isDescending ? -1 : 1;
  if (sorting.key === 'name') {
    return [...files].sort((a, b) => sign * NAMES.compare(a.label, b.label) || compare(a.name, b.name));
  }
  const measure = MEASURES[sorting.key];
  return files
    .map(file => ({ file, value: measure(file) }))
    .sort((a, b) => compareMeasures(a.value, b.value, sign) || NAMES.compare(a.file.label, b.file.label))
    .map(item => item.file);
}

/** Keep the files in which every word of the query is found: in label, name, type, variable or state. */
export function filterFiles(files: readonly IStoredFile[], query: string): readonly IStoredFile[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? files.filter(file => words.every(word => haystack(file).includes(word))) : files;
}

const MEASURES: Record<Exclude<SortKey, 'name'>, (file: IStoredFile) => number | null> = {
  size: file => file.size,
  age: file => negated(moment(file.created)),
  left: file => moment(file.expires)
};

const negated = (value: number | null): number | null => (value === null ? null : -value);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compareMeasures(a: number | null, b: number | null, sign: number): number {
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null);
  }
  return sign * (a - b);
}

const haystacks = new WeakMap<IStoredFile, string>();

function haystack(file: IStoredFile): string {
  let text = haystacks.get(file);
  if (text === undefined) {
    text = [file.label, file.name, file.mimeType, file.variable, file.state].join('\n').toLowerCase();
    haystacks.set(file, text);
  }
  return text;
}
