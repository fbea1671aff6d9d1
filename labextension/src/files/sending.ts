/** One file of this browser on its way to the other side: slice after slice, from where that stands. */

import { ApiError, type Api, type IFingerprint } from './api';

const SMALLEST_SLICE = 1024 * 1024;
/** A slice that takes longer is followed by a smaller one, so that the bar moves on a slow link. */
const SLOW_MS = 1000;
const RETRIES = 12;
const LONGEST_WAIT_MS = 30_000;

export interface ISending {
  readonly api: Api;
  readonly signal: AbortSignal;
  now(): number;
  /** Resolves after so many milliseconds, or as soon as it may be worth trying again. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** The server knows the file; its transfer will have this id, too. */
  opened(id: string): void;
  /** The server has so many bytes; may go down. */
  reached(offset: number): void;
  /** Something is wrong that may pass. */
  waiting(reason: ApiError): void;
}

/** The file was moved or changed on disk: the browser gives its bytes no more. */
export class FileGone extends Error {}

/**
 * Send all of a file; as many slices are under way, and in memory, as the other side takes at once.
 *
 * Faults that may pass are waited out, longer each time, until there is no progress for minutes.
 *
 * @throws ApiError what the server has against it; FileGone; the signal's reason when aborted.
 */
export async function sendFile(file: File, variable: string, sending: ISending): Promise<void> {
  const { api, signal } = sending;
  let session: { id: string; offset: number } | null = null;
  let underWay: Promise<number>[] = []; // slices, in the order of the file
  let next = 0; // where the next one begins
  let sliceBytes = SMALLEST_SLICE;
  let failures = 0;
  let hasSent = false; // an empty file is sent, too
  for (;;) {
    try {
      if (session === null) {
        session = await api.openUpload(fingerprint(file, variable));
        signal.throwIfAborted();
        sending.opened(session.id);
        next = session.offset;
      } else {
        const began = sending.now();
        while (underWay.length === 0 || (underWay.length < api.slicesAtOnce && next < file.size)) {
          const slice = file.slice(next, next + sliceBytes);
          const sent = api.sendSlice(session.id, next, slice, signal);
          sent.catch(() => undefined); // it is looked at when its turn comes
          underWay.push(sent);
          next += slice.size;
        }
        const offset = await underWay.shift()!;
        hasSent = true;
        failures = offset > session.offset ? 0 : failures + 1;
        session.offset = offset;
        const isSlow = sending.now() - began > SLOW_MS;
        sliceBytes = isSlow
          ? Math.max(SMALLEST_SLICE, sliceBytes / 2)
          : Math.min(api.largestSlice, sliceBytes * 2);
      }
      sending.reached(session.offset);
      if (session.offset >= file.size && (hasSent || file.size > 0)) {
        return;
      }
    } catch (reason) {
      signal.throwIfAborted();
      await Promise.allSettled(underWay);
      signal.throwIfAborted();
      underWay = [];
      failures += 1;
      if (!(reason instanceof ApiError) || failures > RETRIES) {
        throw reason;
      }
      if (reason.status === 409 && reason.offset !== null && session !== null) {
        session.offset = next = reason.offset;
        sending.reached(session.offset);
      } else if (reason.status === 404 && session !== null) {
        session = null; // forgotten: begin again
      } else if (reason.isTransient) {
        await ensureReadable(file);
        session = null; // ask where it stands
        sending.waiting(reason);
        await sending.wait(Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures), signal);
        signal.throwIfAborted();
      } else {
        throw reason;
      }
    }
  }
}

/** How the server knows a file again. */
export function fingerprint(file: File, variable: string): IFingerprint {
  const { name, size, lastModified, type } = file;
  return { name, size, lastModified, mimeType: type, variable };
}

/** To `fetch`, a file that can't be read looks like a lost connection. */
async function ensureReadable(file: File): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new FileGone();
  }
}
