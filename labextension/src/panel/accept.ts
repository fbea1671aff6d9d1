/** Which files are wanted, in the words of an `<input accept>`: drops have to be checked by hand. */

/** Whether a file is of a kind in `accept`, such as `video/*,.pdf`; an empty one takes everything. */
export function isAccepted(file: File, accept: string): boolean {
  const kinds = accept
    .toLowerCase()
    .split(',')
    .map(kind => kind.trim())
    .filter(Boolean);
  return kinds.length === 0 || kinds.some(kind => isOfKind(file, kind));
}

function isOfKind(file: File, kind: string): boolean {
  const type = file.type.toLowerCase();
  if (kind.startsWith('.')) {
    return file.name.toLowerCase().endsWith(kind);
  }
  return kind.endsWith('/*') ? type.startsWith(kind.slice(0, -1)) : type === kind || kind === '*';
}
