export type SchemaColumn = Readonly<{ name: string; type: string }>;

/** One difference between the columns of two versions of a dataset. */
export type SchemaChange = Readonly<{
  kind: "added" | "removed" | "retyped" | "moved";
  column: string;
  before: string | null;
  after: string | null;
}>;

/** What changed from one list of columns to the next: by name, types compared; order last. */
export function schemaChanges(
  before: readonly SchemaColumn[],
  after: readonly SchemaColumn[],
): SchemaChange[] {
  const types = new Map(before.map(({ name, type }) => [name, type]));
  const now = new Set(after.map(({ name }) => name));
  const changes = [
    ...before
      .filter(({ name }) => !now.has(name))
      .map(({ name, type }) => change("removed", name, type, null)),
    ...after.flatMap(({ name, type }) => {
      const was = types.get(name);
      if (was === undefined) return [change("added", name, null, type)];
      return was === type ? [] : [change("retyped", name, was, type)];
    }),
  ];
  if (changes.some(({ kind }) => kind !== "retyped")) return changes;
  const moved = after.flatMap(({ name }, place) => {
    const was = before.findIndex((column) => column.name === name);
    return was === place ? [] : [change("moved", name, `place ${was}`, `place ${place}`)];
  });
  return [...changes, ...moved];
}

function change(
  kind: SchemaChange["kind"],
  column: string,
  before: string | null,
  after: string | null,
): SchemaChange {
  return { kind, column, before, after };
}
