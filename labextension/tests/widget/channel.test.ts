/** The kernel as the model's other side. */

import { KernelChannel } from '../../src/widget/channel';
import type { IMessage, IWidgetModel } from '../../src/widget/widget';

/** The kernel's end: what was sent to it, and what it says. */
class Wire implements IWidgetModel {
  readonly sent: { message: IMessage; buffers: ArrayBuffer[] }[] = [];

  get(): unknown {
    return undefined;
  }

  send(message: IMessage, _?: undefined, buffers: ArrayBuffer[] = []): void {
    this.sent.push({ message, buffers });
  }

  on(name: string, take: (message: IMessage, buffers: readonly DataView[]) => void): void {
    this._takes.push({ name, take });
  }

  off(name: string, take: unknown): void {
    this._takes = this._takes.filter(item => item.name !== name || item.take !== take);
  }

  say(message: IMessage, name = 'msg:custom'): void {
    this._takes.filter(item => item.name === name).forEach(item => item.take(message, []));
  }

  private _takes: { name: string; take: (message: IMessage, buffers: readonly DataView[]) => void }[] = [];
}

function opened() {
  const wire = new Wire();
  return { wire, channel: new KernelChannel(wire) };
}

/** What a request sends is sent a few microtasks later. */
const settled = () => jest.advanceTimersByTimeAsync(0);

beforeAll(() => {
  // jsdom has neither.
  Object.assign(globalThis, {
    Response: class {
      readonly ok: boolean;
      readonly status: number;
      constructor(
        private readonly _body: string | null,
        { status }: { status: number }
      ) {
        this.status = status;
        this.ok = status < 300;
      }
      async json(): Promise<unknown> {
        return JSON.parse(this._body!);
      }
    }
  });
});

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a request is a message, and its answer a response', async () => {
  const { wire, channel } = opened();

  const response = channel.request('files/renew', { method: 'POST', body: '{"name":"files/a"}' });
  await settled();
  wire.say({ kind: 'answer', id: 1, status: 200, body: { transfer: 'x' } });

  expect(wire.sent).toEqual([
    {
      message: { kind: 'request', id: 1, method: 'POST', path: 'files/renew', body: { name: 'files/a' } },
      buffers: []
    }
  ]);
  expect(await (await response).json()).toEqual({ transfer: 'x' });
});

test('answers find their requests in any order', async () => {
  const { wire, channel } = opened();

  const one = channel.request('status', {});
  const two = channel.request('files', {});
  await settled();
  wire.say({ kind: 'answer', id: 2, status: 200, body: 'two' });
  wire.say({ kind: 'answer', id: 1, status: 204, body: null });

  expect((await one).status).toBe(204);
  expect(await (await two).json()).toBe('two');
});

test('a kernel that is silent for a second is busy, until it takes in what was asked', async () => {
  const { wire, channel } = opened();
  const told: boolean[] = [];
  channel.busyChanged.connect((_, isBusy) => void told.push(isBusy));

  void channel.request('status', {});
  await jest.advanceTimersByTimeAsync(999);
  expect(channel.isBusy).toBe(false);
  await jest.advanceTimersByTimeAsync(2);
  expect(channel.isBusy).toBe(true);
  wire.say({ kind: 'taken', id: 1 });

  expect(channel.isBusy).toBe(false);
  expect(told).toEqual([true, false]);
});

test('a service that is slow makes no kernel busy', async () => {
  const { wire, channel } = opened();

  void channel.request('files', {});
  await settled();
  wire.say({ kind: 'taken', id: 1 });
  await jest.advanceTimersByTimeAsync(60_000);

  expect(channel.isBusy).toBe(false);
});

test('what is given up is waited for no more', async () => {
  const { channel } = opened();
  const stop = new AbortController();

  const response = channel.request('uploads/a?offset=0', { method: 'PUT', signal: stop.signal });
  await jest.advanceTimersByTimeAsync(2000);
  expect(channel.isBusy).toBe(true);
  stop.abort();

  await expect(response).rejects.toBe(stop.signal.reason);
  expect(channel.isBusy).toBe(false);
});

test('what the kernel tells has the shape of the event stream', () => {
  const { wire, channel } = opened();
  const heard: unknown[] = [];
  channel.events.connect((_, emission) => void heard.push(emission));

  wire.say({ kind: 'event', event: { kind: 'files' } });

  expect(heard).toEqual([{ schema_id: expect.stringContaining('events/state/v1'), kind: 'files' }]);
});

test('a kernel that was restarted answers nothing, and the panel says so', async () => {
  const { wire, channel } = opened();
  const waiting = channel.request('status', {});
  await settled();

  wire.say({ kind: '' }, 'comm_live_update');

  expect((await waiting).status).toBe(410);
  const later = await channel.request('files', {});
  expect(await later.json()).toMatchObject({ message: 'The kernel of this panel was restarted or is gone.' });
  expect(wire.sent).toHaveLength(1);
});

test('after the end nothing is heard', () => {
  const { wire, channel } = opened();
  const heard: unknown[] = [];
  channel.events.connect((_, emission) => void heard.push(emission));

  channel.dispose();
  wire.say({ kind: 'event', event: { kind: 'files' } });

  expect(heard).toEqual([]);
});
