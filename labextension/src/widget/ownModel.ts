/** The same files, but only the transfers that were begun here: a button of a form tells of no others. */

import type { Action, ISnapshot, IUploads } from '../model';
import type { RestModel } from '../files/model';
import { kept } from '../files/sameness';

export class OwnModel implements IUploads {
  constructor(private readonly _all: RestModel) {
    _all.begun.connect((_, id) => void this._own.add(id));
  }

  get snapshot(): ISnapshot {
    const all = this._all.snapshot;
    if (all !== this._seen) {
      this._seen = all;
      const transfers = all.transfers.filter(item => this._own.has(item.id));
      this._snapshot = {
        ...all,
        transfers: kept(this._snapshot?.transfers ?? [], transfers, item => item.id)
      };
    }
    return this._snapshot!;
  }

  subscribe(listener: () => void): () => void {
    return this._all.subscribe(listener);
  }

  upload(files: readonly File[]): void {
    this._all.upload(files);
  }

  act(transfer: string, action: Action): Promise<void> {
    return this._all.act(transfer, action);
  }

  private readonly _own = new Set<string>();
  private _seen: ISnapshot | null = null;
  private _snapshot: ISnapshot | null = null;
}
