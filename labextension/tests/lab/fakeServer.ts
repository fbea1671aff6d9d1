/** The server extension's routes in memory, and a page without a browser, for tests of the model. */

import { createHash } from 'crypto';

import { Signal } from '@lumino/signaling';

import { Api, type IFileList, type Request } from '../../src/files/api';
import { RestModel, SCHEMA, type IEmission } from '../../src/files/model';
import type { IPage } from '../../src/files/uploads';
import type { IStoredFile, ITransfer } from '../../src/model';
import { english } from '../../src/panel/trans';

/** What a request is answered with instead: a status and a body, or nothing at all. */
export type Fault = { status: number; body?: object } | 'no answer';

export class FakeServer {
  readonly requests: string[] = [];
  readonly events = new Signal<this, IEmission>(this);
  /** Bytes of each upload, by the id that the server gave it. */
  readonly received = new Map<string, Uint8Array>();
  files: IStoredFile[] = [];
  transfers: ITransfer[] = [];
  now = '2026-01-01T00:00:00Z';

  /** Answer the next requests whose line begins so with faults, one each. */
  fail(line: string, ...faults: Fault[]): void {
    this._faults.push(...faults.map(fault => ({ line, fault })));
  }

  /** Hold the answers of requests whose line begins so, until the function that is returned is called. */
  hold(line: string): () => void {
    let free = () => {};
    this._held = { line, until: new Promise<void>(resolve => (free = resolve)) };
    return free;
  }

  emit(transfers: ITransfer[]): void {
    this.transfers = transfers;
    this.events.emit({ schema_id: SCHEMA, kind: 'transfers', transfers });
  }

  readonly request: Request = async (path, init) => {
    const line = `${init.method} ${path}`;
    this.requests.push(line);
    const at = this._faults.findIndex(({ line: start }) => line.startsWith(start));
    if (at >= 0) {
      const [{ fault }] = this._faults.splice(at, 1);
      if (fault === 'no answer') {
        throw new TypeError('Failed to fetch');
      }
      return new Response(JSON.stringify(fault.body ?? {}), { status: fault.status });
    }
    if (this._held && line.startsWith(this._held.line)) {
      await this._held.until;
    }
    init.signal?.throwIfAborted();
    return this._answer(line, init);
  };

  private async _answer(line: string, init: RequestInit): Promise<Response> {
    const [, method, route, id, query] = /^(\w+) (\w+)\/?([^?]*)\??(.*)$/.exec(line)!;
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    switch (`${method} ${route}`) {
      case 'GET status':
        return json({ version: '0', place: 'here', isOffline: true, problem: null, now: this.now });
      case 'GET files':
        return json(this._list());
      case 'DELETE files': {
        const names = new URLSearchParams(query).getAll('name');
        this.files = this.files.filter(file => !names.includes(file.name));
        return json({ removed: names, failed: [] });
      }
      case 'GET transfers':
        return json({ transfers: this.transfers });
      case 'POST transfers':
        return id
          ? json({ ...this.transfers.find(item => item.id === id)!, phase: `${body.action}d` })
          : json({ transfers: ['t1'] });
      case 'POST uploads': {
        const known = `id-${body.name}`;
        this.received.set(known, this.received.get(known) ?? new Uint8Array());
        return json({ id: known, offset: this.received.get(known)!.length });
      }
      case 'PUT uploads': {
        const slice = new Uint8Array(await (init.body as Blob).arrayBuffer());
        const old = this.received.get(id);
        const offset = Number(new URLSearchParams(query).get('offset'));
        if (old === undefined || offset !== old.length) {
          return old === undefined ? json({}, 404) : json(misplaced(old.length), 409);
        }
        this.received.set(id, new Uint8Array(Buffer.concat([old, slice])));
        return json({ offset: old.length + slice.length });
      }
      case 'DELETE uploads':
        this.received.delete(id);
        return new Response(null, { status: 204 });
      default:
        return new Response(null, { status: 204 });
    }
  }

  private _list(): IFileList {
    return { files: this.files, used: 0, limit: 100, now: this.now, problem: null };
  }

  private readonly _faults: { line: string; fault: Fault }[] = [];
  private _held: { line: string; until: Promise<void> } | null = null;
}

/** A page whose clock only moves when something waits, and which picks what it is told to. */
export class FakePage implements IPage {
  picked: File | null = null;
  readonly waits: number[] = [];
  readonly kept = new Map<string, string>();
  readonly storage = {
    getItem: (key: string) => this.kept.get(key) ?? null,
    setItem: (key: string, value: string) => void this.kept.set(key, value),
    removeItem: (key: string) => void this.kept.delete(key)
  };

  now(): number {
    return this._now;
  }

  async wait(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds);
    this._now += milliseconds;
  }

  async pick(): Promise<File | null> {
    return this.picked;
  }

  private _now = Date.parse('2026-01-01T00:00:00Z');
}

export const apiOf = (server: FakeServer): Api => new Api(server.request, english);

export const modelOf = (server: FakeServer, page: FakePage): RestModel =>
  new RestModel({ api: apiOf(server), events: server.events, page, trans: english });

/** Bytes that tell where they are. */
export function content(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 255);
}

/** The sum of bytes: comparing them one by one takes jest minutes. */
export const sumOf = (bytes: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

export const fileOf = (name: string, size: number): File =>
  new File([content(size)], name, { lastModified: 1, type: 'text/plain' });

export function storedFile(name: string, more: Partial<IStoredFile> = {}): IStoredFile {
  return {
    ...{ name, uri: `https://service.test/${name}`, label: name, mimeType: 'text/plain', size: 1 },
    ...{
      state: 'ACTIVE',
      error: '',
      created: '',
      expires: '',
      variable: '',
      suggestion: '',
      isRenewable: false
    },
    ...more
  };
}

export function transfer(id: string, more: Partial<ITransfer> = {}): ITransfer {
  return {
    ...{ id, label: `${id}.txt`, size: 100, sent: 50, phase: 'uploading', rate: null, eta: null },
    ...{ note: '', hint: '', variable: '', file: '', actions: ['pause', 'cancel'] },
    ...more
  };
}

/** Let all that is under way go on until a condition holds. */
export async function until(isThere: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (isThere()) {
      return;
    }
    await new Promise(resolve => setImmediate(resolve));
  }
  throw new Error('it never came');
}

const json = (body: object, status = 200): Response => new Response(JSON.stringify(body), { status });

/** Says where an upload stands. */
export const misplaced = (offset: number) => ({
  kind: 'other',
  message: 'It stands elsewhere.',
  hint: '',
  offset
});
