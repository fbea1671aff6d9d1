/** Transfers that the user began here, told of as one. */

import type { ITransfer } from '../model';
import { batchText, isOver, shareOf, totals } from '../panel/transferWords';
import type { ITrans } from '../panel/trans';

export interface IBatchReport {
  readonly type: 'in-progress' | 'success' | 'warning' | 'error';
  readonly message: string;
  /** 0 to 1. */
  readonly progress: number;
}

/** From the first transfer that begins while nothing is under way, to the end of the last. */
export class Batch {
  add(id: string): void {
    this._ids.add(id);
  }

  /** Say where it stands; null when there is nothing to say. */
  report(transfers: readonly ITransfer[], trans: ITrans): IBatchReport | null {
    const ours = transfers.filter(item => this._ids.has(item.id) && item.phase !== 'cancelled');
    if (ours.length === 0) {
      return null;
    }
    const { sent, size } = totals(ours);
    const failed = ours.filter(item => item.phase === 'failed');
    if (!ours.every(isOver)) {
      const message =
        ours.length === 1 ? trans.__('Uploading %1 to Gemini', ours[0].label) : batchText(ours, trans);
      return { type: 'in-progress', message, progress: shareOf(sent, size) };
    }
    if (failed.length > 0) {
      const first = [`${failed[0].label}:`, failed[0].note, failed[0].hint].filter(Boolean).join(' ');
      const message =
        ours.length === 1 ? first : trans.__('%1 of %2 files failed. %3', failed.length, ours.length, first);
      return { type: failed.length === ours.length ? 'error' : 'warning', message, progress: 1 };
    }
    const message =
      ours.length === 1
        ? trans.__('%1 is ready for prompts', ours[0].label)
        : trans.__('%1 files are ready for prompts', ours.length);
    return { type: 'success', message, progress: 1 };
  }

  private readonly _ids = new Set<string>();
}
