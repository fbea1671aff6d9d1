/** @jest-environment node */

import {
  chooseVariables,
  genaiCells,
  promptCells,
  uploadCells,
  variableCells,
  variableName
} from '../../src/files/code';
import { storedFile } from './fakeServer';

const lecture = storedFile('files/abc', { label: 'My lecture.mp4' });
const notes = storedFile('files/def', { label: 'notes.txt', variable: 'notes' });

test.each([
  ['My lecture.mp4', 'my_lecture'],
  ['2024 report.pdf', 'file_2024_report'],
  ['class.txt', 'class_'],
  ['Ünïcode größe.txt', 'ünïcode_größe'],
  ['…', 'file'],
  ['folder/a.b.c', 'a_b'],
  ['.env', 'env']
])('%s goes to %s', (label, name) => {
  expect(variableName(label, new Set())).toBe(name);
});

test('no variable of the notebook is overwritten', () => {
  expect(chooseVariables([lecture, notes], 'my_lecture = 1\nnotes = 2')).toEqual(['my_lecture_2', 'notes']);
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

test('google-genai needs nothing of ours', () => {
  const [cell] = genaiCells([lecture], ['a']);

  expect(cell).toContain('a = client.files.get(name="files/abc")');
  expect(cell).not.toContain('gemfiles_jupyter');
});

test('odd paths are quoted as the magic reads them', () => {
  const [cell] = uploadCells(['a.txt', 'my "old" $HOME.txt'], ['a', 'b'], '%load_ext gemfiles_jupyter');

  expect(cell).toBe('a = %gemupload a.txt\nb = %gemupload "my \\"old\\" $HOME.txt"');
});
