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
 * turn, and asked its questions. Recall@k of a question is the share of its evidence turns that are
 * among the first k hits, and of a set the mean over its questions; beside it stands the share of all
 * evidence turns, in which a question weighs by how many it has. No language model has a part in it.
 *
 * The first two conversations are those that weights were chosen on. The other two were not tuned on, but
 * their figures were in sight meanwhile.
 *
 *     npm run bench bench/memory-locomo.ts [locomo.json]
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
/** Sums by cut: of the recalls of questions, and of evidence turns that were found. */
type Count = {
  questions: number;
  evidence: number;
  recalls: Map<number, number>;
  found: Map<number, number>;
};

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
    await ask(memory, conversation, (category, ranks) => {
      for (const name of [part, "all", conversation.sample_id, `category ${category}`]) {
        add(counts, name, ranks);
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
  count: (category: number, ranks: readonly number[]) => void,
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
    const ranks = [...wanted].filter((ref) => refs.has(ref)).map((ref) => found.indexOf(ref));
    if (ranks.length > 0) count(category, ranks);
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

/** `ranks` of the evidence of one question, from 0; -1 where a turn was not among the hits. */
function add(counts: Map<string, Count>, name: string, ranks: readonly number[]): void {
  const count = counts.get(name) ?? {
    questions: 0,
    evidence: 0,
    recalls: new Map<number, number>(),
    found: new Map<number, number>(),
  };
  counts.set(name, count);
  count.questions += 1;
  count.evidence += ranks.length;
  for (const cut of CUTS) {
    const found = ranks.filter((rank) => rank >= 0 && rank < cut).length;
    count.found.set(cut, (count.found.get(cut) ?? 0) + found);
    count.recalls.set(cut, (count.recalls.get(cut) ?? 0) + found / ranks.length);
  }
}

function report(counts: ReadonlyMap<string, Count>): void {
  const shares = (name: string, sums: ReadonlyMap<number, number>, of: number) =>
    CUTS.map((cut): [string, number] => [`${name}_at_${cut}`, round(sums.get(cut)! / of)]);
  const sets = ["tuned on", "held out", "all"];
  const others = [...counts].filter(([name]) => !sets.includes(name)).sort();
  const recallsAt10 = others.map(([name, { recalls, questions }]): [string, number] => [
    `recall_at_10 of ${name}`,
    round(recalls.get(10)! / questions),
  ]);
  reportBench(
    "memory-locomo",
    sets.map((name) => {
      const { questions, evidence, recalls, found } = counts.get(name)!;
      const figures = [
        ...shares("recall", recalls, questions),
        ...shares("turns", found, evidence),
        ...(name === "all" ? recallsAt10 : []),
      ];
      return {
        case: `LoCoMo, evidence recall@10: ${name}`,
        ours: { questions, evidence, ...Object.fromEntries(figures) },
        peer: { name: "0.5 cosine + 0.5 BM25 over all ten", recall_at_10: PLAIN_HYBRID },
        figure: round(recalls.get(10)! / questions),
        bar: { op: ">=", value: 0.72 },
      };
    }),
  );
}

function round(share: number): number {
  return Number(share.toFixed(4));
}
