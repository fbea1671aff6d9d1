/**
 * What the panel knows and can do, wherever it lives.
 *
 * The Lab sidebar's model talks REST and Jupyter events to the server extension, the notebook widget's
 * model talks to the kernel.  Nothing here, and nothing that crosses it, holds a key or an upload URL.
 */

export type Phase =
  | 'receiving' // the browser is still handing the bytes over
  | 'waiting' // for a kernel that is busy
  | 'queued'
  | 'checking'
  | 'uploading'
  | 'retrying'
  | 'processing'
  | 'paused'
  | 'done'
  | 'failed'
  | 'cancelled';

export type Action = 'pause' | 'resume' | 'cancel' | 'retry';

/** One upload, of this page, of a cell or of the command line. */
export interface ITransfer {
  readonly id: string;
  readonly label: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes the other side has; may go down after a fault. */
  readonly sent: number;
  readonly phase: Phase;
  /** Bytes a second; null while there is nothing to measure. */
  readonly rate: number | null;
  /** Seconds left. */
  readonly eta: number | null;
  /** What went wrong, or is being waited for; empty otherwise. */
  readonly note: string;
  /** What to do about it. */
  readonly hint: string;
  /** Variable the result goes to. */
  readonly variable: string;
  /** `files/ID`, once there is one. */
  readonly file: string;
  /** What the user can do with it now. */
  readonly actions: readonly Action[];
}

export type FileState = 'PROCESSING' | 'ACTIVE' | 'FAILED' | 'EXPIRED';

/** One stored file. */
export interface IStoredFile {
  /** `files/ID`. */
  readonly name: string;
  readonly uri: string;
  /** Display name, else the name. */
  readonly label: string;
  readonly mimeType: string;
  /** Bytes; null where the service does not say. */
  readonly size: number | null;
  readonly state: FileState;
  /** Why it failed; empty otherwise. */
  readonly error: string;
  /** ISO 8601, UTC; empty where the service does not say. */
  readonly created: string;
  readonly expires: string;
  /** Variable that holds it; empty for none. */
  readonly variable: string;
  /** A name for a variable that is to hold it. */
  readonly suggestion: string;
  /** Whether its source is known and still there, so that it can be sent again. */
  readonly isRenewable: boolean;
}

/** What is wrong, and what to do. */
export interface IProblem {
  readonly kind: 'no-key' | 'key' | 'network' | 'quota' | 'server' | 'other';
  readonly message: string;
  readonly hint: string;
}

export interface ISnapshot {
  /** Nothing has been heard yet. */
  readonly isLoading: boolean;
  /** The other side can't answer now: a kernel that runs a cell. */
  readonly isBusy: boolean;
  readonly isOffline: boolean;
  /** Where requests go, for people: a host name, or "offline server". */
  readonly place: string;
  readonly problem: IProblem | null;
  readonly files: readonly IStoredFile[];
  /** Newest first; ended ones stay for a while. */
  readonly transfers: readonly ITransfer[];
  /** Bytes. */
  readonly used: number;
  readonly limit: number;
  /** The service's clock less this one's, in milliseconds: times to live are counted by the service's. */
  readonly clockSkew: number;
}

/** What a button that uploads has to do with. */
export interface IUploads {
  /** Immutable; another object after each change.  What has not changed in it keeps its identity. */
  readonly snapshot: ISnapshot;
  /** Be told of each change; returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** Upload files of this browser. */
  upload(files: readonly File[]): void;
  act(transfer: string, action: Action): Promise<void>;
}

/** What the panel has to do with. */
export interface IFilesModel extends IUploads {
  refresh(): Promise<void>;
  /** Take ended transfers off the list. */
  clearEnded(): void;
  remove(names: readonly string[]): Promise<void>;
  /** Send a file again from its source. */
  renew(name: string): Promise<void>;
  /** Plain google-genai code that uses files. */
  code(names: readonly string[]): Promise<string>;
  /** Bind a file to a variable, to none if it is empty; rejects with an Error whose message says why not. */
  setVariable(name: string, variable: string): Promise<void>;
}

/** What the panel's surroundings can do with a file; what is absent is not offered. */
export interface IHost {
  /** Insert code that binds the files to variables into the notebook, not run. */
  insertVariables?(files: readonly IStoredFile[]): void;
  /** Insert a prompt cell, not run. */
  insertPrompt?(files: readonly IStoredFile[]): void;
  /** Insert plain google-genai code, not run. */
  insertCode?(files: readonly IStoredFile[]): Promise<void>;
  copy(text: string): Promise<void>;
  /** Where no cell can be inserted: copy one instead. */
  copyPrompt?(files: readonly IStoredFile[]): Promise<void>;
  copyCode?(files: readonly IStoredFile[]): Promise<void>;
  /** Begin a drag of files out of the panel into a notebook. */
  startDrag?(files: readonly IStoredFile[], event: MouseEvent): void;
  /** The selection has changed. */
  onSelect?(names: readonly string[]): void;
}
