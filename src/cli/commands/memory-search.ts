import { z } from "zod";
import { expected } from "../../agent-memory/clean-text.ts";
import type { Memory, MemoryHit, MemoryQuery } from "../../agent-memory/memory.ts";
import { toHitJson } from "../../agent-memory/memory-json.ts";
import { writtenTime } from "../../agent-memory/memory-line.ts";
import { countOf } from "../../core/count-of.ts";
import { defined } from "../../core/defined.ts";
import { DuetMindError } from "../../core/errors.ts";
import { toTable } from "../../core/text-table.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import type { CliContext } from "../context.ts";
import { linesOf, parseJsonLine } from "../json-lines.ts";
import {
  contentLine,
  parseCount,
  parseList,
  parseNumber,
  parseObject,
  parseTime,
} from "../memory-values.ts";
import { memoryOptions, withEmbedding } from "../with-memory.ts";

const QUERY_LINES = `
A line of --queries: {"query_id": "q1", "session_id": "s1", "query": "when is the scan?"} and, where wanted,
limit, memory_types, since, until, min_importance. A search from here is not counted as a use of what it
finds, so that it changes no ranking of a later one.`;

export const memorySearch: CommandDefinition = {
  name: "search",
  summary: "Find the memories that answer a query, best first, and say why",
  examples: [
    'duetmind memory search --session s1 --query "when is the scan?"',
    "duetmind memory search --queries questions.ndjson --limit 20 --json",
  ],
  configure: (command) => {
    memoryOptions(command)
      .option("--session <id>", "only there; else in every session of the agent")
      .option("--query <text>", "what to look for")
      .option("--queries <file>", "NDJSON with many queries; - for stdin")
      .option("--limit <number>", "how many hits", parseCount, 10)
      .option("--types <words>", "comma list: only these", parseList)
      .option("--min-importance <number>", "0 to 1", parseNumber)
      .option("--since <time>", "created then or later", parseTime)
      .option("--until <time>", "created before", parseTime)
      .option("--metadata <json>", "with these values in their metadata", parseObject)
      .addHelpText("after", QUERY_LINES);
  },
  async run({ options }, context) {
    const { query, queries } = options as Partial<Record<string, string>>;
    if ((query === undefined) === (queries === undefined)) {
      const got = query === undefined ? "neither" : "both";
      throw new DuetMindError("USAGE", `memory search: expected --query or --queries, got ${got}`);
    }
    const common = {
      limit: options["limit"] as number,
      touch: false,
      ...defined({
        sessionId: options["session"] as string | undefined,
        memoryTypes: options["types"] as string[] | undefined,
        minImportance: options["minImportance"] as number | undefined,
        since: options["since"] as Date | undefined,
        until: options["until"] as Date | undefined,
        metadata: options["metadata"] as Record<string, unknown> | undefined,
      }),
    } as Omit<MemoryQuery, "query">;
    if (query !== undefined) {
      return withEmbedding(options, context, async (memory) => {
        const hits = await memory.retrieveMemories({ ...common, query });
        return { json: { hits: hits.map(toHitJson) }, text: toText(hits) };
      });
    }
    const asked = await readQueries(queries!, common, context);
    return withEmbedding(options, context, (memory) => searchAll(memory, queries!, asked, context));
  },
};

const line = z.strictObject({
  query_id: z.union([z.string(), z.number()], { error: expected("a text or a number") }),
  query: z.string().min(1),
  session_id: z.string().min(1).nullish(),
  limit: z.int().min(1).nullish(),
  memory_types: z.array(z.string()).nullish(),
  since: writtenTime.nullish(),
  until: writtenTime.nullish(),
  min_importance: z.number().min(0).max(1).nullish(),
});

type Asked = Readonly<{ id: string | number; line: number; query: MemoryQuery }>;

async function readQueries(
  path: string,
  common: Omit<MemoryQuery, "query">,
  context: CliContext,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  let number = 0;
  for await (const text of linesOf(path, context.cwd)) {
    number += 1;
    if (text.trim() === "") continue;
    const value = parseJsonLine(line, text, path, number);
    const { query_id: id, query, session_id, limit, memory_types, since, until } = value;
    const own = defined({
      sessionId: session_id ?? undefined,
      limit: limit ?? undefined,
      memoryTypes: memory_types ?? undefined,
      minImportance: value.min_importance ?? undefined,
      since: since ?? undefined,
      until: until ?? undefined,
    });
    asked.push({ id, line: number, query: { ...common, ...own, query } as MemoryQuery });
  }
  return asked;
}

/** Embedding one query while another is searched keeps both threads busy. */
const AT_ONCE = 4;

async function searchAll(
  memory: Memory,
  path: string,
  asked: readonly Asked[],
  { effects }: CliContext,
): Promise<CommandResult> {
  const task = effects.progress.start("search", asked.length, "queries");
  const found = new Array<readonly MemoryHit[]>(asked.length);
  let next = 0;
  const worker = async () => {
    while (next < asked.length) {
      const at = next;
      next += 1;
      found[at] = await memory.retrieveMemories(asked[at]!.query).catch((error: unknown) => {
        if (!(error instanceof DuetMindError)) throw error;
        const { line } = asked[at]!;
        next = asked.length;
        throw new DuetMindError(error.code, `${path}: line ${line}: ${error.message}`, {
          ...error.details,
          ...{ file: path, line },
        });
      });
      task.advance(1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  task.done(countOf(asked.length, "query", "queries"));
  return {
    json: {
      results: asked.map(({ id }, i) => ({ query_id: id, hits: found[i]!.map(toHitJson) })),
    },
    text: asked.map(({ id }, i) => `${id}\n${toText(found[i]!)}`).join("\n\n"),
  };
}

function toText(hits: readonly MemoryHit[]): string {
  if (hits.length === 0) return "nothing was found";
  return toTable(
    ["", "score", "meaning", "words", "created", "type", "id", "content"],
    hits.map(({ rank, score, parts, createdAt, memoryType, id, content }) => [
      String(rank),
      score.toFixed(3),
      parts.semantic.toFixed(2),
      parts.lexical.toFixed(2),
      createdAt.toISOString().slice(0, 10),
      ...[memoryType, id, contentLine(content)],
    ]),
  );
}
