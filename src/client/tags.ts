/** Tags and params as the list that the wire has for them. */
export function toPairs(
  record: Readonly<Record<string, string>> = {},
): readonly Readonly<{ key: string; value: string }>[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
