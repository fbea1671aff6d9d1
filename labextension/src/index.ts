/** The plugins of JupyterLab and Notebook 7. */

import { commandsPlugin } from './lab/commandsPlugin';
import { fileBrowserPlugin } from './lab/fileBrowserPlugin';
import { modelPlugin } from './lab/modelPlugin';
import { notebookPanelPlugin } from './lab/notebookPanelPlugin';
import { notificationsPlugin } from './lab/notificationsPlugin';
import { panelPlugin } from './lab/panelPlugin';
import { staticPanelPlugin } from './lab/staticPanelPlugin';
import { statusPlugin } from './lab/statusPlugin';

export default [
  modelPlugin,
  panelPlugin,
  fileBrowserPlugin,
  notebookPanelPlugin,
  staticPanelPlugin,
  commandsPlugin,
  statusPlugin,
  notificationsPlugin
];
