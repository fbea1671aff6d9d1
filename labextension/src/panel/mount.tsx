/** The panel's parts in an element that is not React's. */

import type { JSX } from 'react';
import { createRoot } from 'react-dom/client';
import { Panel } from './Panel';
import type { IPanelProps } from './Panel';
import { UploadButton } from './UploadButton';
import type { IUploadButtonProps } from './UploadButton';

/** Show the panel in an element; returns how to take it away. */
export const mountPanel = (element: Element, props: IPanelProps): (() => void) =>
  mount(element, <Panel {...props} />);

/** Show an upload button in an element; returns how to take it away. */
export const mountUploadButton = (element: Element, props: IUploadButtonProps): (() => void) =>
  mount(element, <UploadButton {...props} />);

function mount(element: Element, content: JSX.Element): () => void {
  const root = createRoot(element);
  root.render(content);
  return () => root.unmount();
}
