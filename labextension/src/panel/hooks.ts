/** The panel's ties to the model, the clock and the size of things. */

import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import type { ISnapshot, IUploads } from '../model';

export function useSnapshot(model: IUploads): ISnapshot {
  const subscribe = useCallback((listener: () => void) => model.subscribe(listener), [model]);
  const read = useCallback(() => model.snapshot, [model]);
  return useSyncExternalStore(subscribe, read);
}

/** The time now, told again every so often while it is wanted. */
export function useNow(everyMilliseconds: number, isWanted = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isWanted) {
      return undefined;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds, isWanted]);
  return now;
}

export interface ISize {
  readonly width: number;
  readonly height: number;
}

/** The inner size of an element; nought until it is laid out. */
export function useSize(element: RefObject<HTMLElement>): ISize {
  const [size, setSize] = useState<ISize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current!;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = target;
      setSize(old => (old.width === width && old.height === height ? old : { width, height }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    measure();
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** A function whose identity stays, and that does what it was last given to do. */
export function useStable<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R {
  const latest = useRef(work);
  useLayoutEffect(() => {
    latest.current = work;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
