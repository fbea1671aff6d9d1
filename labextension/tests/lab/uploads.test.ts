/** @jest-environment node */

import { Api } from '../../src/files/api';
import { BrowserUploads } from '../../src/files/uploads';
import { english } from '../../src/panel/trans';
import { FakePage, FakeServer, apiOf, content, fileOf, misplaced, sumOf, until } from './fakeServer';

const MIB = 1024 * 1024;

/** A page with uploads, and a server they go to. */
function setUp(server = new FakeServer(), page = new FakePage(), api = apiOf(server)) {
  const begun: string[] = [];
  const phases = new Set<string>();
  const uploads: BrowserUploads = new BrowserUploads(
    api,
    page,
    english,
    () => uploads.transfers.forEach(item => phases.add(item.phase)),
    id => begun.push(id),
    async () => undefined
  );
  const row = (label: string) => uploads.transfers.find(item => item.label === label);
  const isIn = (label: string, phase: string) => until(() => row(label)?.phase === phase);
  return {
    server,
    page,
    uploads,
    begun,
    phases,
    row,
    isIn,
    isGone: () => until(() => uploads.transfers.length === 0)
  };
}

test('a file goes slice after slice, each larger, and arrives as it is', async () => {
  const { server, uploads, begun, isGone } = setUp();

  uploads.add([fileOf('a.txt', 5 * MIB)]);
  await isGone();

  const slices = server.requests.filter(line => line.startsWith('PUT'));
  expect(slices.map(line => Number(line.split('offset=')[1]) / MIB)).toEqual([0, 1, 3]);
  expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(5 * MIB)));
  expect(begun).toContain('id-a.txt');
});

describe('where two slices may be under way', () => {
  /** Where slices of a file begin that were asked for. */
  const offsets = (server: FakeServer) =>
    server.requests
      .filter(line => line.startsWith('PUT'))
      .map(line => Number(line.split('offset=')[1]) / MIB);

  function setUpTwo() {
    const server = new FakeServer();
    return setUp(server, new FakePage(), new Api(server.request, english, MIB, 2));
  }

  test('the second is sent before the first is answered, and a third is not', async () => {
    const { server, uploads, isGone } = setUpTwo();
    const free = server.hold('PUT');

    uploads.add([fileOf('a.txt', 4 * MIB), fileOf('b.txt', 10)]);
    await until(() => offsets(server).length === 2);
    await new Promise(resolve => setImmediate(resolve));
    expect(offsets(server)).toEqual([0, 1]);
    free();
    await isGone();

    expect(offsets(server)).toEqual([0, 1, 2, 3, 0]);
    expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(4 * MIB)));
  });

  test('a lost answer, and a server that stands elsewhere, lose no byte', async () => {
    const { server, uploads, isGone } = setUpTwo();
    server.fail('PUT uploads/id-a.txt?offset=1048576', 'no answer', { status: 503 });
    server.fail('PUT uploads/id-a.txt?offset=2097152', { status: 409, body: misplaced(MIB) });

    uploads.add([fileOf('a.txt', 5 * MIB)]);
    await isGone();

    expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(5 * MIB)));
  });

  test('an empty file is sent once', async () => {
    const { server, uploads, isGone } = setUpTwo();

    uploads.add([fileOf('empty.txt', 0)]);
    await isGone();

    expect(offsets(server)).toEqual([0]);
  });
});

test('an empty file is sent, too', async () => {
  const { server, uploads, isGone } = setUp();

  uploads.add([fileOf('empty.txt', 0)]);
  await isGone();

  expect(server.requests).toContain('PUT uploads/id-empty.txt?offset=0');
});

test('a lost connection is waited out, and the server is asked where it stands', async () => {
  const { server, page, uploads, phases, isGone } = setUp();
  server.fail('PUT', 'no answer', { status: 503 }, 'no answer');

  uploads.add([fileOf('a.txt', 2 * MIB)]);
  await isGone();

  expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(2 * MIB)));
  expect(page.waits).toEqual([1000, 2000, 4000]);
  expect(phases).toContain('retrying');
});

test('a server that says where it stands is believed', async () => {
  const { server, uploads, isGone } = setUp();
  server.received.set('id-a.txt', content(MIB));
  server.fail('POST uploads', { status: 200, body: { id: 'id-a.txt', offset: 0 } });

  uploads.add([fileOf('a.txt', 2 * MIB)]);
  await isGone();

  expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(2 * MIB)));
});

