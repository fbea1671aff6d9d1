/** One thing worth knowing, and what to do about it. */

import type { JSX } from 'react';
import { IconButton } from './controls';
import { Icon } from './icons';
import type { IconName } from './icons';
import { plainText } from './plainText';
import { useTrans } from './trans';

interface INotice {
  kind: 'info' | 'busy' | 'warning';
  message: string;
  hint?: string;
  onDismiss?(): void;
}

export function Notice({ kind, message, hint = '', onDismiss }: INotice): JSX.Element {
  const trans = useTrans();
  const icon: IconName = kind;
  return (
    <div className={`jp-gemfiles-Notice jp-mod-${kind}`}>
      <Icon name={icon} />
      <div className="jp-gemfiles-Notice-text">
        {plainText(message)}
        {hint && <div className="jp-gemfiles-Notice-hint">{plainText(hint)}</div>}
      </div>
      {onDismiss && <IconButton icon="cross" label={trans.__('Dismiss')} onClick={onDismiss} />}
    </div>
  );
}
