import { COMMANDS } from "../src/cli/commands.ts";
import { runCli } from "../src/cli/run.ts";

const INTRODUCTION = `# Commands

Written from the commands' own help by \`npx tsx scripts/write-cli-docs.ts\`.

- With \`--json\` stdout holds exactly one JSON document, whatever happens; progress and warnings go to stderr.
- Exit: 0 done and good, 1 a check failed, 2 bad input or usage, 3 the environment. [errors.md](errors.md) lists the codes.
- A reader that stops reading (\`… --json | head -c 1\`) is no failure: the rest is not printed, the work is done, and the exit stays what it came to.
- A command works in the current folder (or the nearest one above with a params.yaml) and takes paths relative to it.
- Data files: \`.csv\`, \`.tsv\`, \`.json\` (array of objects), \`.ndjson\`, each also \`.gz\` or \`.zst\`; \`.parquet\`; \`.xlsx\`; a folder or glob of them, or a path with \`{name}\`.
- JSON has no NaN: it is \`null\`. Digests are \`sha256:<hex>\`. Row numbers start at 0, the header not counted.
`;

/** The text of docs/cli.md: each command with its subcommands, as \`--help\` prints them. */
export async function cliPage(): Promise<string> {
  const sections: string[] = [];
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const { subcommands = [] } = await entry.load();
    for (const words of [[name], ...subcommands.map((sub) => [name, sub.name])]) {
      const title = `## duetmind ${words.join(" ")}`;
      sections.push(`${title}\n\n\`\`\`text\n${await helpOf(words)}\n\`\`\`\n`);
    }
  }
  return [INTRODUCTION, ...sections].join("\n");
}

async function helpOf(words: readonly string[]): Promise<string> {
  let text = "";
  const output = { write: (part: string) => (text += part) };
  await runCli({ argv: [...words, "--help"], env: {}, cwd: ".", stdout: output, stderr: output });
  return text.trim();
}
