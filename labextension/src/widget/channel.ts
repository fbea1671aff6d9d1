/** The kernel as the model's other side: requests and answers, and what it tells by itself. */

import { Signal, type ISignal } from '@lumino/signaling';

import type { IProblem } from '../model';
import { english } from '../panel';
import { SCHEMA, type IEmission, type IKernelState } from '../files/model';
import type { IMessage, IWidgetModel } from './widget';

/** A kernel that runs no cell says at once that it has a request. */
const BUSY_MS = 1000;

interface IPending {
  readonly resolve: (response: Response) => void;
  /** Runs out when the kernel is silent. */
  readonly timer: ReturnType<typeof setTimeout>;
}

export class KernelChannel implements IKernelState {
  constructor(private readonly _model: IWidgetModel) {
    _model.on('msg:custom', this._take);
    _model.on('comm_live_update', this._lose);
  }

  /** Whether the kernel has not taken in yet what it was asked a while ago. */
  get isBusy(): boolean {
    return this._late.size > 0;
  }

  get busyChanged(): ISignal<this, boolean> {
    return this._busyChanged;
  }

  /** What the kernel tells, in the shape of Jupyter's event stream. */
  get events(): ISignal<this, IEmission> {
    return this._events;
  }

  /** Tell the kernel something that needs no answer. */
  tell(message: IMessage): void {
    this._model.send(message);
  }

  /** Ask the kernel as one asks the Jupyter server. */
  readonly request = async (path: string, init: RequestInit): Promise<Response> => {
    const { method = 'GET', body, signal } = init;
    const data = body instanceof Blob ? [await this._read(body)] : [];
    const message = typeof body === 'string' ? (JSON.parse(body) as object) : null;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      if (this._isLost) {
        resolve(lost());
        return;
      }
      const id = (this._count += 1);
      const timer = setTimeout(() => this._setLate(id, true), BUSY_MS);
      this._pending.set(id, { resolve, timer });
      signal?.addEventListener('abort', () => {
        this._end(id);
        reject(signal.reason as Error);
      });
      this._model.send({ kind: 'request', id, method, path, body: message }, undefined, data);
    });
  };

  dispose(): void {
    this._model.off('msg:custom', this._take);
    this._model.off('comm_live_update', this._lose);
    this._pending.forEach(({ timer }) => clearTimeout(timer));
    Signal.clearData(this);
  }

  /** Read one slice after the other: they are to arrive in their order. */
  private _read(slice: Blob): Promise<ArrayBuffer> {
    this._lastRead = this._lastRead.then(
      () => slice.arrayBuffer(),
      () => slice.arrayBuffer()
    );
    return this._lastRead;
  }

  private readonly _take = (message: IMessage): void => {
    const id = message.id as number;
    const pending = this._pending.get(id);
    if (message.kind === 'event') {
      this._events.emit({ schema_id: SCHEMA, ...(message.event as object) });
    } else if (message.kind === 'taken' && pending) {
      clearTimeout(pending.timer);
      this._setLate(id, false);
    } else if (message.kind === 'answer' && pending) {
      this._end(id);
      const body = message.body === null ? null : JSON.stringify(message.body);
      pending.resolve(new Response(body, { status: message.status as number }));
    }
  };

  /** The kernel was restarted, or is gone: it does not know this widget any more. */
  private readonly _lose = (): void => {
    this._isLost = true;
    this._pending.forEach(({ resolve }, id) => {
      this._end(id);
      resolve(lost());
    });
  };

  /** A request is answered, or its answer is of no interest any more. */
  private _end(id: number): void {
    clearTimeout(this._pending.get(id)?.timer);
    this._pending.delete(id);
    this._setLate(id, false);
  }

  private _setLate(id: number, isLate: boolean): void {
    const wasBusy = this.isBusy;
    if (isLate) {
      this._late.add(id);
    } else {
      this._late.delete(id);
    }
    if (this.isBusy !== wasBusy) {
      this._busyChanged.emit(this.isBusy);
    }
  }

  private readonly _pending = new Map<number, IPending>();
  private readonly _late = new Set<number>();
  private readonly _busyChanged = new Signal<this, boolean>(this);
  private readonly _events = new Signal<this, IEmission>(this);
  private _lastRead = Promise.resolve(new ArrayBuffer(0));
  private _count = 0;
  private _isLost = false;
}

function lost(): Response {
  const problem: IProblem = {
    kind: 'other',
    message: english.__('The kernel of this panel was restarted or is gone.'),
    hint: english.__('Run its cell again.')
  };
  return new Response(JSON.stringify(problem), { status: 410 });
}