test('an upload that the server has forgotten begins again', async () => {
  const { server, uploads, isGone } = setUp();
  server.fail('PUT', { status: 404 });

  uploads.add([fileOf('a.txt', 10)]);
  await isGone();

  expect(server.requests.filter(line => line === 'POST uploads')).toHaveLength(2);
});

test('what the server refuses says why, and can be tried again', async () => {
  const { server, uploads, row, isIn, isGone } = setUp();
  const body = { kind: 'other', message: 'The disk is full.', hint: 'Make room.' };
  server.fail('POST uploads', { status: 422, body });

  uploads.add([fileOf('a.txt', 10)]);
  await isIn('a.txt', 'failed');

  expect(row('a.txt')).toMatchObject({ note: body.message, hint: body.hint, actions: ['retry', 'cancel'] });
  await uploads.act(row('a.txt')!.id, 'retry');
  await isGone();
  expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(10)));
});

test('a file that the browser can read no more is asked for again', async () => {
  const { server, page, uploads, row, isIn, isGone } = setUp();
  const file = fileOf('a.txt', 10);
  file.slice = () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) as unknown as Blob;
  server.fail('PUT', 'no answer');

  uploads.add([file]);
  await isIn('a.txt', 'failed');

  expect(row('a.txt')!.note).toBe('The browser can no longer read the file.');
  page.picked = fileOf('a.txt', 10);
  await uploads.act(row('a.txt')!.id, 'retry');
  await isGone();
});

test('pausing keeps what is there, and resuming sends the rest', async () => {
  const { server, uploads, row, isIn, isGone } = setUp();
  const free = server.hold('PUT uploads/id-a.txt?offset=1048576');

  uploads.add([fileOf('a.txt', 2 * MIB)]);
  await until(() => row('a.txt')?.sent === MIB);
  await uploads.act('id-a.txt', 'pause');
  free();
  await isIn('a.txt', 'paused');
  expect(server.received.get('id-a.txt')).toHaveLength(MIB);
  await uploads.act('id-a.txt', 'resume');
  await isGone();

  expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(2 * MIB)));
});

test('cancelling gives up what the server has', async () => {
  const { server, uploads, row } = setUp();
  server.hold('PUT uploads/id-a.txt?offset=1048576');

  uploads.add([fileOf('a.txt', 2 * MIB)]);
  await until(() => row('a.txt')?.sent === MIB);
  await uploads.act('id-a.txt', 'cancel');

  expect(uploads.transfers).toEqual([]);
  expect(server.received.size).toBe(0);
});

test('two files go at once, the others wait', async () => {
  const { server, uploads, isGone } = setUp();
  const free = server.hold('PUT');

  uploads.add(['a', 'b', 'c', 'd'].map(name => fileOf(name, 10)));
  await until(() => server.received.size === 2);

  expect(uploads.transfers.map(item => item.phase)).toEqual(['queued', 'queued', 'receiving', 'receiving']);
  free();
  await isGone();
  expect(server.received.size).toBe(4);
});

describe('after a reload', () => {
  /** A page that was reloaded when half of a file was there. */
  async function reloaded() {
    const before = setUp();
    before.server.hold('PUT uploads/id-a.txt?offset=1048576');
    before.uploads.add([fileOf('a.txt', 2 * MIB)]);
    await until(() => before.row('a.txt')?.sent === MIB);
    const server = new FakeServer();
    server.received.set('id-a.txt', content(MIB));
    return setUp(server, before.page);
  }

  test('an upload waits for its file, and goes on where it was', async () => {
    const { server, page, uploads, row, isGone } = await reloaded();
    expect(row('a.txt')).toMatchObject({ phase: 'paused', sent: MIB, note: 'The page was reloaded.' });

    uploads.add([fileOf('a.txt', 2 * MIB)]);
    await isGone();

    expect(server.requests.filter(line => line.startsWith('PUT'))).toEqual([
      'PUT uploads/id-a.txt?offset=1048576'
    ]);
    expect(sumOf(server.received.get('id-a.txt'))).toBe(sumOf(content(2 * MIB)));
    expect(page.kept.size).toBe(0);
  });

  test('another file is not taken for it', async () => {
    const { page, uploads, row } = await reloaded();
    page.picked = fileOf('b.txt', 2 * MIB);

    await uploads.act(row('a.txt')!.id, 'resume');

    expect(row('a.txt')).toMatchObject({
      phase: 'paused',
      note: 'That was another file, or it has changed since.'
    });
  });

  test('one that got through all the same is forgotten', async () => {
    const { uploads } = await reloaded();

    uploads.settle(new Set(['id-a.txt']));

    expect(uploads.transfers).toEqual([]);
  });
});
