/** How a panel in a notebook asks its page what that can do with files: by an event of the document. */

import type { IFilesModel, IHost } from '../model';

export const HOST_EVENT = 'gemfiles-jupyter:host';

export interface IHostRequest {
  /** The panel's. */
  readonly model: IFilesModel;
  /** Whoever can help puts it here. */
  host: IHost | null;
}
