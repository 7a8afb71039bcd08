import type { Effects } from "../core/effects.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { Summariser } from "./life-cycle/summarise.ts";
import type { MemoryParams } from "./params.ts";
import type { MemoryPrivacy } from "./privacy/memory-privacy.ts";
import type { TextEmbedder } from "./text-embedder.ts";

/** What every operation on agent memory works with. */
export type MemoryParts = Readonly<{
  database: OpenedDatabase;
  embedder: TextEmbedder;
  params: MemoryParams;
  privacy: MemoryPrivacy;
  /** Makes one text of near-duplicates: extractiveSummary unless somebody has a better one. */
  summarise: Summariser;
  effects: Pick<Effects, "clock">;
  /** Is told what fails in the background; what waits in a table is tried again in any case. */
  report: (error: unknown) => void;
}>;
