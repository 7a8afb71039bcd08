import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedder } from "../src/agent-memory/embedding/embedder.ts";
import { embeddingParams } from "../src/agent-memory/embedding/params.ts";
import { extractiveSummary } from "../src/agent-memory/life-cycle/summarise.ts";
import type { Memory, NewMemory } from "../src/agent-memory/memory.ts";
import { createMemoryService } from "../src/agent-memory/memory-service.ts";
import { memoryParams } from "../src/agent-memory/params.ts";
import { realEffects } from "../src/core/effects.ts";
import { openDatabase } from "../src/store/database.ts";
import { databaseParams } from "../src/store/params.ts";
import { reportBench } from "./result.ts";

/**
 * Does retrieval find the turns of a conversation that answer a question? LoCoMo (Maharana et al. 2024,
 * CC BY-NC 4.0: for benches only), four of its conversations: each is stored as one session, turn by
 * turn, and asked its questions. Recall@k is the share of the evidence turns, each counted once for its
 * question, among the first k hits. No language model has a part in it.
 *
 * The first two conversations are those that weights were chosen on; the other two were not looked at.
 *
 *     npx tsx bench/memory-locomo.ts [locomo.json]
 */
const [, , path = "../shared/data/locomo-dev.json"] = process.argv;
const CUTS = [5, 10, 20] as const;
/** Measured by others than us with 0.5 cosine + 0.5 BM25, over all ten conversations. */
const PLAIN_HYBRID = 0.655;

type Turn = Readonly<{ speaker: string; dia_id: string; text: string; blip_caption?: string }>;
type Conversation = Readonly<{
  sample_id: string;
  conversation: Readonly<Record<string, unknown>>;
  qa: readonly Readonly<{ question: string; evidence: readonly string[]; category: number }>[];
}>;
type Count = { evidence: number; found: Map<number, number> };

const root = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const effects = realEffects;
const database = await openDatabase({ root, env: {}, params: databaseParams.parse({}), effects });
const embedder = await openEmbedder({ root, params: embeddingParams.parse({}), effects });
const params = memoryParams.parse({});
const privacy = { redact: undefined, seal: undefined };
const more = { privacy, summarise: extractiveSummary, report: console.error };
const parts = { database, embedder, params, effects, ...more };
const service = createMemoryService(parts);
try {
  const memory = service.as({ tenant: "bench", agent: "locomo", reach: "agent", actor: "bench" });
  const conversations = JSON.parse(readFileSync(path, "utf8")) as readonly Conversation[];
  const counts = new Map<string, Count>();
  for (const [i, conversation] of conversations.entries()) {
    const part = i < 2 ? "tuned on" : "held out";
    await ask(memory, conversation, (category, cut, isFound) => {
      for (const name of [part, "all", conversation.sample_id, `category ${category}`]) {
        add(counts, name, cut, isFound);
      }
    });
  }
  report(counts);
} finally {
  await service.close();
  await embedder.close();
  await database.close();
  rmSync(root, { recursive: true, force: true });
}

/** Stores the turns in batches, as an import does, and asks every question that has evidence. */
async function ask(
  memory: Memory,
  { sample_id: sessionId, conversation, qa }: Conversation,
  count: (category: number, cut: number, isFound: boolean) => void,
): Promise<void> {
  const turns = turnsOf(sessionId, conversation);
  for (let at = 0; at < turns.length; at += 100) {
    await memory.storeMemories(turns.slice(at, at + 100));
  }
  const refs = new Set(turns.map(({ metadata }) => metadata!["ref"]));
  for (const { question, evidence, category } of qa) {
    const wanted = new Set(evidence.join(" ").match(/D\d+:\d+/g) ?? []);
    const limit = Math.max(...CUTS);
    const hits = await memory.retrieveMemories({ query: question, sessionId, limit, touch: false });
    const found = hits.map(({ metadata }) => metadata["ref"]);
    for (const ref of [...wanted].filter((each) => refs.has(each))) {
      for (const cut of CUTS) count(category, cut, found.slice(0, cut).includes(ref));
    }
  }
}

function turnsOf(sessionId: string, conversation: Conversation["conversation"]): NewMemory[] {
  const names = Object.keys(conversation).filter((name) => /^session_\d+$/.test(name));
  names.sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)));
  return names.flatMap((name) => {
    const createdAt = timeOf(String(conversation[`${name}_date_time`]));
    return (conversation[name] as readonly Turn[]).map((turn) => ({
      sessionId,
      content: `${turn.speaker}: ${turn.text}${turn.blip_caption === undefined ? "" : ` [${turn.blip_caption}]`}`,
      memoryType: "experience",
      metadata: { ref: turn.dia_id },
      createdAt,
    }));
  });
}

/** Such as "1:56 pm on 8 May, 2023". */
function timeOf(text: string): Date {
  const [, hour, minute, half, day, month, year] =
    /^(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)$/.exec(text) ?? [];
  const hours = (Number(hour) % 12) + (half === "pm" ? 12 : 0);
  return new Date(`${day} ${month} ${year} ${hours}:${minute} UTC`);
}

function add(counts: Map<string, Count>, name: string, cut: number, isFound: boolean): void {
  const count = counts.get(name) ?? { evidence: 0, found: new Map() };
  counts.set(name, count);
  if (cut === CUTS[0]) count.evidence += 1;
  count.found.set(cut, (count.found.get(cut) ?? 0) + (isFound ? 1 : 0));
}

function report(counts: ReadonlyMap<string, Count>): void {
  const recallOf = ({ evidence, found }: Count) =>
    Object.fromEntries(
      CUTS.map((cut) => [`recall_at_${cut}`, Number((found.get(cut)! / evidence).toFixed(4))]),
    );
  const order = ["tuned on", "held out", "all"];
  const names = [...order, ...[...counts.keys()].filter((name) => !order.includes(name)).sort()];
  reportBench(
    "memory-locomo",
    names.map((name) => {
      const count = counts.get(name)!;
      const recall = recallOf(count);
      return {
        case: `LoCoMo, evidence recall@10: ${name}`,
        ours: { evidence: count.evidence, ...recall },
        peer: { name: "0.5 cosine + 0.5 BM25 over all ten", recall_at_10: PLAIN_HYBRID },
        figure: recall["recall_at_10"]!,
        bar: { op: ">=", value: 0.72 },
      };
    }),
  );
}
