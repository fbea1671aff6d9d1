/** The panel in the right sidebar of JupyterLab and Notebook 7. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { SidePanel } from './sidePanel';
import type { RestModel } from '../files/model';
import { CommandIDs, IGemfilesModel, PANEL_ID, TRANSLATION_DOMAIN, panelIcon } from './tokens';

/** Among the panels of third parties. */
const RANK = 700;

export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:panel',
  description: 'Shows the files stored with Gemini in a side panel.',
  autoStart: true,
  requires: [IGemfilesModel],
  optional: [ITranslator, INotebookTracker, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: RestModel,
    translator: ITranslator | null,
    tracker: INotebookTracker | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const panel = new SidePanel(model, tracker, trans);
    panel.id = PANEL_ID;
    panel.title.icon = panelIcon;
    panel.title.caption = trans.__('Gemini files');
    app.shell.add(panel, 'right', { rank: RANK, type: 'Gemini files' });
    restorer?.add(panel, PANEL_ID);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show Gemini Files'),
      caption: trans.__('Show the files stored with Gemini'),
      icon: panelIcon,
      execute: () => app.shell.activateById(PANEL_ID)
    });
  }
};
