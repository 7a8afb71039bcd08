import { countOf } from "../../core/count-of.ts";
import { DuetMindError } from "../../core/errors.ts";
import type { CommandDefinition } from "../command.ts";
import { linesOf } from "../json-lines.ts";
import { memoryOptions, withEmbedding } from "../with-memory.ts";

const LINE = `
A line: {"session_id": "s1", "content": "Ann: the scan is on Friday"} and, where known, memory_type, importance,
created_at, metadata, actor, source, subject, scope, trust, valid_from, valid_to, expires_at, and of an export
id, associations and superseded_by. Lines of a session
stand in the order of time. A line that is there already is not stored again, so a file may be imported twice.`;

export const memoryImport: CommandDefinition = {
  name: "import",
  summary: "Store the memories of an NDJSON file",
  examples: ["duetmind memory import memories.ndjson", "duetmind memory import - --json"],
  configure: (command) => {
    memoryOptions(command.argument("<file>", "NDJSON; - for stdin")).addHelpText("after", LINE);
  },
  run: ({ args, options }, context) =>
    withEmbedding(options, context, async (memory) => {
      const file = args[0]!;
      const task = context.effects.progress.start("import", undefined, "lines");
      let count = 0;
      async function* counted(): AsyncGenerator<string> {
        for await (const line of linesOf(file, context.cwd)) {
          yield line;
          count += 1;
          task.advance(1);
          if (count % NOTE_EVERY === 0)
            context.effects.progress.note(`import: ${countOf(count, "line")}`);
        }
      }
      const done = await memory.importMemories(counted()).catch((error: unknown) => {
        throw inFile(error, file);
      });
      const { imported, deduplicated, expired, associations, sessions, ids } = done;
      const parts = [
        `imported ${countOf(imported, "memory", "memories")} of ${countOf(sessions, "session")}`,
        ...(deduplicated === 0 ? [] : [`${deduplicated} had been stored before`]),
        ...(expired === 0 ? [] : [`${countOf(expired, "expired line")} left out`]),
        ...(associations === 0 ? [] : [countOf(associations, "association")]),
      ];
      task.done(countOf(count, "line"));
      return {
        json: {
          ...{ imported, deduplicated, sessions, ids },
          ...(expired === 0 ? {} : { expired }),
          ...(associations === 0 ? {} : { associations }),
        },
        text: parts.join("; "),
      };
    }),
};

const NOTE_EVERY = 5_000;

function inFile(error: unknown, file: string): unknown {
  if (!(error instanceof DuetMindError) || !error.message.startsWith("line ")) return error;
  return new DuetMindError(error.code, `${file}: ${error.message}`, { ...error.details, file });
}
