/** What the Jupyter server is asked, or a kernel in its place, typed; the only place that knows the routes. */

import type { Action, IProblem, IStoredFile, ITransfer } from '../model';
import type { ITrans } from '../panel/trans';

/** `fetch`, with the Jupyter server's address, token and XSRF cookie already taken care of. */
export type Request = (path: string, init: RequestInit) => Promise<Response>;

export interface IStatus {
  readonly version: string;
  readonly place: string;
  readonly isOffline: boolean;
  readonly problem: IProblem | null;
  /** The service's clock, ISO 8601. */
  readonly now: string;
}

export interface IFileList {
  readonly files: readonly IStoredFile[];
  readonly used: number;
  readonly limit: number;
  readonly now: string;
  readonly problem: IProblem | null;
}

export interface IRemoval {
  readonly removed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly message: string; readonly hint: string }[];
}

/** A file of this browser, as the server knows it again after a reload: by name, size and date. */
export interface IFingerprint {
  readonly name: string;
  readonly size: number;
  readonly lastModified: number;
  readonly mimeType: string;
  readonly variable: string;
}

export interface IReceived {
  readonly id: string;
  /** Bytes the server has. */
  readonly offset: number;
}

/** A request that got no answer, or one that says why not. */
export class ApiError extends Error {
  constructor(
    /** What went wrong; the error's message says what to do, too. */
    readonly summary: string,
    readonly hint: string,
    readonly kind: IProblem['kind'],
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** Where an upload stands, when that is what the request got wrong. */
    readonly offset: number | null = null
  ) {
    super(hint ? `${summary} ${hint}` : summary);
  }

  /** Whether the same request may well succeed a little later. */
  get isTransient(): boolean {
    const isBusy = this.status === 429 && this.kind !== 'quota';
    return this.status === 0 || this.status === 408 || isBusy || this.status >= 500;
  }

  get problem(): IProblem {
    return { kind: this.kind, message: this.summary, hint: this.hint };
  }
}

export class Api {
  constructor(
    private readonly _request: Request,
    private readonly _trans: ITrans,
    /** Bytes that one request may bring. */
    readonly largestSlice = 8 * 1024 * 1024,
    /** Slices that may wait for their answers. */
    readonly slicesAtOnce = 1
  ) {}

  status(): Promise<IStatus> {
    return this._ask('GET', 'status');
  }

  files(): Promise<IFileList> {
    return this._ask('GET', 'files');
  }

  remove(names: readonly string[]): Promise<IRemoval> {
    return this._ask('DELETE', `files${query('name', names)}`);
  }

  async renew(name: string): Promise<string> {
    return (await this._ask<{ transfer: string }>('POST', 'files/renew', { name })).transfer;
  }

  setVariable(name: string, variable: string): Promise<IStoredFile> {
    return this._ask('POST', 'files/variable', { name, variable });
  }

  async code(names: readonly string[]): Promise<string> {
    return (await this._ask<{ code: string }>('GET', `files/code${query('name', names)}`)).code;
  }

  /** Ask for variables' names, one for each label. */
  async names(labels: readonly string[]): Promise<readonly string[]> {
    return (await this._ask<{ names: string[] }>('GET', `names${query('label', labels)}`)).names;
  }

  async transfers(): Promise<readonly ITransfer[]> {
    return (await this._ask<{ transfers: ITransfer[] }>('GET', 'transfers')).transfers;
  }

  /** Upload files the server can read; returns the transfers' ids. */
  async uploadPaths(paths: readonly string[], variable: string): Promise<readonly string[]> {
    return (await this._ask<{ transfers: string[] }>('POST', 'transfers', { paths, variable })).transfers;
  }

  act(transfer: string, action: Action): Promise<ITransfer> {
    return this._ask('POST', `transfers/${encodeURIComponent(transfer)}`, { action });
  }

  async clearEnded(): Promise<void> {
    await this._ask('DELETE', 'transfers');
  }

  openUpload(file: IFingerprint): Promise<IReceived> {
    return this._ask('POST', 'uploads', file);
  }

  /** Send a slice; returns the offset reached. */
  async sendSlice(id: string, offset: number, slice: Blob, signal: AbortSignal): Promise<number> {
    const path = `uploads/${encodeURIComponent(id)}?offset=${offset}`;
    const headers = { 'Content-Type': 'application/octet-stream' };
    const answer = await this._send(path, { method: 'PUT', body: slice, headers, signal });
    return (answer as { offset: number }).offset;
  }

  async discardUpload(id: string): Promise<void> {
    await this._ask('DELETE', `uploads/${encodeURIComponent(id)}`);
  }

  private async _ask<T>(method: string, path: string, body?: object): Promise<T> {
    return (await this._send(path, { method, body: body && JSON.stringify(body) })) as T;
  }

  private async _send(path: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    try {
      response = await this._request(path, init);
    } catch (reason) {
      if (init.signal?.aborted) {
        throw reason;
      }
      throw this._noAnswer();
    }
    if (response.status === 204) {
      return null;
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      throw this._error(response.status, answer);
    }
    if (typeof answer !== 'object' || answer === null) {
      throw this._unexpected(response.status);
    }
    return answer;
  }

  private _error(status: number, answer: unknown): ApiError {
    if (status === 401 || status === 403) {
      return new ApiError(
        this._trans.__('The Jupyter server does not let this page in any more.'),
        this._trans.__('Reload the page and sign in again.'),
        'server',
        status
      );
    }
    const { message, hint, kind, offset } = (answer ?? {}) as Partial<IProblem> & { offset?: number };
    if (typeof message === 'string' && typeof kind === 'string') {
      return new ApiError(message, hint ?? '', kind, status, offset ?? null);
    }
    if (status === 404) {
      return new ApiError(
        this._trans.__('The server extension of gemfiles-jupyter does not run.'),
        this._trans.__(
          'Run "jupyter server extension enable gemfiles_jupyter.server" and restart the server.'
        ),
        'server',
        status
      );
    }
    return this._unexpected(status);
  }

  private _noAnswer(): ApiError {
    return new ApiError(
      this._trans.__('The Jupyter server does not answer.'),
      this._trans.__('Check that it still runs and that this computer is connected.'),
      'network',
      0
    );
  }

  /** A proxy's page, for instance. */
  private _unexpected(status: number): ApiError {
    return new ApiError(
      this._trans.__('The Jupyter server gave an answer that makes no sense here (status %1).', status),
      this._trans.__('If it goes on, look into the log of the server, or of the proxy before it.'),
      'server',
      status
    );
  }
}

const query = (key: string, values: readonly string[]): string =>
  `?${values.map(value => `${key}=${encodeURIComponent(value)}`).join('&')}`;
