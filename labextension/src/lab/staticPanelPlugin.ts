/** Shows the static form of a panel in a notebook where its kernel is gone, in place of an error. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { Panel } from '@lumino/widgets';

/** Says in an output that it is a widget of ours, and has a static form. */
const PANEL_MIME = 'application/vnd.gemfiles-jupyter.panel+json';
const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';
/** Before the widgets' own, which is -10. */
const RANK = -20;

type Registry = NotebookPanel['content']['rendermime'];
type Renderer = ReturnType<Registry['createRenderer']>;
type MimeModel = Parameters<Renderer['renderModel']>[0];

export const staticPanelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gemfiles-jupyter:static-panel',
  description: 'Shows what a Gemini files panel of a notebook held when its kernel is gone.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker) => {
    const prepare = ({ content: { rendermime } }: NotebookPanel) =>
      rendermime.addFactory(
        { safe: false, mimeTypes: [PANEL_MIME], createRenderer: () => new LiveOrStatic(rendermime) },
        RANK
      );
    tracker.forEach(prepare);
    tracker.widgetAdded.connect((_, panel) => prepare(panel));
  }
};

/** The widget while there is one, else what was saved of it. */
class LiveOrStatic extends Panel implements Renderer {
  constructor(rendermime: Registry) {
    super();
    this._live = rendermime.createRenderer(WIDGET_MIME);
    this._static = rendermime.createRenderer('text/html');
    this.addWidget(this._live);
    this.addWidget(this._static);
    this._observer = new MutationObserver(() => this._choose());
    this._observer.observe(this._live.node, { childList: true });
  }

  async renderModel(model: MimeModel): Promise<void> {
    await this._static.renderModel(model);
    await this._live.renderModel(model);
    this._choose();
  }

  dispose(): void {
    this._observer.disconnect();
    super.dispose();
  }

  /** A text alone is a wait, or an error. */
  private _choose(): void {
    const isLive = this._live.node.childElementCount > 0;
    this._live.setHidden(!isLive);
    this._static.setHidden(isLive);
  }

  private readonly _live: Renderer;
  private readonly _static: Renderer;
  private readonly _observer: MutationObserver;
}
