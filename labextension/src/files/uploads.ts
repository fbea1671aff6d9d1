/**
 * Files of this browser that go to the Jupyter server, as rows of the panel.
 *
 * The server knows a file again by name, size and date, so an upload that stopped (a reload, a lost connection)
 * goes on where it was once the same file is picked again.
 */

import type { Action, ITransfer, Phase } from '../model';
import type { ITrans } from '../panel/trans';
import { ApiError, type Api, type IFingerprint } from './api';
import { Pace } from './pace';
import { FileGone, fingerprint, sendFile } from './sending';

/** Slices of all files together that may be under way. */
const SLICES_AT_ONCE = 2;
/** A bar moves no more often. */
const MOVE_MS = 100;
const STORAGE_KEY = 'gemfiles-jupyter:uploads';

/** What the uploads need of the page. */
export interface IPage {
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Ask the user for a file; null for none. */
  pick(): Promise<File | null>;
  /** Outlives a reload of this tab. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

interface IUpload extends IFingerprint {
  /** The server's, once it knows the file: the transfer goes on under it. */
  id: string;
  /** Null after a reload, until the same file is picked again. */
  file: File | null;
  phase: Phase;
  sent: number;
  note: string;
  hint: string;
  pace: Pace;
  /** Stops what runs; null while nothing does. */
  stop: AbortController | null;
}

const ACTIONS: Partial<Record<Phase, readonly Action[]>> = {
  queued: ['pause', 'cancel'],
  receiving: ['pause', 'cancel'],
  retrying: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  failed: ['retry', 'cancel']
};

export class BrowserUploads {
  /**
   * @param changed - called whenever there is something new to show
   * @param begun - called with each id that an upload gets
   * @param received - called when the server has all of a file, before its row goes; never rejects
   */
  constructor(
    private readonly _api: Api,
    private readonly _page: IPage,
    private readonly _trans: ITrans,
    private readonly _changed: () => void,
    private readonly _begun: (id: string) => void,
    private readonly _received: () => Promise<void>
  ) {
    this._uploads = this._remembered();
  }

  /** Newest first. */
  get transfers(): ITransfer[] {
    return this._uploads.map(upload => this._row(upload)).reverse();
  }

  add(files: readonly File[]): void {
    for (const file of files) {
      const known = this._uploads.find(upload => isSame(upload, file));
      const upload = known ?? newUpload(fingerprint(file, ''), file);
      if (known) {
        this._goOn(known, file);
      } else {
        this._uploads.push(upload);
      }
      this._begun(upload.id);
    }
    this._next();
  }

  /** Do what the user asks for; false for a transfer that is not of this browser. */
  async act(id: string, action: Action): Promise<boolean> {
    const upload = this._uploads.find(item => item.id === id);
    if (!upload) {
      return false;
    }
    switch (action) {
      case 'pause':
        this._halt(upload);
        upload.phase = 'paused';
        break;
      case 'cancel':
        this._halt(upload);
        this._forget(upload);
        await this._discard(upload);
        break;
      default:
        await this._resume(upload);
    }
    this._next();
    return true;
  }

  /** Forget what was on its way when the page was reloaded, and got through all the same. */
  settle(arrived: ReadonlySet<string>): void {
    const left = this._uploads.filter(upload => upload.file || !arrived.has(upload.id));
    if (left.length < this._uploads.length) {
      this._uploads = left;
      this._tell();
    }
  }

  /** Take what failed off the list. */
  clearEnded(): void {
    this._uploads = this._uploads.filter(upload => upload.phase !== 'failed');
    this._next();
  }

  /** Stop all of it; the server keeps what it has. */
  dispose(): void {
    this._uploads.forEach(upload => this._halt(upload));
  }

  private async _resume(upload: IUpload): Promise<void> {
    const file = upload.file ?? (await this._page.pick());
    if (!file) {
      return;
    }
    if (isSame(upload, file)) {
      this._goOn(upload, file);
    } else {
      upload.note = this._trans.__('That was another file, or it has changed since.');
      upload.hint = this._trans.__('Pick "%1" as it was, or cancel this upload.', upload.name);
    }
  }

  private _goOn(upload: IUpload, file: File): void {
    upload.file = file;
    if (upload.phase === 'paused' || upload.phase === 'failed') {
      Object.assign(upload, { phase: 'queued', note: '', hint: '' });
    }
  }

  private _halt(upload: IUpload): void {
    upload.stop?.abort();
    upload.stop = null;
  }

