import { writeSync } from "node:fs";
import { extractiveSummary } from "../../src/agent-memory/life-cycle/summarise.ts";
import { createMemoryService } from "../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../src/agent-memory/params.ts";
import { NO_PRIVACY } from "../../src/agent-memory/privacy/memory-privacy.ts";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { databaseParams } from "../../src/store/params.ts";
import { wordEmbedder } from "./word-embedder.ts";

/**
 * A process of its own that stores batches without end and says the ids of each when they are
 * acknowledged, a line a batch, until it is killed: see kill-while-storing.ts.
 */
const [root, url, round] = process.argv.slice(2) as [string, string, string];

const report = (error: unknown) => {
  throw error;
};
const database = await openDatabase({
  ...{ root, env: url === "" ? {} : { DATABASE_URL: url } },
  ...{ params: databaseParams.parse({}), effects: realEffects },
});
const params = memoryParams.parse({});
const parts = {
  ...{ database, embedder: wordEmbedder(), params, effects: realEffects, report },
  ...{ privacy: NO_PRIVACY, summarise: extractiveSummary },
};
const ann = { tenant: "acme", agent: "ann", reach: "agent", actor: "test" } as const;
const memory = createMemoryService(parts).as(ann);
for (let batch = 0; ; batch += 1) {
  const stored = await memory.storeMemories(
    Array.from({ length: 10 }, (_, n) => ({
      sessionId: `s${n % 3}`,
      content: `memory ${n} of batch ${batch} in round ${round}`,
      metadata: { batch: `${round}-${batch}` },
    })),
  );
  writeSync(1, `${JSON.stringify(stored.map(({ id }) => id))}\n`); // at once, whatever comes next
}
