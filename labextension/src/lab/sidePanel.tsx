/** The panel as a Lumino widget, which takes files dragged out of the file browser. */

import { ReactWidget } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Drag } from '@lumino/dragdrop';
import type { Message } from '@lumino/messaging';
import type { JSX } from 'react';

import { Panel, type ITrans } from '../panel';
import { labHost } from './host';
import type { RestModel } from '../files/model';
import { reportError } from './report';

const CONTENTS_MIME = 'application/x-jupyter-icontents';
const DROP_CLASS = 'jp-mod-dropTarget';
const DRAG_EVENTS = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'];

export class SidePanel extends ReactWidget {
  constructor(
    private readonly _model: RestModel,
    private readonly _tracker: INotebookTracker | null,
    private readonly _trans: ITrans
  ) {
    super();
    this.addClass('jp-gemfiles-SidePanel');
    // What can be inserted depends on the notebook in front.
    _tracker?.currentChanged.connect(() => this.update(), this);
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'lm-dragenter':
      case 'lm-dragover':
        this._onDragOver(event as Drag.Event);
        break;
      case 'lm-dragleave':
        this._onDragLeave(event as Drag.Event);
        break;
      case 'lm-drop':
        this._onDrop(event as Drag.Event);
        break;
    }
  }

  protected render(): JSX.Element {
    const host = labHost(this._model, this._tracker, this._trans);
    return <Panel model={this._model} host={host} trans={this._trans} />;
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    DRAG_EVENTS.forEach(name => this.node.addEventListener(name, this));
  }

  protected onBeforeDetach(message: Message): void {
    DRAG_EVENTS.forEach(name => this.node.removeEventListener(name, this));
    super.onBeforeDetach(message);
  }

  protected onActivateRequest(): void {
    this._focus();
    // The command palette gives the focus back to where it was, a moment later.
    requestAnimationFrame(() => {
      if (!this.node.contains(document.activeElement)) {
        this._focus();
      }
    });
  }

  private _focus(): void {
    const first = this.node.querySelector<HTMLElement>('button:not([disabled]), input, [tabindex="0"]');
    (first ?? this.node).focus();
  }

  private _onDragOver(event: Drag.Event): void {
    if (!event.mimeData.hasData(CONTENTS_MIME)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.addClass(DROP_CLASS);
    event.dropAction = event.proposedAction;
  }

  private _onDragLeave(event: Drag.Event): void {
    if (!(event.relatedTarget instanceof Node && this.node.contains(event.relatedTarget))) {
      this.removeClass(DROP_CLASS);
    }
  }

  private _onDrop(event: Drag.Event): void {
    this.removeClass(DROP_CLASS);
    if (!event.mimeData.hasData(CONTENTS_MIME)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    event.dropAction = event.proposedAction;
    const paths = event.mimeData.getData(CONTENTS_MIME) as string[];
    this._model.uploadPaths(paths).catch(reportError);
  }
}
