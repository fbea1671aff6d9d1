/** What the plugins share: the model, the commands, the icon. */

import { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';

import type { RestModel } from '../files/model';

export const TRANSLATION_DOMAIN = 'gemfiles_jupyter';

/** The files with Gemini of this Jupyter server. */
export const IGemfilesModel = new Token<RestModel>(
  'gemfiles-jupyter:IGemfilesModel',
  'The files stored with Gemini and the transfers of this Jupyter server.'
);

export namespace CommandIDs {
  export const openPanel = 'gemfiles:open-panel';
  export const uploadFiles = 'gemfiles:upload-files';
  export const uploadSelected = 'gemfiles:upload-selected';
  export const uploadAndInsert = 'gemfiles:upload-and-insert-variable';
  export const refreshFiles = 'gemfiles:refresh-files';
  export const clearTransfers = 'gemfiles:clear-transfers';
}

export const PANEL_ID = 'gemfiles-panel';

export const panelIcon = new LabIcon({
  name: 'gemfiles-jupyter:panel',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M6 2h7l5 5v4.1a7 7 0 0 0-2-.1V8h-4V4H6v16h3.7c.4.7.9 1.4 1.5 2H6a2 2 0 0 1-2-2V4c0-1.1.9-2 2-2z"/>
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M16.5 12c.5 3 2 4.500 5 5-3 .5-4.500 2-5 5-.5-3-2-4.500-5-5 3-.5 4.500-2 5-5z"/>
</svg>`
});
