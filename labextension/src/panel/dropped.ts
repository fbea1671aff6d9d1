/** What was dropped: files as they are, folders walked. */

/** More than this is more likely a mistake than a wish. */
export const MOST_FILES = 1000;

export interface IDropped {
  readonly files: File[];
  /** Names of the folders that were walked. */
  readonly folders: string[];
  /** There were more files than are taken. */
  readonly isTooMuch: boolean;
}

/** Gather the files of a drop; hidden ones inside folders stay where they are. */
export async function gatherDropped(data: DataTransfer): Promise<IDropped> {
  // What a DataTransfer holds is gone after the event: all of it is taken before the first await.
  const entries = Array.from(data.items ?? [], item => item.webkitGetAsEntry?.() ?? null);
  const folders = entries.filter(isFolder);
  if (folders.length === 0) {
    return { files: Array.from(data.files), folders: [], isTooMuch: false };
  }
  const files: File[] = [];
  const waiting = entries.filter(entry => entry !== null);
  while (waiting.length > 0 && files.length <= MOST_FILES) {
    const entry = waiting.shift()!;
    if (isFolder(entry)) {
      waiting.push(...(await childrenOf(entry)).filter(child => !child.name.startsWith('.')));
    } else {
      files.push(await fileOf(entry as FileSystemFileEntry));
    }
  }
  return { files, folders: folders.map(folder => folder.name), isTooMuch: files.length > MOST_FILES };
}

const isFolder = (entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry =>
  entry !== null && entry.isDirectory;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A folder tells its children in portions; an empty portion is the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (portion.length === 0) {
      return children;
    }
    children.push(...portion);
  }
}
