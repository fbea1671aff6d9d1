/** Something small above everything else, at a place in the window. */

import { useLayoutEffect, useRef } from 'react';
import type { JSX, ReactNode } from 'react';

/** What a popup is at: it goes below, or above where there is no room below. */
export interface IAnchor {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface IPopup {
  anchor: IAnchor;
  className: string;
  children: ReactNode;
}

export function Popup({ anchor, className, children }: IPopup): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    // The top layer: no scroller cuts it off, no transformed ancestor moves it.
    element.setAttribute('popover', 'manual');
    element.showPopover?.();
    const { width, height } = element.getBoundingClientRect();
    const isBelow = anchor.bottom + height <= window.innerHeight;
    element.style.top = `${Math.max(0, isBelow ? anchor.bottom : anchor.top - height)}px`;
    element.style.left = `${Math.max(0, Math.min(anchor.left, window.innerWidth - width))}px`;
  }, [anchor, children]);
  return (
    <div ref={box} className={`jp-gemfiles-Popup ${className}`}>
      {children}
    </div>
  );
}
