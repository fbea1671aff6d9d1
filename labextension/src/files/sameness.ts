/** What has not changed keeps its identity, so that the panel draws only what has. */

import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

/** The list `after`, made of the objects of `before` where they are equal; `before` itself if all are. */
export function kept<T extends object>(
  before: readonly T[],
  after: readonly T[],
  key: (item: T) => string
): readonly T[] {
  const known = new Map(before.map(item => [key(item), item]));
  const list = after.map(item => {
    const old = known.get(key(item));
    return old !== undefined && isEqual(old, item) ? old : item;
  });
  return list.length === before.length && list.every((item, index) => item === before[index]) ? before : list;
}

export const isEqual = (one: unknown, other: unknown): boolean =>
  JSONExt.deepEqual(one as ReadonlyPartialJSONValue, other as ReadonlyPartialJSONValue);
