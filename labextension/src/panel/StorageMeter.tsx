/** How much of the project's storage is taken. */

import type { JSX } from 'react';
import { sizeText } from './quantities';
import { useTrans } from './trans';

const NEARLY_FULL = 0.9;

export function StorageMeter({ used, limit }: { used: number; limit: number }): JSX.Element {
  const trans = useTrans();
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  const text = trans.__('%1 of %2', sizeText(used), sizeText(limit));
  return (
    <div className={`jp-gemfiles-Storage${share >= NEARLY_FULL ? ' jp-mod-full' : ''}`}>
      <div
        className="jp-gemfiles-Bar"
        role="meter"
        aria-label={trans.__('Storage used')}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        aria-valuetext={text}
      >
        <div className="jp-gemfiles-Bar-full" style={{ transform: `scaleX(${share})` }} />
      </div>
      <span className="jp-gemfiles-Storage-text">{text}</span>
    </div>
  );
}
