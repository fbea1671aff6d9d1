/** How many files there are or are selected, and what can be done with these; here deletion is asked about. */

import { useEffect, useRef } from 'react';
import type { JSX } from 'react';
import type { IStoredFile } from '../model';
import { IconButton } from './controls';
import type { IFileAction } from './fileActions';
import { plainText } from './plainText';
import { sizeText } from './quantities';
import { Question } from './Question';
import { useTrans } from './trans';

interface IFileBar {
  total: number;
  shown: number;
  chosen: readonly IStoredFile[];
  actions: readonly IFileAction[];
  /** Told for a moment in place of the count. */
  flash: string;
  place: string;
  isNarrow: boolean;
  isAsking: boolean;
  onAnswer(isYes: boolean): void;
  onAll(isSelected: boolean): void;
}

export function FileBar(props: IFileBar): JSX.Element {
  const { total, shown, chosen } = props;
  const trans = useTrans();
  if (props.isAsking) {
    return (
      <Question
        text={deleteQuestion()}
        yes={trans.__('Delete')}
        no={trans.__('Keep')}
        isDestructive
        onYes={() => props.onAnswer(true)}
        onNo={() => props.onAnswer(false)}
      />
    );
  }
  return (
    <div className="jp-gemfiles-FileBar">
      <AllBox count={chosen.length} shown={shown} onAll={props.onAll} />
      <span className="jp-gemfiles-FileBar-text">{props.flash || countText()}</span>
      <span className="jp-gemfiles-FileBar-actions">
        {chosen.length > 0 &&
          props.actions
            .filter(action => action.id !== 'rename') // that is done in the row
            .map(action => (
              <IconButton key={action.id} icon={action.icon} label={action.label} onClick={action.run} />
            ))}
      </span>
    </div>
  );

  function countText(): string {
    if (chosen.length > 0) {
      return props.isNarrow
        ? trans.__('%1 selected', chosen.length)
        : trans.__('%1 selected · %2', chosen.length, sizeText(sizeOf(chosen)));
    }
    return shown < total
      ? trans._n('%2 of %1 file', '%2 of %1 files', total, shown)
      : trans._n('%1 file', '%1 files', total);
  }

  function deleteQuestion(): string {
    const size = sizeText(sizeOf(chosen));
    return chosen.length === 1
      ? trans.__(
          'Delete %1 (%2) from %3? It is gone for good.',
          plainText(chosen[0].label),
          size,
          props.place
        )
      : trans.__('Delete %1 files (%2) from %3? They are gone for good.', chosen.length, size, props.place);
  }
}

interface IAllBox {
  count: number;
  shown: number;
  onAll(isSelected: boolean): void;
}

function AllBox({ count, shown, onAll }: IAllBox): JSX.Element {
  const trans = useTrans();
  const box = useRef<HTMLInputElement>(null);
  const isAll = shown > 0 && count === shown;
  useEffect(() => {
    box.current!.indeterminate = count > 0 && !isAll;
  }, [count, isAll]);
  return (
    <label className="jp-gemfiles-AllBox" title={trans.__('Select all')}>
      <input
        ref={box}
        type="checkbox"
        aria-label={trans.__('Select all')}
        checked={isAll}
        disabled={shown === 0}
        onChange={() => onAll(count === 0)}
      />
    </label>
  );
}

const sizeOf = (files: readonly IStoredFile[]): number =>
  files.reduce((sum, file) => sum + (file.size ?? 0), 0);
