import type { Digest } from "../core/hash.ts";
import { digestDoubles } from "./column-digest.ts";
import type { Engine } from "./engine.ts";
import type { Relation } from "./relation.ts";
import { scanRelation } from "./scan-relation.ts";

/**
 * Digest of a table's values in row order, with the names and types of its columns: the same whatever
 * file format, writer or number of threads brought them.
 */
export async function dataDigest(engine: Engine, relation: Relation): Promise<Digest> {
  return (await scanRelation(engine, relation, digestDoubles)).dataDigest;
}
