/** @jest-environment node */

import type { RestModel } from '../../src/files/model';
import { FakePage, FakeServer, fileOf, modelOf, storedFile, transfer, until } from './fakeServer';

let server: FakeServer;
let model: RestModel;

beforeEach(() => {
  server = new FakeServer();
  server.files = [storedFile('files/a'), storedFile('files/b')];
  model = modelOf(server, new FakePage());
});

afterEach(() => model.dispose());

const names = () => model.snapshot.files.map(file => file.name);
const loaded = () => until(() => !model.snapshot.isLoading);

test('it asks for all of it at first', async () => {
  expect(model.snapshot.isLoading).toBe(true);

  await loaded();

  expect(names()).toEqual(['files/a', 'files/b']);
  expect(model.snapshot).toMatchObject({ place: 'here', isOffline: true, problem: null, clockSkew: 0 });
});

test('times to live are counted by the clock of the service', async () => {
  await loaded();
  server.now = '2026-01-01T00:10:00Z';

  await model.refresh();

  expect(model.snapshot.clockSkew).toBe(600_000);
});

test('a server that does not answer is a problem, until it does', async () => {
  await loaded();
  server.fail('GET status', 'no answer');

  await model.refresh();

  expect(model.snapshot.problem).toMatchObject({ kind: 'network' });
  expect(names()).toHaveLength(2);
  await model.refresh();
  expect(model.snapshot.problem).toBeNull();
});

test.each([
  [403, 'Reload the page'],
  [404, 'jupyter server extension enable'],
  [418, 'proxy']
])('an answer %i without sense says what to do', async (status, hint) => {
  await loaded();
  server.fail('GET status', { status });

  await model.refresh();

  expect(model.snapshot.problem?.hint).toContain(hint);
});

test('an event says how transfers stand', async () => {
  await loaded();

  server.emit([transfer('t', { sent: 70 })]);

  expect(model.snapshot.transfers).toMatchObject([{ id: 't', sent: 70 }]);
});

test('an answer that an event overtook is not shown', async () => {
  await loaded();
  server.transfers = [transfer('t', { sent: 10 })];
  const free = server.hold('GET transfers');
  const asked = model.refresh();
  await until(() => server.requests[server.requests.length - 1] === 'GET transfers');

  server.emit([transfer('t', { sent: 70 })]);
  server.transfers = [transfer('t', { sent: 10 })];
  free();
  await asked;

  expect(model.snapshot.transfers[0].sent).toBe(70);
});

test('events of others change nothing', async () => {
  await loaded();
  const listener = jest.fn();
  model.subscribe(listener);

  server.events.emit({ schema_id: 'https://other.test/v1', kind: 'transfers', transfers: [transfer('t')] });

  expect(listener).not.toHaveBeenCalled();
});

test('what has not changed keeps its identity', async () => {
  await loaded();
  const [before] = model.snapshot.files;
  server.files = [storedFile('files/a'), storedFile('files/b', { variable: 'b' })];

  await model.refresh();

  expect(model.snapshot.files[0]).toBe(before);
  expect(model.snapshot.files[1].variable).toBe('b');
});

test('many are deleted a hundred at a time', async () => {
  server.files = Array.from({ length: 250 }, (_, index) => storedFile(`files/f${index}`));
  await model.refresh();

  await model.remove(server.files.map(file => file.name));

  expect(server.requests.filter(line => line.startsWith('DELETE'))).toHaveLength(3);
  expect(names()).toEqual([]);
});

test('what was not deleted is told', async () => {
  await loaded();
  const failed = [{ name: 'files/b', message: 'It is in use.', hint: 'Wait.' }];
  server.fail('DELETE files', { status: 200, body: { removed: ['files/a'], failed } });

  await expect(model.remove(['files/a', 'files/b'])).rejects.toThrow(
    '1 file was not deleted: files/b: It is in use. Wait.'
  );
});

test('a file of the browser is one row all the way', async () => {
  await loaded();
  const begun: string[] = [];
  model.begun.connect((_, id) => begun.push(id));
  const counts = new Set<number>();
  model.subscribe(() => counts.add(model.snapshot.transfers.length));

  server.transfers = [transfer('id-a.txt', { label: 'a.txt' })];
  model.upload([fileOf('a.txt', 100)]);
  await until(() => model.snapshot.transfers[0]?.phase === 'uploading');

  expect(counts).toEqual(new Set([1]));
  expect(begun).toContain('id-a.txt');
});
