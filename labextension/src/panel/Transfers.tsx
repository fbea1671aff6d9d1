/** What is on its way, and what has lately arrived or not. */

import { useId, useState } from 'react';
import type { JSX } from 'react';
import type { Action, ITransfer } from '../model';
import { IconButton } from './controls';
import { useSurroundings } from './surroundings';
import { TransferRow } from './TransferRow';
import { batchText, isMoving, isOver } from './transferWords';
import { useTrans } from './trans';

/** As many rows move at once, as in a cell's output; the others are a click away. */
const LIVE_ROWS = 8;

export function Transfers({ transfers }: { transfers: readonly ITransfer[] }): JSX.Element | null {
  const trans = useTrans();
  const id = useId();
  const { model, attempt } = useSurroundings();
  const [isWhole, setWhole] = useState(false);
  if (transfers.length === 0) {
    return null;
  }
  const shown = isWhole ? transfers : foremost(transfers);
  const hidden = transfers.length - shown.length;
  const able = (action: Action) => transfers.filter(transfer => transfer.actions.includes(action));
  const toAll = (action: Action) =>
    attempt(Promise.all(able(action).map(item => model.act(item.id, action))));
  const forAll = (action: Action, label: string) =>
    able(action).length > 1 && <IconButton icon={action} label={label} onClick={() => toAll(action)} />;
  return (
    <section className="jp-gemfiles-Transfers" aria-labelledby={id}>
      <div className="jp-gemfiles-SectionLine">
        <h3 id={id}>{trans.__('Transfers')}</h3>
        <span className="jp-gemfiles-SectionLine-text">
          {transfers.length > 1 && batchText(transfers, trans)}
        </span>
        {forAll('resume', trans.__('Resume all'))}
        {forAll('pause', trans.__('Pause all'))}
        {able('cancel').length > 1 && (
          <button type="button" className="jp-gemfiles-LinkButton" onClick={() => toAll('cancel')}>
            {trans.__('Cancel all')}
          </button>
        )}
        {transfers.some(isOver) && (
          <button type="button" className="jp-gemfiles-LinkButton" onClick={() => model.clearEnded()}>
            {trans.__('Clear')}
          </button>
        )}
      </div>
      <ul className="jp-gemfiles-Transfers-list" aria-labelledby={id} tabIndex={0}>
        {shown.map(transfer => (
          <TransferRow key={transfer.id} transfer={transfer} />
        ))}
      </ul>
      {(hidden > 0 || isWhole) && transfers.length > LIVE_ROWS && (
        <button type="button" className="jp-gemfiles-LinkButton" onClick={() => setWhole(!isWhole)}>
          {hidden > 0 ? trans._n('Show 1 more', 'Show %1 more', hidden) : trans.__('Show fewer')}
        </button>
      )}
    </section>
  );
}

/** Of many, those that say most: what moves, every failure, and others only where there is room left. */
function foremost(transfers: readonly ITransfer[]): readonly ITransfer[] {
  if (transfers.length <= LIVE_ROWS) {
    return transfers;
  }
  const live = transfers.filter(isLive).slice(0, LIVE_ROWS);
  const failed = transfers.filter(transfer => transfer.phase === 'failed');
  const others = transfers.filter(transfer => !isLive(transfer) && transfer.phase !== 'failed');
  const room = Math.max(0, LIVE_ROWS - live.length - failed.length);
  return [...live, ...failed, ...others.slice(0, room)];
}

const isLive = (transfer: ITransfer): boolean =>
  isMoving(transfer) || transfer.phase === 'processing' || transfer.phase === 'checking';
