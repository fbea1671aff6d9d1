/** One notification a batch of uploads that was begun in JupyterLab, not one a file. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { ITrans } from '../panel';
import { Batch, type IBatchReport } from './batch';
import type { RestModel } from '../files/model';
import { CommandIDs, IGemfilesModel, PANEL_ID, TRANSLATION_DOMAIN } from './tokens';

const PLUGIN_ID = 'gemfiles-jupyter:notifications';
const SUCCESS_MS = 5_000;
/** Kept behind the bell: what comes up would lie over the panel, which shows the same. */
const UNSEEN = 0;

export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Tells how uploads to Gemini go that were begun in JupyterLab.',
  autoStart: true,
  requires: [IGemfilesModel],
  optional: [ISettingRegistry, ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    model: RestModel,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const settings = await registry?.load(PLUGIN_ID).catch(() => null);
    const isWanted = () => settings?.composite.isEnabled !== false;
    const isPanelSeen = () =>
      Array.from(app.shell.widgets('right')).some(widget => widget.id === PANEL_ID && widget.isVisible);
    const open = () => void app.commands.execute(CommandIDs.openPanel);
    new Notifier(model, trans, isWanted, isPanelSeen, open);
  }
};

class Notifier {
  constructor(
    private readonly _model: RestModel,
    private readonly _trans: ITrans,
    private readonly _isWanted: () => boolean,
    private readonly _isPanelSeen: () => boolean,
    private readonly _open: () => void
  ) {
    _model.begun.connect((_, id) => {
      this._batch ??= new Batch();
      this._batch.add(id);
      this._tell();
    });
    _model.subscribe(() => this._tell());
  }

  private _tell(): void {
    const report = this._batch?.report(this._model.snapshot.transfers, this._trans);
    if (!report || !this._isWanted()) {
      this._dismiss();
      return;
    }
    const line = `${report.type} ${report.message} ${Math.floor(report.progress * 100)}`;
    if (line === this._lastLine) {
      return;
    }
    this._lastLine = line;
    this._show(report);
    if (report.type !== 'in-progress') {
      this._batch = null;
      this._id = '';
    }
  }

  private _show({ type, message, progress }: IBatchReport): void {
    const options = {
      autoClose: this._isPanelSeen() ? UNSEEN : type === 'success' ? SUCCESS_MS : (false as const),
      actions: [{ label: this._trans.__('Show Gemini Files'), callback: this._open }]
    };
    if (type !== 'in-progress') {
      // A bar that is left behind would go on saying that something is under way.
      this._dismiss();
      Notification.emit(message, type, options);
    } else if (this._id) {
      Notification.update({ id: this._id, message, type, progress, ...options });
    } else {
      this._id = Notification.emit(message, type, { progress, ...options });
    }
  }

  private _dismiss(): void {
    if (this._id) {
      Notification.dismiss(this._id);
      this._id = '';
    }
  }

  private _batch: Batch | null = null;
  private _id = '';
  private _lastLine = '';
}
