import type { MigrationConnection } from "./migrate.ts";
import { type CatalogueColumn, readColumnCatalogue } from "./schema-catalogue.ts";

/**
 * The schema as SQL in one fixed form, from the catalogue alone: the same text from PGlite and from
 * PostgreSQL, so that a difference is a difference of the schema (the one that is meant is the type of
 * vectors, which a server keeps in half numbers). pg_dump is not part of PGlite, and
 * its output changes with its version. Everything is sorted by name; names are qualified; rights and
 * rows are left out. The text can be run on an empty database.
 */
export async function dumpSchema(connection: MigrationConnection): Promise<string> {
  await connection.query("BEGIN");
  try {
    await connection.query("SET LOCAL search_path TO pg_catalog"); // definitions name every schema
    const columns = await readColumnCatalogue(connection);
    const parts = [
      HEADER,
      "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;\n",
      "CREATE SCHEMA duetmind;\n",
      ...(await definitions(connection, FUNCTIONS)).map((text) => `${text.trimEnd()};\n`),
      ...tablesOf(columns).map(createTable),
      ...(await definitions(connection, CONSTRAINTS)),
      ...(await definitions(connection, INDEXES)),
      ...(await definitions(connection, VIEWS)),
      ...(await definitions(connection, TRIGGERS)),
      ...(await definitions(connection, ROW_SECURITY)),
      ...(await definitions(connection, POLICIES)),
    ];
    return parts.join("\n");
  } finally {
    await connection.query("ROLLBACK");
  }
}

const HEADER = "-- Written by `duetmind db dump`: do not edit.\n";

const FUNCTIONS = `
  SELECT pg_get_functiondef(oid) AS definition FROM pg_proc
  WHERE pronamespace = 'duetmind'::regnamespace
  ORDER BY proname COLLATE "C", pg_get_function_identity_arguments(oid)`;

/** Keys first, because foreign keys need them. NOT NULL stands at its column, whatever the version. */
const CONSTRAINTS = `
  SELECT format(E'ALTER TABLE %s\\n  ADD CONSTRAINT %I %s;\\n', conrelid::regclass, conname,
    pg_get_constraintdef(oid)) AS definition
  FROM pg_constraint
  WHERE connamespace = 'duetmind'::regnamespace AND contype IN ('p', 'u', 'c', 'f', 'x')
  ORDER BY contype = 'f', conrelid::regclass::text COLLATE "C", conname COLLATE "C"`;

/** Without those that a model of embeddings gets when there are enough vectors. */
const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid) || E';\\n' AS definition
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  WHERE c.relnamespace = 'duetmind'::regnamespace
    AND c.relname NOT LIKE 'memory\\_embedding\\_hnsw\\_%'
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype <> 'f')
  ORDER BY c.relname COLLATE "C"`;

const VIEWS = `
  SELECT format(E'CREATE VIEW %s AS\\n%s\\n', oid::regclass, pg_get_viewdef(oid)) AS definition
  FROM pg_class WHERE relnamespace = 'duetmind'::regnamespace AND relkind = 'v'
  ORDER BY relname COLLATE "C"`;

const TRIGGERS = `
  SELECT pg_get_triggerdef(t.oid) || E';\\n' AS definition
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'duetmind'::regnamespace AND NOT t.tgisinternal
  ORDER BY c.relname COLLATE "C", t.tgname COLLATE "C"`;

const ROW_SECURITY = `
  SELECT format(E'ALTER TABLE %s ENABLE ROW LEVEL SECURITY;\\n', oid::regclass)
    || CASE WHEN relforcerowsecurity
      THEN format(E'ALTER TABLE %s FORCE ROW LEVEL SECURITY;\\n', oid::regclass) ELSE '' END
    AS definition
  FROM pg_class WHERE relnamespace = 'duetmind'::regnamespace AND relrowsecurity
  ORDER BY relname COLLATE "C"`;

const COMMANDS = `CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
  WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END`;

const POLICIES = `
  SELECT format(E'CREATE POLICY %I ON %s FOR %s', p.polname, p.polrelid::regclass, ${COMMANDS})
    || coalesce(E'\\n  USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
    || coalesce(E'\\n  WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
    || E';\\n' AS definition
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
  WHERE c.relnamespace = 'duetmind'::regnamespace
  ORDER BY c.relname COLLATE "C", p.polname COLLATE "C"`;

async function definitions(connection: MigrationConnection, sql: string): Promise<string[]> {
  const { rows } = await connection.query(sql);
  return (rows as { definition: string }[]).map(({ definition }) => definition);
}

function tablesOf(columns: readonly CatalogueColumn[]): CatalogueColumn[][] {
  const tables = columns.filter(({ kind }) => kind === "table");
  const names = [...new Set(tables.map(({ relation }) => relation))];
  return names.map((name) => tables.filter(({ relation }) => relation === name));
}

function createTable(columns: readonly CatalogueColumn[]): string {
  const lines = columns.map(({ column, type, nullable, fallback, identity, computed }) => {
    const words = [
      `  ${column} ${type}`,
      ...(fallback === null
        ? []
        : [computed ? `GENERATED ALWAYS AS (${fallback}) STORED` : `DEFAULT ${fallback}`]),
      ...(nullable ? [] : ["NOT NULL"]),
      ...(identity === "" ? [] : [`GENERATED ${IDENTITY[identity]} AS IDENTITY`]),
    ];
    return words.join(" ");
  });
  return `CREATE TABLE duetmind.${columns[0]!.relation} (\n${lines.join(",\n")}\n);\n`;
}

const IDENTITY = { a: "ALWAYS", d: "BY DEFAULT" } as const;
