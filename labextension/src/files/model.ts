/** The files as the Jupyter server or a kernel knows them: REST for what is asked, events for what happens, a poll as fallback. */

import { Poll } from '@lumino/polling';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Action, IFilesModel, IProblem, ISnapshot, ITransfer } from '../model';
import type { ITrans } from '../panel/trans';
import { isOver } from '../panel/transferWords';
import { ApiError, type Api, type IFileList, type IStatus } from './api';
import { isEqual, kept } from './sameness';
import { BrowserUploads, type IPage } from './uploads';

export const SCHEMA = 'https://gemfiles-jupyter.readthedocs.io/events/state/v1';
/** Names in one request: they travel in its address. */
const NAMES_AT_ONCE = 100;
const LOOK_MS = 3_000;
const IDLE_MS = 30_000;
const SKEW_MS = 500;

/** What comes through the Jupyter server's event stream, ours among others'. */
export interface IEmission {
  readonly schema_id: string;
  readonly [key: string]: unknown;
}

/** A kernel answers only between cells. */
export interface IKernelState {
  readonly isBusy: boolean;
  readonly busyChanged: ISignal<unknown, boolean>;
}

export interface IRestModelOptions {
  readonly api: Api;
  readonly events: ISignal<unknown, IEmission>;
  /** Where the other side is a kernel. */
  readonly kernel?: IKernelState;
  readonly page: IPage;
  readonly trans: ITrans;
}

export class RestModel implements IFilesModel, IDisposable {
  constructor(options: IRestModelOptions) {
    this._api = options.api;
    this._page = options.page;
    this._trans = options.trans;
    this._events = options.events;
    this._kernel = options.kernel;
    this._uploads = new BrowserUploads(
      options.api,
      options.page,
      options.trans,
      () => this._change(),
      id => this._begun.emit(id),
      () => this._fetchTransfers().catch(() => undefined)
    );
    this._snapshot = this._compose();
    this._events.connect(this._onEvent, this);
    this._kernel?.busyChanged.connect(this._change, this);
    this._poll = new Poll({
      name: 'gemfiles-jupyter:model',
      factory: () => this._look(),
      frequency: { interval: LOOK_MS, backoff: true, max: IDLE_MS },
      standby: 'when-hidden'
    });
  }

  get snapshot(): ISnapshot {
    return this._snapshot;
  }

  /** A transfer was begun here, rather than by a cell or the command line; the argument is its id. */
  get begun(): ISignal<this, string> {
    return this._begun;
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    this._poll.dispose();
    this._uploads.dispose();
    Signal.clearData(this);
  }

  subscribe(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  /** Ask for all of it again; what goes wrong becomes the snapshot's problem. */
  async refresh(): Promise<void> {
    await this._fetchAll().catch(() => undefined);
  }

  upload(files: readonly File[]): void {
    this._uploads.add(files);
  }

  async uploadPaths(paths: readonly string[], variable = ''): Promise<void> {
    const ids = await this._api.uploadPaths(paths, variable);
    ids.forEach(id => this._begun.emit(id));
    await this._fetchTransfers();
  }

  async act(transfer: string, action: Action): Promise<void> {
    if (await this._uploads.act(transfer, action)) {
      return;
    }
    const changed = await this._api.act(transfer, action);
    this._transfers = this._transfers.map(item => (item.id === changed.id ? changed : item));
    this._change();
  }

  clearEnded(): void {
    this._uploads.clearEnded();
    this._transfers = this._transfers.filter(item => !isOver(item));
    this._change();
    this._report(this._api.clearEnded());
  }

  async remove(names: readonly string[]): Promise<void> {
    const failed: string[] = [];
    for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
      const result = await this._api.remove(names.slice(start, start + NAMES_AT_ONCE));
      const removed = new Set(result.removed);
      this._files = this._files && {
        ...this._files,
        files: this._files.files.filter(file => !removed.has(file.name))
      };
      this._change();
      failed.push(...result.failed.map(({ name, message, hint }) => `${name}: ${message} ${hint}`.trim()));
    }
    await this._fetchFiles();
    if (failed.length > 0) {
      const text = this._trans._n(
        '%1 file was not deleted: %2',
        '%1 files were not deleted: %2',
        failed.length,
        failed[0]
      );
      throw new Error(text);
    }
  }

  async renew(name: string): Promise<void> {
    this._begun.emit(await this._api.renew(name));
    await this._fetchTransfers();
  }

  code(names: readonly string[]): Promise<string> {
    return this._api.code(names);
  }

  /** Return names for variables that are to hold files of these paths. */
  names(paths: readonly string[]): Promise<readonly string[]> {
    return this._api.names(paths);
  }

  async setVariable(name: string, variable: string): Promise<void> {
    const changed = await this._api.setVariable(name, variable);
    this._files = this._files && {
      ...this._files,
      files: this._files.files.map(file => (file.name === changed.name ? changed : file))
    };
    this._change();
  }

