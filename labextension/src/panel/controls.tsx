/** The small things the panel is put together from. */

import { useRef } from 'react';
import type { ButtonHTMLAttributes, JSX, ReactNode } from 'react';
import { Icon } from './icons';
import type { IconName } from './icons';
import { shareText } from './quantities';

interface IIconButton extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** What it does: read out, and shown as a tip. */
  label: string;
}

export function IconButton({ icon, label, className = '', ...rest }: IIconButton): JSX.Element {
  return (
    <button
      type="button"
      className={`jp-gemfiles-IconButton ${className}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

interface IPickButton {
  accept: string;
  isMultiple: boolean;
  onFiles(files: File[]): void;
  className?: string;
  isDisabled?: boolean;
  children: ReactNode;
}

/** A button that asks for files of this computer. */
export function PickButton(props: IPickButton): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const pick = () => {
    const { files } = input.current!;
    props.onFiles(Array.from(files ?? []));
    input.current!.value = ''; // the same file may be picked again
  };
  return (
    <>
      <button
        type="button"
        className={props.className ?? 'jp-gemfiles-Button'}
        disabled={props.isDisabled}
        onClick={() => input.current!.click()}
      >
        {props.children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={props.accept}
        multiple={props.isMultiple}
        onChange={pick}
      />
    </>
  );
}

interface IBar {
  label: string;
  /** From 0 to 1. */
  share: number;
  isStill?: boolean;
}

/** How far something is. */
export function ProgressBar({ label, share, isStill = false }: IBar): JSX.Element {
  return (
    <div
      className={`jp-gemfiles-Bar${isStill ? ' jp-mod-still' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={shareText(share)}
    >
      <div className="jp-gemfiles-Bar-full" style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
