/** The panel as its homes see it. */

export { mountPanel, mountUploadButton } from './mount';
export { Panel } from './Panel';
export type { IPanelProps } from './Panel';
export { english } from './trans';
export type { ITrans } from './trans';
export { UploadButton } from './UploadButton';
export type { IUploadButtonProps } from './UploadButton';
