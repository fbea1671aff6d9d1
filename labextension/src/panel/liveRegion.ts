/** Texts for people who do not see the panel: gathered for a moment, then told at once. */

import { useEffect, useRef, useState } from 'react';
import { useStable } from './hooks';

/** Long enough that what happens at once is told as one. */
const GATHER_MILLISECONDS = 200;

/** Returns what the live region holds, and how to say something. */
export function useLiveRegion(): { told: string; say: (text: string) => void } {
  const [told, setTold] = useState('');
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const say = useStable((text: string) => {
    if (waiting.current.length === 0) {
      timer.current = setTimeout(() => {
        const next = waiting.current.join('. ');
        waiting.current = [];
        // The same text again is only told if it is not quite the same.
        setTold(old => (old === next ? `${next}\u00a0` : next));
      }, GATHER_MILLISECONDS);
    }
    waiting.current.push(text);
  });
  return { told, say };
}
