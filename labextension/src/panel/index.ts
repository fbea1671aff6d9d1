/** The panel as its homes see it. */

export { Panel } from './Panel';
export { english } from './trans';
export type { ITrans } from './trans';
export { UploadButton } from './UploadButton';
