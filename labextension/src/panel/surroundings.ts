/** What every part of the panel needs, without handing it down through all of them. */

import { createContext, useContext } from 'react';
import type { IFilesModel, IHost } from '../model';

export interface ISurroundings {
  readonly model: IFilesModel;
  readonly host: IHost;
  /** Tell it to people who do not see the panel. */
  say(text: string): void;
  /** Say that something worked: shown for a moment, and told. */
  confirm(text: string): void;
  /** Do something on the other side; what goes wrong is shown. */
  attempt(work: Promise<unknown>): void;
}

export const SurroundingsContext = createContext<ISurroundings | null>(null);

export function useSurroundings(): ISurroundings {
  const surroundings = useContext(SurroundingsContext);
  if (surroundings === null) {
    throw new Error('A part of the panel is shown outside of it');
  }
  return surroundings;
}

/** What an error says, without the word Error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
