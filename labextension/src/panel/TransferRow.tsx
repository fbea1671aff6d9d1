/** One transfer: what, how much, how far, and what can be done with it. */

import { memo, useRef } from 'react';
import type { JSX } from 'react';
import type { Action, ITransfer } from '../model';
import { IconButton, ProgressBar } from './controls';
import { useNow } from './hooks';
import { Icon } from './icons';
import type { IconName } from './icons';
import { Label } from './Label';
import { plainText } from './plainText';
import { sizeText } from './quantities';
import { useSurroundings } from './surroundings';
import { isMoving, phaseText, shareOf } from './transferWords';
import { useTrans } from './trans';

const MARKS: Partial<Record<ITransfer['phase'], IconName>> = {
  done: 'check',
  failed: 'cross',
  cancelled: 'cross',
  paused: 'pause'
};

/** The order of the buttons, so that one more or less moves no other under the pointer. */
const ORDER: readonly Action[] = ['retry', 'resume', 'pause', 'cancel'];

export const TransferRow = memo(function TransferRow({ transfer }: { transfer: ITransfer }): JSX.Element {
  const trans = useTrans();
  const { model, attempt } = useSurroundings();
  const seconds = usePhaseSeconds(transfer);
  const label = plainText(transfer.label);
  const share = shareOf(transfer.sent, transfer.size);
  const hasBar = isMoving(transfer) || transfer.phase === 'paused';
  const names: Record<Action, string> = {
    retry: trans.__('Retry %1', label),
    resume: trans.__('Resume %1', label),
    pause: trans.__('Pause %1', label),
    cancel: trans.__('Cancel %1', label)
  };
  const words = plainText(phaseText(transfer, seconds, trans));
  const hasNote = transfer.phase === 'failed' || transfer.phase === 'paused';
  return (
    <li className={`jp-gemfiles-Transfer${hasBar ? '' : ' jp-mod-still'}`} data-phase={transfer.phase}>
      <span className="jp-gemfiles-Transfer-mark">
        <Icon name={MARKS[transfer.phase] ?? 'upload'} />
      </span>
      <Label text={transfer.label} />
      <span className="jp-gemfiles-Transfer-size">{sizeText(transfer.size)}</span>
      {hasBar && <ProgressBar label={label} share={share} isStill={transfer.phase === 'paused'} />}
      <span className="jp-gemfiles-Transfer-words" title={words}>
        {words}
      </span>
      <span className="jp-gemfiles-Transfer-actions">
        {ORDER.filter(action => transfer.actions.includes(action)).map(action => (
          <IconButton
            key={action}
            icon={action}
            label={names[action]}
            onClick={() => attempt(model.act(transfer.id, action))}
          />
        ))}
      </span>
      {hasNote && transfer.note && (
        <div className="jp-gemfiles-Transfer-note">
          {plainText(transfer.note)}
          {transfer.hint && <div className="jp-gemfiles-Transfer-hint">{plainText(transfer.hint)}</div>}
        </div>
      )}
    </li>
  );
});

/** How long it has been in its phase, running on; null where its beginning was not seen here. */
function usePhaseSeconds({ phase }: ITransfer): number | null {
  const now = useNow(1000, phase === 'processing');
  const seen = useRef<{ phase: ITransfer['phase']; at: number | null }>({ phase, at: null });
  if (seen.current.phase !== phase) {
    seen.current = { phase, at: Date.now() };
  }
  const { at } = seen.current;
  return at === null ? null : Math.max(0, now - at) / 1000;
}
