/** A name that fits: a long one is shown without its middle, its ending kept. */

import type { JSX } from 'react';
import { plainText } from './plainText';

const TAIL_CHARS = 9;

export function Label({ text }: { text: string }): JSX.Element {
  const chars = Array.from(plainText(text));
  const cut = Math.max(0, chars.length - TAIL_CHARS);
  return (
    <bdi className="jp-gemfiles-Label" title={plainText(text)}>
      <span className="jp-gemfiles-Label-head">{chars.slice(0, cut).join('')}</span>
      <span className="jp-gemfiles-Label-tail">{chars.slice(cut).join('')}</span>
    </bdi>
  );
}
