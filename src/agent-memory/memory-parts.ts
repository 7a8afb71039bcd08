import type { Effects } from "../core/effects.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { MemoryParams } from "./params.ts";
import type { TextEmbedder } from "./text-embedder.ts";

/** What every operation on agent memory works with. */
export type MemoryParts = Readonly<{
  database: OpenedDatabase;
  embedder: TextEmbedder;
  params: MemoryParams;
  effects: Pick<Effects, "clock">;
  /** Is told what fails in the background; it is tried again in any case. */
  report: (error: unknown) => void;
}>;
