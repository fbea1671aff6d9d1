/** Telling the user of what went wrong outside of the panel. */

import { Notification } from '@jupyterlab/apputils';

export function reportError(reason: unknown): void {
  Notification.error(reason instanceof Error ? reason.message : String(reason), { autoClose: 10_000 });
}
