/** What a drop holds: files as they are, folders walked. */

import { isAccepted } from '../../src/panel/accept';
import { MOST_FILES, gatherDropped } from '../../src/panel/dropped';

type Tree = { [name: string]: Tree | string };

/** A drop as a browser hands it over: a folder tells its children two at a time. */
function dropOf(tree: Tree): DataTransfer {
  const entries = Object.entries(tree).map(([name, node]) => entryOf(name, node));
  const files = Object.keys(tree).map(name => new File([], name));
  const items = entries.map(entry => ({ webkitGetAsEntry: () => entry }));
  return { files, items } as unknown as DataTransfer;
}

function entryOf(name: string, node: Tree | string): object {
  if (typeof node === 'string') {
    return { name, isDirectory: false, file: (done: (file: File) => void) => done(new File([node], name)) };
  }
  const children = Object.entries(node).map(([child, inner]) => entryOf(child, inner));
  const createReader = () => ({
    readEntries: (done: (some: object[]) => void) => done(children.splice(0, 2))
  });
  return { name, isDirectory: true, createReader };
}

test('files are taken as they are', async () => {
  const { files, folders } = await gatherDropped(dropOf({ 'a.txt': 'x', 'b.txt': 'y' }));

  expect(files.map(file => file.name)).toEqual(['a.txt', 'b.txt']);
  expect(folders).toEqual([]);
});

test('a folder is walked to its end, without what is hidden in it', async () => {
  const clips = {
    '1.mp4': 'x',
    '2.mp4': 'x',
    '.DS_Store': 'x',
    '3.mp4': 'x',
    old: { '4.mp4': 'x' },
    '.git': {}
  };

  const { files, folders, isTooMuch } = await gatherDropped(dropOf({ clips, 'b.txt': 'y' }));

  expect(files.map(file => file.name).sort()).toEqual(['1.mp4', '2.mp4', '3.mp4', '4.mp4', 'b.txt']);
  expect(folders).toEqual(['clips']);
  expect(isTooMuch).toBe(false);
});

test('a folder without end is not walked to its end', async () => {
  const many = Object.fromEntries(Array.from({ length: MOST_FILES + 50 }, (_, index) => [`${index}`, 'x']));

  const dropped = await gatherDropped(dropOf({ many }));

  expect(dropped.isTooMuch).toBe(true);
  expect(dropped.files).toHaveLength(MOST_FILES + 1);
});

test('a folder that cannot be read says so', async () => {
  const createReader = () => ({
    readEntries: (_: unknown, fail: (error: Error) => void) => fail(new Error('no'))
  });
  const items = [{ webkitGetAsEntry: () => ({ name: 'x', isDirectory: true, createReader }) }];

  await expect(gatherDropped({ files: [], items } as unknown as DataTransfer)).rejects.toThrow('no');
});

test.each([
  ['', true],
  ['video/*', true],
  ['image/*, video/mp4', true],
  ['.MP4', true],
  ['.pdf,image/*', false],
  ['video', false]
])('accept %j', (accept, expected) => {
  expect(isAccepted(new File([], 'Talk.mp4', { type: 'video/mp4' }), accept)).toBe(expected);
});
