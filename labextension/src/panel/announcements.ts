/** What a screen reader is told of transfers: when one starts and how it ends, not each percent. */

import { useEffect, useRef } from 'react';
import type { ISnapshot, ITransfer } from '../model';
import { plainText } from './plainText';
import { isOver } from './transferWords';
import type { ITrans } from './trans';

/** More at once than this are counted, not named. */
const MOST_NAMED = 3;

export function useAnnouncements(snapshot: ISnapshot, say: (text: string) => void, trans: ITrans): void {
  const before = useRef<ISnapshot | null>(null);
  useEffect(() => {
    const old = before.current;
    before.current = snapshot;
    if (old !== null && !old.isLoading) {
      changes(old, snapshot, trans).forEach(say);
    }
  }, [snapshot, say, trans]);
}

/** Say what has changed between two snapshots and is worth an interruption. */
export function changes(old: ISnapshot, now: ISnapshot, trans: ITrans): string[] {
  const known = new Map(old.transfers.map(transfer => [transfer.id, transfer]));
  const hasBecome = (transfer: ITransfer, phase: ITransfer['phase']) =>
    transfer.phase === phase && known.get(transfer.id)?.phase !== phase;
  const present = new Set(now.transfers.map(transfer => transfer.id));
  // One that goes on under the other side's id has not just started.
  const renamed = new Set(old.transfers.filter(item => !present.has(item.id)).map(item => item.label));
  const started = now.transfers.filter(
    item => !known.has(item.id) && !isOver(item) && !renamed.has(item.label)
  );
  const done = now.transfers.filter(item => hasBecome(item, 'done'));
  const failed = now.transfers.filter(item => hasBecome(item, 'failed'));
  const label = (item: ITransfer) => plainText(item.label);
  const texts = [
    ...named(
      started,
      item => trans.__('uploading %1', label(item)),
      n => trans.__('uploading %1 files', n)
    ),
    ...named(
      done,
      item => trans.__('%1 is there', label(item)),
      n => trans.__('%1 uploads done', n)
    ),
    ...named(
      failed,
      item => trans.__('%1 failed: %2', label(item), plainText(item.note)),
      n => trans.__('%1 uploads failed', n)
    )
  ];
  if (now.problem && now.problem.message !== old.problem?.message) {
    texts.push(plainText(`${now.problem.message} ${now.problem.hint}`));
  }
  if (now.isBusy && !old.isBusy) {
    texts.push(trans.__('the kernel is busy'));
  }
  return texts;
}

function named(
  items: readonly ITransfer[],
  one: (item: ITransfer) => string,
  many: (count: number) => string
): string[] {
  return items.length > MOST_NAMED ? [many(items.length)] : items.map(one);
}
