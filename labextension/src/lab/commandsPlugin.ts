/** What the command palette offers. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { RestModel } from '../files/model';
import { pickFiles } from '../files/page';
import { CommandIDs, IGemfilesModel, TRANSLATION_DOMAIN } from './tokens';

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:commands',
  description: 'Adds the commands of the Gemini files panel to the command palette.',
  autoStart: true,
  requires: [IGemfilesModel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    { commands }: JupyterFrontEnd,
    model: RestModel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    commands.addCommand(CommandIDs.uploadFiles, {
      label: trans.__('Upload Files to Gemini…'),
      caption: trans.__('Pick files of this computer and upload them to Gemini'),
      execute: async () => model.upload(await pickFiles(true))
    });
    commands.addCommand(CommandIDs.refreshFiles, {
      label: trans.__('Refresh Gemini Files'),
      execute: () => model.refresh()
    });
    commands.addCommand(CommandIDs.clearTransfers, {
      label: trans.__('Clear Ended Gemini Transfers'),
      execute: () => model.clearEnded()
    });
    const category = trans.__('Gemini Files');
    const { openPanel, uploadFiles, uploadSelected, refreshFiles, clearTransfers } = CommandIDs;
    for (const command of [openPanel, uploadFiles, uploadSelected, refreshFiles, clearTransfers]) {
      palette?.addItem({ command, category });
    }
  }
};
