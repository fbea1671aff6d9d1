/** What a notebook can do with files of the panel: all that JupyterLab offers, elsewhere copying. */

import type { IFilesModel, IHost } from '../model';
import { chooseVariables, promptCells } from '../files/code';
import { HOST_EVENT, type IHostRequest } from '../files/pageHost';

export function widgetHost(
  element: HTMLElement,
  model: IFilesModel,
  onSelect: (names: readonly string[]) => void
): IHost {
  const ask = () => askPage(element, model);
  if (ask() === null) {
    return {
      onSelect,
      copy,
      copyPrompt: files => copy(promptCells(files, chooseVariables(files, ''), '').join('\n\n')),
      copyCode: async files => copy(await model.code(files.map(file => file.name)))
    };
  }
  return {
    onSelect,
    copy,
    // Which notebook is in front is asked each time.
    insertVariables: files => ask()?.insertVariables?.(files),
    insertPrompt: files => ask()?.insertPrompt?.(files),
    insertCode: async files => ask()?.insertCode?.(files),
    startDrag: (files, event) => ask()?.startDrag?.(files, event)
  };
}

/** What the Lab extension can do, where it is in this page; else null. */
function askPage(element: HTMLElement, model: IFilesModel): IHost | null {
  const detail: IHostRequest = { model, host: null };
  element.ownerDocument.dispatchEvent(new CustomEvent(HOST_EVENT, { detail }));
  return detail.host;
}

/** To the clipboard; some frames of notebooks may use it only in the old way. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    if (!isCopied) {
      throw new Error('The browser does not let this page copy.');
    }
  }
}
