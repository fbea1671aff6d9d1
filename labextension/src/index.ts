/** The plugins of JupyterLab and Notebook 7. */

import { commandsPlugin } from './lab/commandsPlugin';
import { fileBrowserPlugin } from './lab/fileBrowserPlugin';
import { modelPlugin } from './lab/modelPlugin';
import { notificationsPlugin } from './lab/notificationsPlugin';
import { panelPlugin } from './lab/panelPlugin';
import { statusPlugin } from './lab/statusPlugin';

export default [
  modelPlugin,
  panelPlugin,
  fileBrowserPlugin,
  commandsPlugin,
  statusPlugin,
  notificationsPlugin
];
