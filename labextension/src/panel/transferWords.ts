/** What is said of transfers, one and many. */

import type { ITransfer, Phase } from '../model';
import { clockText, rateText, shareText, sizeText } from './quantities';
import type { ITrans } from './trans';

const OVER: ReadonlySet<Phase> = new Set(['done', 'failed', 'cancelled']);
const MOVING: ReadonlySet<Phase> = new Set(['receiving', 'uploading', 'retrying']);

export const isOver = (transfer: ITransfer): boolean => OVER.has(transfer.phase);

/** Bytes are on their way: a bar says more than words. */
export const isMoving = (transfer: ITransfer): boolean => MOVING.has(transfer.phase);

export const shareOf = (sent: number, size: number): number => (size > 0 ? Math.min(1, sent / size) : 1);

/** Say where a transfer stands; `phaseSeconds` is how long it has stood there, if that is known. */
export function phaseText(transfer: ITransfer, phaseSeconds: number | null, trans: ITrans): string {
  const share = shareText(shareOf(transfer.sent, transfer.size));
  switch (transfer.phase) {
    case 'receiving':
      return joined(trans.__('receiving'), share, paceText(transfer, trans));
    case 'uploading':
      return joined(share, paceText(transfer, trans));
    case 'retrying':
      return joined(share, transfer.note ? trans.__('retrying: %1', transfer.note) : trans.__('retrying'));
    case 'waiting':
      return trans.__('waiting for the kernel');
    case 'queued':
      return trans.__('waiting');
    case 'checking':
      return transfer.note || trans.__('checking');
    case 'processing':
      return trans.__('uploaded, processing %1', clockText(phaseSeconds)).trim();
    case 'paused':
      return trans.__('stopped at %1', share);
    case 'done':
      return joined(transfer.variable && `→ ${transfer.variable}`, transfer.file);
    case 'failed':
      return transfer.file ? trans.__("arrived, but can't be used") : trans.__('did not arrive');
    case 'cancelled':
      return trans.__('cancelled');
  }
}

/** Say where many stand, in one line: `12 files · 9 done · 2 uploading · 341 MB of 512 MB · 0:20 left`. */
export function batchText(transfers: readonly ITransfer[], trans: ITrans): string {
  const count = (...phases: Phase[]) => transfers.filter(item => phases.includes(item.phase)).length;
  const some = (number: number, text: string) => (number > 0 ? text : '');
  const [done, moving, processing] = [count('done'), count(...MOVING), count('processing')];
  const [paused, failed] = [count('paused'), count('failed')];
  const { sent, size, rate } = totals(transfers);
  const isEnded = transfers.every(isOver);
  return joined(
    trans._n('%1 file', '%1 files', transfers.length),
    some(done, trans.__('%1 done', done)),
    some(moving, trans.__('%1 uploading', moving)),
    some(processing, trans.__('%1 processing', processing)),
    some(paused, trans.__('%1 stopped', paused)),
    some(failed, trans.__('%1 failed', failed)),
    isEnded ? sizeText(size) : trans.__('%1 of %2', sizeText(sent), sizeText(size)),
    rate > 0 && !isEnded ? trans.__('%1 left', clockText((size - sent) / rate)) : ''
  );
}

/** Bytes there, bytes in all and bytes a second; what was cancelled or has failed does not count. */
export function totals(transfers: readonly ITransfer[]): { sent: number; size: number; rate: number } {
  const total = { sent: 0, size: 0, rate: 0 };
  for (const transfer of transfers) {
    if (transfer.phase === 'cancelled' || transfer.phase === 'failed') {
      continue;
    }
    total.sent += transfer.phase === 'done' ? transfer.size : transfer.sent;
    total.size += transfer.size;
    total.rate += isMoving(transfer) ? (transfer.rate ?? 0) : 0;
  }
  return total;
}

function paceText(transfer: ITransfer, trans: ITrans): string {
  const left = transfer.eta === null ? '' : trans.__('%1 left', clockText(transfer.eta));
  return joined(rateText(transfer.rate), left);
}

const joined = (...facts: string[]): string => facts.filter(Boolean).join(' · ');
