/** One stored file. */

import { memo } from 'react';
import type { JSX } from 'react';
import type { FileState, IStoredFile } from '../model';
import { IconButton } from './controls';
import { Icon, kindOf } from './icons';
import type { FileKind } from './icons';
import { Label } from './Label';
import { isExpiringSoon, moment, secondsLeft, secondsOld, stateNow } from './lifetime';
import { plainText } from './plainText';
import { lifetimeText, momentText, sizeText, spanText } from './quantities';
import type { ITrans } from './trans';
import { useTrans } from './trans';
import { VariableCell } from './VariableCell';

interface IFileRow {
  id: string;
  file: IStoredFile;
  index: number;
  top: number;
  isActive: boolean;
  isSelected: boolean;
  isEditing: boolean;
  serviceNow: number;
  onEdited(isByKey: boolean): void;
}

export const FileRow = memo(function FileRow(props: IFileRow): JSX.Element {
  const { file, serviceNow } = props;
  const trans = useTrans();
  const state = stateNow(file, serviceNow);
  const old = secondsOld(file, serviceNow);
  const left = lifetimeText(secondsLeft(file, serviceNow));
  const isReady = state === 'ACTIVE';
  const label = plainText(file.label);
  const facts = [
    label,
    kindNames(trans)[kindOf(file.mimeType)],
    sizeText(file.size),
    stateNames(trans)[state],
    isReady && left && trans.__('%1 left', left),
    file.variable && trans.__('variable %1', file.variable),
    file.error
  ];
  const classes = [
    'jp-gemfiles-Panel-row',
    props.isSelected && 'jp-mod-selected',
    props.isActive && 'jp-mod-active',
    isReady && isExpiringSoon(file, serviceNow) && 'jp-mod-soon'
  ];
  return (
    <div
      id={props.id}
      role="row"
      className={classes.filter(Boolean).join(' ')}
      aria-rowindex={props.index + 2}
      aria-selected={props.isSelected}
      aria-label={plainText(facts.filter(Boolean).join(', '))}
      data-index={props.index}
      data-state={state}
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <div
        role="gridcell"
        data-part="mark"
        className="jp-gemfiles-Cell-mark"
        title={plainText(file.mimeType)}
      >
        <Icon name={kindOf(file.mimeType)} />
        <span className="jp-gemfiles-Check">
          <Icon name="check" />
        </span>
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-label">
        <Label text={file.label} />
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-size">
        {sizeText(file.size)}
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-age" title={momentText(moment(file.created))}>
        {old === null ? '' : spanText(old)}
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-state" title={plainText(file.error)}>
        {stateNames(trans)[state]}
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-left" title={momentText(moment(file.expires))}>
        {isReady ? left : ''}
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-variable">
        <VariableCell file={file} isEditing={props.isEditing} onDone={props.onEdited} />
      </div>
      <div role="gridcell" className="jp-gemfiles-Cell-menu">
        <IconButton
          icon="more"
          label={trans.__('What to do with %1', label)}
          data-part="menu"
          tabIndex={-1}
          aria-haspopup="menu"
        />
      </div>
    </div>
  );
});

const stateNames = (trans: ITrans): Record<FileState, string> => ({
  ACTIVE: trans.__('ready'),
  PROCESSING: trans.__('processing'),
  FAILED: trans.__('failed'),
  EXPIRED: trans.__('expired')
});

const kindNames = (trans: ITrans): Record<FileKind, string> => ({
  video: trans.__('video'),
  audio: trans.__('audio'),
  image: trans.__('image'),
  pdf: trans.__('PDF'),
  text: trans.__('text'),
  other: trans.__('file')
});
