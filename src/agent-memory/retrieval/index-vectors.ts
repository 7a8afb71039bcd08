import { type RawBuilder, sql } from "kysely";
import type { OpenedDatabase } from "../../store/database.ts";
import type { MemoryParts } from "../memory-parts.ts";
import { UPKEEP, within } from "../within.ts";
import type { QueryVector } from "./vector-queries.ts";

/** What a database keeps vectors as: half the size at the same recall on a server; slower in WebAssembly. */
export function vectorType({ kind }: Pick<OpenedDatabase, "kind">): QueryVector["type"] {
  return kind === "postgresql" ? "halfvec" : "vector";
}

/** The index of a model's vectors, null where there is none; named as in 0008-memory-vector-indexes. */
export function indexOf(fingerprint: string): RawBuilder<unknown> {
  return sql`to_regclass('duetmind.memory_embedding_hnsw_' || left(md5(${fingerprint}), 12))`;
}

/** Makes the index of the model that is used, where there are enough vectors; true if it is there. */
export function indexVectors({ database, embedder, params }: MemoryParts): Promise<boolean> {
  // building it takes minutes, where a statement of a caller may not
  const asking = { identity: UPKEEP, at: null, settings: { statement_timeout: "0" } };
  return within(database, asking, async (db) => {
    const { rows } = await sql<{ is_there: boolean }>`SELECT duetmind.index_memory_vectors(
      ${embedder.fingerprint}, ${vectorType(database)}, ${params.retrieval.index_from}::integer)
      AS is_there`.execute(db);
    return rows[0]!.is_there;
  });
}
