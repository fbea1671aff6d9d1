/** How far all uploads are, in the status bar, while there are any. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { JSX } from 'react';

import { batchText, isOver, shareOf, totals } from '../panel/transferWords';
import type { ITrans } from '../panel';
import type { RestModel } from '../files/model';
import { CommandIDs, IGemfilesModel, TRANSLATION_DOMAIN } from './tokens';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:status',
  description: 'Shows the overall progress of uploads to Gemini in the status bar.',
  autoStart: true,
  requires: [IGemfilesModel],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: RestModel,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const item = new OverallProgress(model, trans, () => void app.commands.execute(CommandIDs.openPanel));
    statusBar.registerStatusItem('gemfiles-jupyter:status', {
      item,
      align: 'right',
      rank: 90,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged
    });
  }
};

class OverallProgress extends ReactWidget {
  readonly activeChanged = new Signal<this, void>(this);

  constructor(
    private readonly _model: RestModel,
    private readonly _trans: ITrans,
    private readonly _open: () => void
  ) {
    super();
    this.addClass('jp-gemfiles-Status');
    _model.subscribe(() => {
      if (this.isActive !== this._wasActive) {
        this._wasActive = this.isActive;
        this.activeChanged.emit();
      }
      this.update();
    });
  }

  /** Something is under way. */
  get isActive(): boolean {
    return this._current.length > 0;
  }

  protected render(): JSX.Element | null {
    const transfers = this._current;
    if (transfers.length === 0) {
      return null;
    }
    const { sent, size } = totals(transfers);
    const percent = Math.floor(100 * shareOf(sent, size));
    const text = transfers.every(item => item.phase === 'processing')
      ? this._trans.__('Gemini: processing')
      : this._trans.__('Gemini %1 %', percent);
    return (
      <button type="button" title={batchText(transfers, this._trans)} onClick={this._open}>
        <progress max={100} value={percent} aria-hidden="true" />
        {text}
      </button>
    );
  }

  private get _current() {
    return this._model.snapshot.transfers.filter(item => !isOver(item) && item.phase !== 'paused');
  }

  private _wasActive = false;
}
