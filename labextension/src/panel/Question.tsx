/** Asks inside of the panel, in place of a dialog of the browser. */

import { useEffect, useId, useRef } from 'react';
import type { JSX } from 'react';

interface IQuestion {
  text: string;
  yes: string;
  no: string;
  isDestructive?: boolean;
  onYes(): void;
  onNo(): void;
}

export function Question(props: IQuestion): JSX.Element {
  const id = useId();
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current!.focus(), []);
  return (
    <div
      className="jp-gemfiles-Question"
      role="alertdialog"
      aria-labelledby={id}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Escape') {
          props.onNo();
        }
      }}
    >
      <span id={id} className="jp-gemfiles-Question-text">
        {props.text}
      </span>
      <button
        ref={yes}
        type="button"
        className={`jp-gemfiles-Button ${props.isDestructive ? 'jp-mod-destructive' : 'jp-mod-main'}`}
        onClick={props.onYes}
      >
        {props.yes}
      </button>
      <button type="button" className="jp-gemfiles-Button" onClick={props.onNo}>
        {props.no}
      </button>
    </div>
  );
}
