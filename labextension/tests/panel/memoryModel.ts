/** A model that lives in memory: for tests, and for looking at the panel without a server. */

import type { Action, FileState, IFilesModel, ISnapshot, IStoredFile, ITransfer } from '../../src/model';

const HOUR = 3_600_000;
/** One for all: files made one after the other are of the same age, and keep the order of their names. */
const NOW = Date.now();

/** Something to begin with: nothing there, on the offline server. */
export const EMPTY: ISnapshot = {
  isLoading: false,
  isBusy: false,
  isOffline: true,
  place: 'offline server',
  problem: null,
  files: [],
  transfers: [],
  used: 0,
  limit: 20 * 1024 ** 3,
  clockSkew: 0
};

/** Records what it is asked to do, and does it at once. */
export class MemoryModel implements IFilesModel {
  readonly calls: string[] = [];
  /** What the next request fails with. */
  fault: string = '';

  constructor(snapshot: Partial<ISnapshot> = {}) {
    this._snapshot = { ...EMPTY, ...snapshot };
  }

  get snapshot(): ISnapshot {
    return this._snapshot;
  }

  subscribe(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  set(change: Partial<ISnapshot>): void {
    this._snapshot = { ...this._snapshot, ...change };
    this._listeners.forEach(listener => listener());
  }

  /** Change one transfer, as progress does. */
  move(id: string, change: Partial<ITransfer>): void {
    this.set({
      transfers: this._snapshot.transfers.map(item => (item.id === id ? { ...item, ...change } : item))
    });
  }

  async refresh(): Promise<void> {
    this._ask('refresh');
  }

  upload(files: readonly File[]): void {
    this._ask(`upload ${files.map(file => file.name).join(' ')}`);
    const added = files.map(file =>
      makeTransfer({ id: `t${this._count++}`, label: file.name, size: file.size, phase: 'receiving' })
    );
    this.set({ transfers: [...added, ...this._snapshot.transfers] });
  }

  async act(transfer: string, action: Action): Promise<void> {
    this._ask(`${action} ${transfer}`);
  }

  clearEnded(): void {
    this._ask('clearEnded');
    const ended = ['done', 'failed', 'cancelled'];
    this.set({ transfers: this._snapshot.transfers.filter(item => !ended.includes(item.phase)) });
  }

  async remove(names: readonly string[]): Promise<void> {
    this._ask(`remove ${names.join(' ')}`);
    const gone = new Set(names);
    this.set({ files: this._snapshot.files.filter(file => !gone.has(file.name)) });
  }

  async renew(name: string): Promise<void> {
    this._ask(`renew ${name}`);
  }

  async code(names: readonly string[]): Promise<string> {
    this._ask(`code ${names.join(' ')}`);
    return '# google-genai';
  }

  async setVariable(name: string, variable: string): Promise<void> {
    this._ask(`setVariable ${name} ${variable}`);
    this.set({
      files: this._snapshot.files.map(file => (file.name === name ? { ...file, variable } : file))
    });
  }

  private _ask(call: string): void {
    this.calls.push(call);
    if (this.fault) {
      const message = this.fault;
      this.fault = '';
      throw new Error(message);
    }
  }

  private _snapshot: ISnapshot;
  private _listeners = new Set<() => void>();
  private _count = 1;
}

export function makeFile(change: Partial<IStoredFile> = {}): IStoredFile {
  const name = change.name ?? 'files/ab12cd';
  return {
    name,
    uri: `https://example.invalid/v1beta/${name}`,
    label: 'lecture.mp4',
    mimeType: 'video/mp4',
    size: 412_000_000,
    state: 'ACTIVE',
    error: '',
    created: new Date(NOW - 17 * HOUR).toISOString(),
    expires: new Date(NOW + 31 * HOUR).toISOString(),
    variable: '',
    suggestion: 'lecture',
    isRenewable: true,
    ...change
  };
}

export function makeTransfer(change: Partial<ITransfer> = {}): ITransfer {
  return {
    id: 't0',
    label: 'lecture.mp4',
    size: 412_000_000,
    sent: 0,
    phase: 'uploading',
    rate: null,
    eta: null,
    note: '',
    hint: '',
    variable: '',
    file: '',
    actions: ['pause', 'cancel'],
    ...change
  };
}

const TYPES = [
  ['mp4', 'video/mp4'],
  ['wav', 'audio/wav'],
  ['png', 'image/png'],
  ['pdf', 'application/pdf'],
  ['csv', 'text/csv'],
  ['bin', 'application/octet-stream']
];

/** As many files as wanted, the same ones each time, of all types and ages. */
export function manyFiles(count: number): IStoredFile[] {
  return Array.from({ length: count }, (_, index) => {
    const [ending, mimeType] = TYPES[index % TYPES.length];
    const ageHours = ((index * 7919) % 4800) / 100;
    const states: FileState[] = ['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'PROCESSING'];
    return makeFile({
      name: `files/f${index}`,
      label: `sample-${index}.${ending}`,
      mimeType,
      size: (index * 104_729) % 800_000_000,
      state: states[index % states.length],
      created: new Date(NOW - ageHours * HOUR).toISOString(),
      expires: new Date(NOW + (48 - ageHours) * HOUR).toISOString(),
      variable: index % 5 === 0 ? `sample_${index}` : ''
    });
  });
}
