import type { DumpTable } from "./dump-format.ts";
import type { MigrationConnection } from "./migrate.ts";

/**
 * The tables of our schema with the columns that hold a value of their own (a generated one is made
 * again), parents before the tables that refer to them.
 */
export async function readDumpTables(connection: MigrationConnection): Promise<DumpTable[]> {
  const { rows } = await connection.query(`
    SELECT c.relname AS name,
      json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
        ORDER BY a.attnum) AS columns,
      (SELECT coalesce(json_agg(DISTINCT p.relname), '[]')
         FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid
         WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS parents
    FROM pg_class c
    JOIN pg_attribute a
      ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relnamespace = to_regnamespace('duetmind') AND c.relkind IN ('r', 'p')
    GROUP BY c.oid, c.relname
    ORDER BY c.relname COLLATE "C"`);
  const found = rows as (Omit<DumpTable, "kind"> & { parents: string[] })[];
  return parentsFirst(found).map(({ name, columns }) => ({ kind: "table", name, columns }));
}

export async function readSequences(connection: MigrationConnection): Promise<string[]> {
  const { rows } = await connection.query(`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = to_regnamespace('duetmind') AND relkind = 'S'
    ORDER BY relname COLLATE "C"`);
  return (rows as { name: string }[]).map(({ name }) => name);
}

/** Tables that refer to each other in a ring come where the first of them is needed. */
function parentsFirst<T extends Readonly<{ name: string; parents: readonly string[] }>>(
  tables: readonly T[],
): T[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const ordered = new Set<T>();
  const entered = new Set<T>();
  const visit = (table: T) => {
    if (entered.has(table)) return;
    entered.add(table);
    for (const name of table.parents) {
      const parent = byName.get(name);
      if (parent !== undefined) visit(parent);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return [...ordered];
}