  private _forget(upload: IUpload): void {
    this._uploads = this._uploads.filter(item => item !== upload);
    this._tell();
  }

  private async _discard(upload: IUpload): Promise<void> {
    if (upload.sent > 0) {
      const { name, size, lastModified, mimeType, variable } = upload;
      const { id } = await this._api.openUpload({ name, size, lastModified, mimeType, variable });
      await this._api.discardUpload(id);
    }
  }

  /** Start what may start. */
  private _next(): void {
    for (const upload of this._uploads) {
      const running = this._uploads.filter(item => item.stop).length;
      if (upload.phase === 'queued' && upload.file && running * this._api.slicesAtOnce < SLICES_AT_ONCE) {
        upload.phase = 'receiving';
        upload.pace = new Pace();
        upload.stop = new AbortController();
        void this._run(upload, upload.file, upload.stop.signal);
      }
    }
    this._tell();
  }

  private async _run(upload: IUpload, file: File, signal: AbortSignal): Promise<void> {
    try {
      await sendFile(file, upload.variable, {
        ...{ api: this._api, signal },
        now: () => this._page.now(),
        wait: (milliseconds, stop) => this._page.wait(milliseconds, stop),
        opened: id => {
          upload.id = id;
          this._begun(id);
        },
        reached: offset => {
          Object.assign(upload, { sent: offset, phase: 'receiving', note: '', hint: '' });
          const now = this._page.now();
          upload.pace.note(offset, now);
          this._remember();
          if (Math.abs(now - this._lastMove) > MOVE_MS) {
            this._lastMove = now; // drawing each slice of a fast link would hold the next one up
            this._changed();
          }
        },
        waiting: ({ summary, hint }) => {
          Object.assign(upload, { phase: 'retrying', note: summary, hint });
          this._tell();
        }
      });
      await this._received();
      this._forget(upload);
    } catch (reason) {
      if (!signal.aborted) {
        this._fail(upload, reason);
      }
    }
    if (!signal.aborted) {
      upload.stop = null;
      this._next();
    }
  }

  private _fail(upload: IUpload, reason: unknown): void {
    upload.phase = 'failed';
    if (reason instanceof FileGone) {
      upload.file = null;
      upload.note = this._trans.__('The browser can no longer read the file.');
      upload.hint = this._trans.__('Was it moved or changed? Pick it again.');
    } else if (reason instanceof ApiError) {
      upload.note = reason.summary;
      upload.hint = reason.hint;
    } else {
      upload.note = String(reason);
    }
  }

  private _row(upload: IUpload): ITransfer {
    const { id, name, size, sent, phase, note, hint, variable } = upload;
    const rate = phase === 'receiving' ? upload.pace.rate : null;
    const eta = rate && (size - sent) / rate;
    const actions = ACTIONS[phase] ?? [];
    return { id, label: name, size, sent, phase, rate, eta, note, hint, variable, file: '', actions };
  }

  private _tell(): void {
    this._remember();
    this._changed();
  }

  private _remember(): void {
    const rows = this._uploads.map(({ id, name, size, lastModified, mimeType, variable, sent }) => {
      return { id, name, size, lastModified, mimeType, variable, sent };
    });
    if (rows.length > 0) {
      this._page.storage.setItem(STORAGE_KEY, JSON.stringify(rows));
    } else {
      this._page.storage.removeItem(STORAGE_KEY);
    }
  }

  private _remembered(): IUpload[] {
    const rows = JSON.parse(this._page.storage.getItem(STORAGE_KEY) ?? '[]') as (IFingerprint &
      Pick<IUpload, 'id' | 'sent'>)[];
    return rows.map(row => ({
      ...newUpload(row, null),
      id: row.id,
      sent: row.sent,
      phase: 'paused',
      note: this._trans.__('The page was reloaded.'),
      hint: this._trans.__('Pick or drop the same file again: it goes on where it stopped.')
    }));
  }

  private _uploads: IUpload[];
  private _lastMove = -Infinity;
}

let count = 0;

function newUpload(known: IFingerprint, file: File | null): IUpload {
  const { name, size, lastModified, mimeType, variable } = known;
  return {
    ...{ name, size, lastModified, mimeType, variable, file },
    id: `browser:${(count += 1)}`,
    phase: 'queued',
    sent: 0,
    note: '',
    hint: '',
    pace: new Pace(),
    stop: null
  };
}

const isSame = (upload: IFingerprint, file: File): boolean =>
  upload.name === file.name && upload.size === file.size && upload.lastModified === file.lastModified;
