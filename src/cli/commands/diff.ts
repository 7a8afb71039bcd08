import {
  type DataDiff,
  diffData,
  recordedData,
  requireTargets,
  workspaceData,
} from "../../reproduce/compare/data-diff.ts";
import {
  dataDiffJson,
  dataDiffTable,
  dataDiffText,
} from "../../reproduce/compare/data-diff-text.ts";
import { requireGit, WORKSPACE } from "../../reproduce/compare/revisions.ts";
import type { View } from "../../reproduce/compare/view.ts";
import { pythonJsonAsGiven } from "../../reproduce/values/python-text.ts";
import { toJson } from "../../reproduce/values/to-json.ts";
import type { CommandDefinition } from "../command.ts";
import type { CliContext } from "../context.ts";
import { openCompared } from "../revision-options.ts";

export const command: CommandDefinition = {
  name: "diff",
  summary: "Compare the data of two revisions, or of one and the workspace",
  examples: ["duetmind diff", "duetmind diff v1 v2 --show-hash", "duetmind diff HEAD~1 --json"],
  configure(program) {
    program
      .argument("[a_rev]", "the old revision of git; default: HEAD")
      .argument("[b_rev]", "the new revision of git; default: the workspace")
      .option("--targets <paths...>", "only these outputs, or files in them")
      .option("--show-hash", "the hash of each file too")
      .option("--md", "print a table in Markdown")
      .option("--hide-missing", "do not name what the cache lacks");
  },
  async run({ args, options }, context) {
    const [a, b] = [args[0] ?? "HEAD", args[1]];
    const targets = (options["targets"] as readonly string[] | undefined) ?? [];
    const asked = {
      showHash: options["showHash"] === true,
      hideMissing: b !== undefined || options["hideMissing"] === true,
    };
    const diff = await compareData(a, b ?? null, targets, context);
    const json = dataDiffJson(diff, asked);
    return {
      json: toJson(json),
      jsonText: pythonJsonAsGiven(json),
      text: options["md"] === true ? dataDiffTable(diff, asked) : dataDiffText(diff, asked),
      isVerbatim: true,
    };
  },
};

const NOTHING: DataDiff = { added: [], deleted: [], modified: [], renamed: [], "not in cache": [] };

async function compareData(
  a: string,
  b: string | null,
  targets: readonly string[],
  context: CliContext,
): Promise<DataDiff> {
  const { repository, git, plan } = await openCompared(context);
  if (!requireGit(git).hasCommits()) return NOTHING;
  const names = b === null ? [a] : [a, b];
  const planned = plan({ revisions: names });
  const wanted =
    b === null ? planned : planned.filter(({ name }) => name !== WORKSPACE || names.includes(name));
  if (wanted.length < 2) return NOTHING; // two names of one commit
  const views = new Map<string, View | null>();
  for (const { name, open } of wanted) views.set(name, await open());
  const treeOf = (name: string) => {
    const view = views.get(name) ?? null;
    if (view === null)
      return { entries: new Map(), unknown: new Set<string>(), roots: new Set<string>() };
    const read = name === WORKSPACE ? workspaceData : recordedData;
    return read(view, targets, repository);
  };
  const [old, now] = [treeOf(a), treeOf(b ?? WORKSPACE)];
  const stages = [...views.values()].flatMap((view) => view?.stages ?? []);
  const addresses = new Set(stages.map(({ address }) => address));
  requireTargets(targets, [old, now], repository, addresses);
  const diff = diffData(old, now, b === null ? repository.cacheFolder : null);
  await repository.index.save(context.effects);
  return diff;
}
