import type { CatalogueColumn } from "./schema-catalogue.ts";

/** PostgreSQL type -> what a query gives, and what an insert may take where that is more. */
const TYPES: Readonly<Record<string, readonly [select: string, write?: string]>> = {
  bigint: ["number"],
  boolean: ["boolean"],
  bytea: ["Uint8Array"],
  "double precision": ["number"],
  halfvec: ["string"],
  integer: ["number"],
  json: ["unknown", "string"],
  jsonb: ["unknown", "string"],
  numeric: ["string", "string | number"],
  smallint: ["number"],
  "public.halfvec": ["string"],
  "public.vector": ["string"],
  text: ["string"],
  "timestamp with time zone": ["Date", "Date | string"],
  uuid: ["string"],
  vector: ["string"],
};

const HEADER = `// Written by scripts/write-tables.ts from a migrated database: do not edit.
// JSON is read parsed and written as text; a view's columns may all be null.
`;

/** The TypeScript file that gives Kysely every table, column and type of the schema. */
export function toTableTypes(columns: readonly CatalogueColumn[]): string {
  const relations = [...new Set(columns.map(({ relation }) => relation))];
  const bodies = relations.map((relation) => {
    const own = columns.filter((column) => column.relation === relation);
    const lines = own.map((column) => `  ${column.column}: ${columnType(column)};`);
    return `export interface ${typeName(relation)} {\n${lines.join("\n")}\n}\n`;
  });
  const names = relations.map((relation) => `  ${relation}: ${typeName(relation)};`);
  const text = `${bodies.join("\n")}\nexport interface Tables {\n${names.join("\n")}\n}\n`;
  const used = ["ColumnType", "Generated", "GeneratedAlways"].filter((name) =>
    new RegExp(`\\b${name}<`).test(text),
  );
  const imports = used.length === 0 ? "" : `import type { ${used.join(", ")} } from "kysely";\n\n`;
  return `${imports}${HEADER}\n${text}`;
}

function columnType(column: CatalogueColumn): string {
  const array = column.type.endsWith("[]");
  const found = TYPES[column.type.replace(/\[\]$|\(.*\)/g, "")];
  if (found === undefined) {
    throw new Error(`${column.relation}.${column.column}: no TypeScript type for ${column.type}`);
  }
  const [select, write] = array ? [`${found[0]}[]`] : found;
  const orNull = column.nullable ? " | null" : "";
  if (column.identity === "a" || column.computed) return `GeneratedAlways<${select}>`;
  const generated = column.fallback !== null || column.identity === "d";
  if (write === undefined)
    return generated ? `Generated<${select}${orNull}>` : `${select}${orNull}`;
  const optional = generated || column.nullable ? " | undefined" : "";
  return `ColumnType<${select}${select === "unknown" ? "" : orNull}, ${write}${orNull}${optional}, ${write}${orNull}>`;
}

/** model_version_detail -> ModelVersionDetail */
function typeName(relation: string): string {
  return relation
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
