/** What JupyterLab does with files of the panel. */

import { Clipboard } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';

import type { IFilesModel, IHost, IStoredFile } from '../model';
import type { ITrans } from '../panel/trans';
import { chooseVariables, promptCells, variableCells } from '../files/code';
import { dragCells, insertBelow, sourceOf } from './notebook';

/** What can be done now: without a notebook in front, nothing is inserted. */
export function labHost(model: IFilesModel, tracker: INotebookTracker | null, trans: ITrans): IHost {
  const host: IHost = { copy: async text => Clipboard.copyToSystem(text) };
  const panel = tracker?.currentWidget;
  if (!panel) {
    return host;
  }
  const names = (files: readonly IStoredFile[]) => chooseVariables(files, sourceOf(panel));
  return {
    ...host,
    insertVariables: files => {
      const chosen = names(files);
      insertBelow(panel, variableCells(files, chosen, sourceOf(panel)));
      bind(model, files, chosen);
    },
    insertPrompt: files => {
      const chosen = names(files);
      insertBelow(panel, promptCells(files, chosen, sourceOf(panel)));
      bind(model, files, chosen);
    },
    insertCode: async files => insertBelow(panel, [await model.code(files.map(file => file.name))]),
    startDrag: (files, event) => {
      const chosen = names(files);
      const cells = variableCells(files, chosen, sourceOf(panel));
      const image = files.length === 1 ? files[0].label : trans._n('%1 file', '%1 files', files.length);
      void dragCells(cells, image, event).then(isDropped => isDropped && bind(model, files, chosen));
    }
  };
}

/** The panel shows which variable a file goes to. */
function bind(model: IFilesModel, files: readonly IStoredFile[], names: readonly string[]): void {
  files.forEach((file, index) => {
    if (file.variable !== names[index]) {
      // The cell is there whether or not the server takes the name.
      model.setVariable(file.name, names[index]).catch(() => undefined);
    }
  });
}
