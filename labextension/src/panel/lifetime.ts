/** How long a file is there, by the service's clock. */

import type { FileState, IStoredFile } from '../model';

/** What is left of a lifetime of 48 hours when it is time to think of sending the file again. */
const SOON_SECONDS = 6 * 3600;

/** Seconds left; null where the service does not say. */
export function secondsLeft(file: IStoredFile, serviceNow: number): number | null {
  const end = moment(file.expires);
  return end === null ? null : (end - serviceNow) / 1000;
}

/** Seconds since it was stored; null where the service does not say. */
export function secondsOld(file: IStoredFile, serviceNow: number): number | null {
  const start = moment(file.created);
  return start === null ? null : Math.max(0, (serviceNow - start) / 1000);
}

/** The state as it is now: a list may be older than the end of a file. */
export function stateNow(file: IStoredFile, serviceNow: number): FileState {
  const left = secondsLeft(file, serviceNow);
  return left !== null && left <= 0 ? 'EXPIRED' : file.state;
}

/** Expired, or about to. */
export function isExpiringSoon(file: IStoredFile, serviceNow: number): boolean {
  const left = secondsLeft(file, serviceNow);
  return file.state === 'EXPIRED' || (left !== null && left <= SOON_SECONDS);
}

/** Milliseconds since the epoch; null for what is no time. */
export function moment(text: string): number | null {
  const value = Date.parse(text);
  return Number.isNaN(value) ? null : value;
}
