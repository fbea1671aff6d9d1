/** Panels in notebooks can do what the sidebar can: insert cells, and be dragged out of. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { HOST_EVENT, type IHostRequest } from '../files/pageHost';
import { labHost } from './host';
import { TRANSLATION_DOMAIN } from './tokens';

export const notebookPanelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:notebook-panel',
  description: 'Lets the Gemini files panel in a notebook insert cells.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    document.addEventListener(HOST_EVENT, event => {
      const request = (event as CustomEvent<IHostRequest>).detail;
      request.host = labHost(request.model, tracker, trans);
    });
  }
};
