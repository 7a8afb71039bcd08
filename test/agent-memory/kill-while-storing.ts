import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sql } from "kysely";
import { within } from "../../src/agent-memory/within.ts";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { databaseParams } from "../../src/store/params.ts";

export type Killed = Readonly<{
  acknowledged: number;
  /** Acknowledged and not there. */
  lost: number;
  /** There without a vector, or a vector without its memory's, or a part of a batch. */
  half: number;
  stored: number;
}>;

/**
 * Stores in a process of its own and kills it in the middle, so many rounds, each after another number
 * of batches; then opens the database again and looks for what was acknowledged.
 */
export async function killWhileStoring(
  root: string,
  databaseUrl: string | undefined,
  rounds: number,
): Promise<Killed> {
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    acknowledged.push(...(await storeAndKill(root, databaseUrl, round)));
  }
  const env = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const params = databaseParams.parse({});
  const database = await openDatabase({ root, env, params, effects: realEffects });
  try {
    const operator = { tenant: "acme", agent: "operator", reach: "tenant" } as const;
    return await within(database, { identity: operator, at: null }, async (db) => {
      const { rows } = await sql<{ lost: number; half: number; stored: number }>`
        WITH memory AS (SELECT m.id, m.metadata ->> 'batch' AS batch,
            EXISTS (SELECT FROM duetmind.memory_embedding e WHERE e.memory_id = m.id) AS whole
          FROM duetmind.agent_memory m)
        SELECT (SELECT count(*) FROM memory) AS stored,
          (SELECT count(*) FROM unnest(${acknowledged}::uuid[]) AS a(id)
            WHERE NOT EXISTS (SELECT FROM memory WHERE memory.id = a.id)) AS lost,
          (SELECT count(*) FROM memory WHERE NOT whole)
            + (SELECT count(*) FROM (SELECT FROM memory GROUP BY batch HAVING count(*) <> 10) AS part)
            AS half`.execute(db);
      return { acknowledged: acknowledged.length, ...rows[0]! };
    });
  } finally {
    await database.close();
  }
}

async function storeAndKill(
  root: string,
  databaseUrl: string | undefined,
  round: number,
): Promise<string[]> {
  const script = join(import.meta.dirname, "store-until-killed.ts");
  const args = ["--import", "tsx", script, root, databaseUrl ?? "", String(round)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const ids: string[] = [];
  let batches = 0;
  let acknowledgedAt = performance.now();
  for await (const line of createInterface({ input: child.stdout })) {
    ids.push(...(JSON.parse(line) as string[]));
    batches += 1;
    const takenMs = performance.now() - acknowledgedAt;
    acknowledgedAt = performance.now();
    // at another moment of the next batch each round, as long as the last one took
    const share = ((round * 7) % 20) / 20;
    if (batches === 3 + (round % 5)) setTimeout(() => child.kill("SIGKILL"), takenMs * share);
  }
  const [code, signal] = (await exited) as [number | null, string | null];
  if (signal !== "SIGKILL") throw new Error(`expected the writer to be killed, got exit ${code}`);
  return ids;
}
