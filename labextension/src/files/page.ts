/** What uploads need of the page: its clock, its file picker, and what outlives a reload. */

import type { IPage } from './uploads';

export function browserPage(): IPage {
  return {
    now: () => Date.now(),
    wait,
    pick: async () => (await pickFiles(false))[0] ?? null,
    storage: tabStorage()
  };
}

/** Ask the user for files; must be called from a click or a key. */
export function pickFiles(isMultiple: boolean): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = isMultiple;
  return new Promise(resolve => {
    input.addEventListener('change', () => resolve(Array.from(input.files ?? [])));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/** A connection that comes back ends the wait, and so does giving up. */
function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}

/** The tab's storage; in a browser that has it shut off, nothing is remembered. */
function tabStorage(): IPage['storage'] {
  try {
    window.sessionStorage.getItem('');
    return window.sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  }
}
