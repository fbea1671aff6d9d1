/** Which files are shown, in which order, and which of them are selected. */

import type { IStoredFile } from '../../src/model';
import { isExpiringSoon, stateNow } from '../../src/panel/lifetime';
import { filterFiles, sortFiles } from '../../src/panel/ordering';
import type { SortKey } from '../../src/panel/ordering';
import { NOTHING, goToRow, selectAll, selectNone, selectRow } from '../../src/panel/selection';
import { makeFile, manyFiles } from './memoryModel';

const SMALL = makeFile({ name: 'files/1', label: 'take 2.mp4', size: 10, created: day(1), expires: day(3) });
const LARGE = makeFile({ name: 'files/2', label: 'take 10.mp4', size: 99, created: day(2), expires: day(4) });
const VAGUE = makeFile({ name: 'files/3', label: 'Ärger.wav', size: null, created: '', expires: '' });
const FILES = [LARGE, VAGUE, SMALL];

const names = (files: readonly IStoredFile[]) => files.map(file => file.name.slice(-1)).join('');

function day(number: number): string {
  return `2026-11-0${number}T12:00:00.123456Z`;
}

describe('order', () => {
  test.each<[SortKey, boolean, string]>([
    ['name', false, '312'],
    ['name', true, '213'],
    ['size', false, '123'],
    ['size', true, '213'],
    ['age', false, '213'],
    ['age', true, '123'],
    ['left', false, '123'],
    ['left', true, '213']
  ])('by %s, descending %s; what is not known comes last', (key, isDescending, order) => {
    expect(names(sortFiles(FILES, { key, isDescending }))).toBe(order);
  });

  test('the files that were given stay as they were', () => {
    sortFiles(FILES, { key: 'size', isDescending: false });

    expect(names(FILES)).toBe('231');
  });
});

describe('filter', () => {
  test.each([
    ['', '231'],
    ['   ', '231'],
    ['TAKE', '21'],
    ['mp4 10', '2'],
    ['video', '231'],
    ['files/3', '3'],
    ['nothing like it', '']
  ])('%j', (query, found) => {
    expect(names(filterFiles(FILES, query))).toBe(found);
  });

  test('every word that is typed counts, among ten thousand files, too', () => {
    expect(filterFiles(manyFiles(10_000), 'sample-99 png')).toHaveLength(19);
  });
});

describe('time to live', () => {
  const noon = Date.parse('2026-11-03T12:00:00Z');

  test('a file is over when its time is, whatever the list said', () => {
    expect(stateNow(SMALL, noon)).toBe('ACTIVE');
    expect(stateNow(SMALL, noon + 1000)).toBe('EXPIRED');
  });

  test('the last six hours are soon; what has no end is never', () => {
    expect(isExpiringSoon(SMALL, noon - 7 * 3_600_000)).toBe(false);
    expect(isExpiringSoon(SMALL, noon - 5 * 3_600_000)).toBe(true);
    expect(isExpiringSoon(VAGUE, noon)).toBe(false);
    expect(isExpiringSoon({ ...VAGUE, state: 'EXPIRED' }, noon)).toBe(true);
  });
});

describe('selection', () => {
  const ORDER = ['a', 'b', 'c', 'd', 'e'];
  const one = selectRow(NOTHING, ORDER, 'b', 'one');

  test('a range goes from where it began, and back', () => {
    const down = selectRow(one, ORDER, 'd', 'range');
    const up = selectRow(down, ORDER, 'a', 'range');

    expect([...down.names]).toEqual(['b', 'c', 'd']);
    expect([...up.names]).toEqual(['a', 'b']);
    expect(up.active).toBe('a');
  });

  test('a range without a beginning is one row', () => {
    expect([...selectRow(one, ['c', 'd'], 'd', 'range').names]).toEqual(['d']);
  });

  test('one more, one less', () => {
    const two = selectRow(one, ORDER, 'e', 'toggle');

    expect([...two.names]).toEqual(['b', 'e']);
    expect([...selectRow(two, ORDER, 'b', 'toggle').names]).toEqual(['e']);
  });

  test('going to a row selects nothing; all and none keep the row', () => {
    const gone = goToRow(one, 'c');

    expect([...gone.names]).toEqual(['b']);
    expect(selectAll(gone, ORDER).names.size).toBe(5);
    expect(selectNone(selectAll(gone, ORDER))).toMatchObject({ active: 'c', names: new Set() });
  });
});
