/** Every string the user sees goes through here; JupyterLab's translation bundle fits as it is. */

import { createContext, useContext } from 'react';

type Argument = string | number;

export interface ITrans {
  /** Translate a text; `%1`, `%2` stand for the arguments. */
  __(text: string, ...args: Argument[]): string;
  /** Translate by number; `%1` stands for the number, `%2` and on for the arguments. */
  _n(one: string, many: string, count: number, ...args: Argument[]): string;
}

/** Untranslated. */
export const english: ITrans = {
  __: (text, ...args) => filled(text, args),
  _n: (one, many, count, ...args) => filled(count === 1 ? one : many, [count, ...args])
};

export const TransContext = createContext<ITrans>(english);

export const useTrans = (): ITrans => useContext(TransContext);

function filled(text: string, args: readonly Argument[]): string {
  return text.replace(/%(\d)/g, (hole, number) => String(args[Number(number) - 1] ?? hole));
}
