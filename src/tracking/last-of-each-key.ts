/** Of entries with the same key the last one, in the order in which the keys came first. */
export function lastOfEachKey<T extends Readonly<{ key: string }>>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
