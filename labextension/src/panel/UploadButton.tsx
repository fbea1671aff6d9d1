/** A button that uploads, for forms: it takes drops, and shows how far its uploads are. */

import { useState } from 'react';
import type { JSX } from 'react';
import type { IUploads } from '../model';
import { useAnnouncements } from './announcements';
import { IconButton, PickButton, ProgressBar } from './controls';
import { useSnapshot } from './hooks';
import { Icon } from './icons';
import { useIntake } from './intake';
import type { IIntakeOptions } from './intake';
import { useLiveRegion } from './liveRegion';
import { plainText } from './plainText';
import { batchText, isOver, phaseText, shareOf, totals } from './transferWords';
import { messageOf } from './surroundings';
import { english } from './trans';
import type { ITrans } from './trans';

export interface IUploadButtonProps extends IIntakeOptions {
  model: IUploads;
  /** What the button says; "Upload" by default. */
  label?: string;
  isDisabled?: boolean;
  trans?: ITrans;
}

export function UploadButton(props: IUploadButtonProps): JSX.Element {
  const { model, trans = english, isDisabled = false } = props;
  const snapshot = useSnapshot(model);
  const { told, say } = useLiveRegion();
  const [fault, setFault] = useState('');
  const warn = (message: string) => {
    setFault(message);
    say(message);
  };
  const intake = useIntake(model, props, warn, trans);
  useAnnouncements(snapshot, say, trans);

  const { transfers } = snapshot;
  const { sent, size } = totals(transfers);
  const under = transfers.filter(transfer => !isOver(transfer));
  const able = transfers.filter(transfer => transfer.actions.includes('cancel'));
  const failed = transfers.filter(transfer => transfer.phase === 'failed');
  const label = props.label ?? trans.__('Upload');
  const words =
    transfers.length === 1
      ? [plainText(transfers[0].label), plainText(phaseText(transfers[0], null, trans))]
          .filter(Boolean)
          .join(' · ')
      : batchText(transfers, trans);
  const cancel = () => {
    setFault('');
    Promise.all(able.map(transfer => model.act(transfer.id, 'cancel'))).catch((error: unknown) =>
      warn(messageOf(error))
    );
  };
  const trouble: { message: string; hint: string }[] = [
    ...(snapshot.problem ? [snapshot.problem] : []),
    ...(fault ? [{ message: fault, hint: '' }] : []),
    ...failed.map(({ label, note, hint }) => ({ message: `${label}: ${note}`, hint }))
  ];
  return (
    <div
      className={`jp-gemfiles-UploadButton${intake.isOver ? ' jp-mod-dropTarget' : ''}`}
      data-lm-suppress-shortcuts
      {...(isDisabled ? {} : intake.dropZone)}
    >
      <div className="jp-gemfiles-UploadButton-line">
        <PickButton
          accept={intake.accept}
          isMultiple={intake.isMultiple}
          onFiles={intake.take}
          isDisabled={isDisabled}
        >
          <Icon name="upload" />
          {plainText(label)}
        </PickButton>
        <span className="jp-gemfiles-UploadButton-words">{transfers.length > 0 && words}</span>
        {able.length > 0 && <IconButton icon="cancel" label={trans.__('Cancel')} onClick={cancel} />}
      </div>
      {under.length > 0 && <ProgressBar label={label} share={shareOf(sent, size)} />}
      {trouble.map(({ message, hint }) => (
        <div key={message} className="jp-gemfiles-UploadButton-trouble">
          {plainText(message)}
          {hint && <div className="jp-gemfiles-UploadButton-hint">{plainText(hint)}</div>}
        </div>
      ))}
      <div className="jp-gemfiles-hidden" role="status" aria-live="polite">
        {told}
      </div>
    </div>
  );
}
