/** Uploading what is selected in the file browser. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { chooseVariables, uploadCells } from '../files/code';
import type { RestModel } from '../files/model';
import { insertBelow, sourceOf } from './notebook';
import { reportError } from './report';
import { CommandIDs, IGemfilesModel, TRANSLATION_DOMAIN, panelIcon } from './tokens';

export const fileBrowserPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:file-browser',
  description: 'Uploads files of the file browser to Gemini.',
  autoStart: true,
  requires: [IGemfilesModel, IFileBrowserFactory],
  optional: [ITranslator, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    model: RestModel,
    { tracker: browsers }: IFileBrowserFactory,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const { contents } = app.serviceManager;
    const selected = () =>
      Array.from(browsers.currentWidget?.selectedItems() ?? []).filter(item => item.type !== 'directory');
    const hasSelection = () => selected().length > 0;

    app.commands.addCommand(CommandIDs.uploadSelected, {
      label: trans.__('Upload to Gemini'),
      caption: trans.__('Upload the selected files to Gemini'),
      icon: panelIcon,
      isEnabled: hasSelection,
      execute: () => model.uploadPaths(selected().map(item => item.path)).catch(reportError)
    });

    app.commands.addCommand(CommandIDs.uploadAndInsert, {
      label: trans.__('Upload to Gemini and Insert Variable'),
      caption: trans.__(
        'Upload the selected files and put a cell that holds them into the notebook in front'
      ),
      icon: panelIcon,
      isEnabled: () => hasSelection() && !!notebooks?.currentWidget,
      isVisible: () => !!notebooks?.currentWidget,
      execute: async () => {
        const panel = notebooks?.currentWidget;
        if (!panel) {
          return;
        }
        const paths = selected().map(item => item.path);
        const folder = PathExt.dirname(contents.localPath(panel.context.path));
        const relative = paths.map(path => PathExt.relative(folder, contents.localPath(path)));
        try {
          const suggestions = await model.names(paths);
          const source = sourceOf(panel);
          const names = chooseVariables(
            suggestions.map(suggestion => ({ suggestion, variable: '' })),
            source
          );
          insertBelow(panel, uploadCells(relative, names, source));
          await Promise.all(paths.map((path, index) => model.uploadPaths([path], names[index])));
        } catch (reason) {
          reportError(reason);
        }
      }
    });
  }
};
