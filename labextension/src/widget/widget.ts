/** What a widget's page has to do with, as far as we use it. */

/** A message to the kernel or from it. */
export interface IMessage {
  readonly kind: string;
  readonly [key: string]: unknown;
}

type Take = (message: IMessage, buffers: readonly DataView[]) => void;

/** The model of an anywidget. */
export interface IWidgetModel {
  get(name: string): unknown;
  send(message: IMessage, callbacks?: undefined, buffers?: ArrayBuffer[]): void;
  on(name: string, take: Take): void;
  off(name: string, take: Take): void;
}

/** One widget in this page; it may be shown in several places. */
export interface IHome {
  /** Show it in an element; returns how to take it away. */
  show(element: HTMLElement): () => void;
  dispose(): void;
}

/** What the loader gets from the kernel. */
export interface ICode {
  open(model: IWidgetModel): IHome;
}