  /** Look whether all is as shown: now and then, and often where no event comes through though there should. */
  private async _look(): Promise<void> {
    const now = this._page.now();
    const isSilent = now - this._lastEvent > IDLE_MS;
    const isBusy = this._transfers.some(item => !isOver(item) && item.phase !== 'paused');
    if (this._problem || now - this._lastLook > IDLE_MS || (isSilent && isBusy)) {
      await this._fetchAll();
    }
  }

  private async _fetchAll(): Promise<void> {
    this._lastLook = this._page.now();
    try {
      const [status] = await Promise.all([this._api.status(), this._fetchFiles(), this._fetchTransfers()]);
      this._status = status;
      this._problem = null;
    } catch (reason) {
      this._problem = problemOf(reason);
      throw reason;
    } finally {
      this._isLoading = false;
      this._change();
    }
  }

  private _onEvent(_: unknown, emission: IEmission): void {
    if (emission.schema_id !== SCHEMA) {
      return;
    }
    this._lastEvent = this._page.now();
    if (emission.kind === 'transfers') {
      this._eventCount += 1;
      this._setTransfers(emission.transfers as readonly ITransfer[]);
    } else if (emission.kind === 'files') {
      this._report(this._fetchFiles());
    }
  }

  private async _fetchTransfers(): Promise<void> {
    const events = this._eventCount;
    const transfers = await this._api.transfers();
    if (events === this._eventCount) {
      this._setTransfers(transfers); // else an event has said something newer
    }
  }

  private _setTransfers(transfers: readonly ITransfer[]): void {
    this._transfers = transfers;
    this._uploads.settle(new Set(transfers.map(item => item.id)));
    this._change();
  }

  /** One request at a time; whoever asks while it runs gets the answer of the next one. */
  private _fetchFiles(): Promise<void> {
    this._nextFetch ??= this._fetch
      .catch(() => undefined)
      .then(() => {
        this._nextFetch = null;
        return (this._fetch = this._loadFiles());
      });
    return this._nextFetch;
  }

  private async _loadFiles(): Promise<void> {
    const asked = this._page.now();
    const list = await this._api.files();
    // The service looked at its clock about half way; what the network adds to that is no news.
    const skew = Date.parse(list.now) - (asked + this._page.now()) / 2;
    this._skew = Math.abs(skew - this._skew) > SKEW_MS ? skew : this._skew;
    this._files = { ...list, files: kept(this._files?.files ?? [], list.files, file => file.name) };
    this._change();
  }

  private _report(request: Promise<unknown>): void {
    request.catch(reason => {
      this._problem = problemOf(reason);
      this._change();
    });
  }

  private _change(): void {
    const next = this._compose();
    if (!isEqual(next, this._snapshot)) {
      this._snapshot = next;
      this._listeners.forEach(listener => listener());
    }
  }

  private _compose(): ISnapshot {
    const { files, used, limit } = this._files ?? NOTHING;
    const known = new Set(this._transfers.map(item => item.id));
    const isBusy = this._kernel?.isBusy ?? false;
    const uploads = this._uploads.transfers
      .filter(item => !known.has(item.id))
      .map(item => (isBusy && item.phase === 'receiving' ? waiting(item) : item));
    return {
      isLoading: this._isLoading,
      isBusy,
      isOffline: this._status?.isOffline ?? false,
      place: this._status?.place ?? '',
      problem: this._problem ?? this._status?.problem ?? this._files?.problem ?? null,
      files,
      transfers: kept(this._snapshot.transfers, [...uploads, ...this._transfers], item => item.id),
      used,
      limit,
      clockSkew: this._skew
    };
  }

  private readonly _api: Api;
  private readonly _page: IPage;
  private readonly _trans: ITrans;
  private readonly _events: ISignal<unknown, IEmission>;
  private readonly _kernel: IKernelState | undefined;
  private readonly _uploads: BrowserUploads;
  private readonly _poll: Poll;
  private readonly _listeners = new Set<() => void>();
  private readonly _begun = new Signal<this, string>(this);
  private _status: IStatus | null = null;
  private _files: IFileList | null = null;
  private _transfers: readonly ITransfer[] = [];
  private _problem: IProblem | null = null;
  private _snapshot: ISnapshot = NOTHING;
  private _fetch: Promise<void> = Promise.resolve();
  private _nextFetch: Promise<void> | null = null;
  private _isLoading = true;
  private _lastEvent = -Infinity;
  private _eventCount = 0;
  private _lastLook = -Infinity;
  private _skew = 0;
}

const NOTHING: ISnapshot = {
  isLoading: true,
  isBusy: false,
  isOffline: false,
  place: '',
  problem: null,
  files: [],
  transfers: [],
  used: 0,
  limit: 0,
  clockSkew: 0
};

const waiting = (transfer: ITransfer): ITransfer => ({
  ...transfer,
  phase: 'waiting',
  rate: null,
  eta: null
});

function problemOf(reason: unknown): IProblem {
  return reason instanceof ApiError ? reason.problem : { kind: 'other', message: String(reason), hint: '' };
}
