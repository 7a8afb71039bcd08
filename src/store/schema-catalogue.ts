import type { MigrationConnection } from "./migrate.ts";

export type CatalogueColumn = Readonly<{
  relation: string;
  kind: "table" | "view";
  column: string;
  /** PostgreSQL's own spelling, such as `character varying(20)`. */
  type: string;
  nullable: boolean;
  /** The expression of a default or of what is computed; null for none. */
  fallback: string | null;
  identity: "" | "a" | "d";
  /** GENERATED ALWAYS AS (…) STORED: nobody writes it. */
  computed: boolean;
}>;

/** The columns of every table and view of our schema, by name and place. */
export async function readColumnCatalogue(
  connection: MigrationConnection,
): Promise<CatalogueColumn[]> {
  const { rows } = await connection.query(`
    SELECT c.relname AS relation,
      CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END AS kind,
      a.attname AS "column",
      format_type(a.atttypid, a.atttypmod) AS type,
      NOT a.attnotnull AS nullable,
      pg_get_expr(d.adbin, d.adrelid) AS fallback,
      a.attidentity::text AS identity,
      a.attgenerated <> '' AS computed
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'duetmind'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    ORDER BY c.relname COLLATE "C", a.attnum`);
  return rows as CatalogueColumn[];
}
