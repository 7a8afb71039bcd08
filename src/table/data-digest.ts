import { type Digest, digestBytes } from "../core/hash.ts";
import type { Engine } from "./engine.ts";
import type { Relation } from "./relation.ts";
import { id, join, sql } from "./sql.ts";

/** Digest of a table's values in row order, whatever file format or writer holds them. */
export async function dataDigest(engine: Engine, relation: Relation): Promise<Digest> {
  const names = join(relation.columns.map((column) => id(column.name)));
  const rows = await engine.rows(sql`SELECT ${names} FROM ${relation.sql}`);
  return digestBytes(JSON.stringify(rows.map((row) => Object.values(row).map(String))));
}
