/** @jest-environment node */

import { chooseVariables, promptCells, uploadCells, variableCells } from '../../src/files/code';
import { storedFile } from './fakeServer';

const lecture = storedFile('files/abc', { suggestion: 'My_lecture' });
const notes = storedFile('files/def', { variable: 'notes', suggestion: 'notes_of_all' });

test('no variable of the notebook is overwritten', () => {
  expect(chooseVariables([lecture, notes, lecture], 'My_lecture = 1\nnotes = 2')).toEqual([
    'My_lecture_2',
    'notes',
    'My_lecture_3'
  ]);
});

test('files are bound by their names, under one import', () => {
  expect(variableCells([lecture, notes], ['a', 'b'], '')).toEqual([
    'import gemfiles_jupyter as gf\n\na = gf.get_file("files/abc")\nb = gf.get_file("files/def")'
  ]);
  expect(variableCells([lecture], ['a'], 'import gemfiles_jupyter as gf')).toEqual([
    'a = gf.get_file("files/abc")'
  ]);
});

test('a prompt comes after the cells that it needs, and only those', () => {
  const loaded = '%load_ext gemfiles_jupyter\nimport gemfiles_jupyter as gf\nnotes = 1';

  expect(promptCells([lecture, notes], ['a', 'notes'], loaded)).toEqual([
    'a = gf.get_file("files/abc")',
    '%%gemprompt\nSummarise {a} and {notes}.'
  ]);
  expect(promptCells([notes], ['notes'], '')[0]).toBe('%load_ext gemfiles_jupyter');
});

test('odd paths are quoted as the magic reads them', () => {
  const [cell] = uploadCells(['a.txt', 'my "old" $HOME.txt'], ['a', 'b'], '%load_ext gemfiles_jupyter');

  expect(cell).toBe('a = %gemupload a.txt\nb = %gemupload "my \\"old\\" $HOME.txt"');
});
