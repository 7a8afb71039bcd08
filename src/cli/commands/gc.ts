import { relative, resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { RevisionQuery } from "../../reproduce/compare/revisions.ts";
import { openRepository, type Repository } from "../../reproduce/files/repository.ts";
import { CLAIM_WAIT_MS } from "../../reproduce/run/path-claims.ts";
import { collectGarbage, type Garbage } from "../../reproduce/workspace/collect-garbage.ts";
import type { KeptProject } from "../../reproduce/workspace/used-keys.ts";
import type { CommandDefinition, Invocation } from "../command.ts";
import { filesJson } from "../files-json.ts";
import { revisionOptions, stagesOfRevisions, transferOptions } from "../transfer-options.ts";

export const command: CommandDefinition = {
  name: "gc",
  summary: "Remove from the cache what no out uses; without --force only say what would go",
  examples: [
    "duetmind gc --workspace",
    "duetmind gc -w --force",
    "duetmind gc -a -T --cloud --force --json",
    "duetmind gc --rev v1 -n 3 --date 2026-01-31",
  ],
  configure(program) {
    program
      .option("-w, --workspace", "keep what the workspace records; all below keep that too")
      .option("--rev <commit>", "keep what this revision records")
      .option("-n, --num <number>", "with --rev or -a: so many commits, the last and those before")
      .option("-a, --all-branches", "keep what every branch records")
      .option("-T, --all-tags", "keep what every tag records")
      .option("-A, --all-commits", "keep what every commit records")
      .option("--date <yyyy-mm-dd>", "keep what commits of that day and later record")
      .option("--all-experiments", "keep what DVC's experiments record")
      .option(
        "-p, --projects <paths...>",
        "keep what these repositories use, which share the cache",
      )
      .option("--not-in-remote", "keep in the cache only what the remote lacks")
      .option("-c, --cloud", "remove it from the remote as well")
      .option("-r, --remote <name>", "the remote of --cloud and --not-in-remote")
      .option("-j, --jobs <number>", "questions to the remote at once; default: four for each core")
      .option("--skip-failed", "pass over revisions that cannot be read, and keep nothing of them")
      .option("-f, --force", "remove it")
      .option("--dry", "only say what would go");
  },
  async run(invocation, context) {
    const { options } = invocation;
    const query = keptRevisions(options);
    const { cwd, env, effects } = context;
    const unreadable = options["skipFailed"] === true ? "pass-over" : "refuse";
    const projects = (options["projects"] as readonly string[] | undefined) ?? [];
    const repository = await openRepository(cwd, env, effects);
    const readProject = async (opened: Repository): Promise<KeptProject> => ({
      repository: opened,
      views: await stagesOfRevisions(opened, query, unreadable, context),
    });
    const readKept = async () => {
      const kept = [await readProject(repository)];
      for (const path of projects) {
        kept.push(await readProject(await openRepository(resolve(cwd, path), env, effects)));
      }
      return kept;
    };
    const force = options["force"] === true;
    const dry = options["dry"] === true || !force;
    const asked = {
      ...transferOptions({ args: [], options }, context),
      ...{ cloud: options["cloud"] === true, notInRemote: options["notInRemote"] === true },
      ...{ force, dry, lockWaitMs: CLAIM_WAIT_MS },
    };
    const garbage = await collectGarbage(repository, readKept, asked, effects);
    return { json: toJson(garbage, dry, cwd), text: toText(garbage, dry, cwd) };
  },
};

const SCOPES = [
  "workspace",
  "rev",
  "allBranches",
  "allTags",
  "allCommits",
  "date",
  "allExperiments",
];

function keptRevisions(options: Invocation["options"]): RevisionQuery {
  if (!SCOPES.some((name) => options[name] !== undefined)) {
    throw new DuetMindError(
      "USAGE",
      "gc: expected what to keep (-w, -a, -T, -A, --rev, --date or --all-experiments), got nothing",
      { hint: "duetmind gc --workspace keeps what the workspace uses" },
    );
  }
  const { rev, num, date, cloud, notInRemote, remote } = options;
  const refuse = (flag: string, expected: string, got: string): never => {
    throw new DuetMindError("USAGE", `gc ${flag}: expected ${expected}, got ${got}`);
  };
  if (num !== undefined && rev === undefined && options["allBranches"] === undefined) {
    refuse("--num", "--rev or --all-branches beside it", "neither");
  }
  if (cloud === true && notInRemote === true) {
    refuse("--not-in-remote", "no --cloud beside it", "both");
  }
  if (remote !== undefined && cloud !== true && notInRemote !== true) {
    refuse("--remote", "--cloud or --not-in-remote beside it", "neither");
  }
  if (num !== undefined && !/^[1-9]\d{0,8}$/.test(String(num))) {
    refuse("--num", "a number from 1", `"${num}"`);
  }
  const since = date === undefined ? null : parseDay(String(date));
  if (since === undefined) refuse("--date", "a day such as 2026-01-31", `"${date}"`);
  return {
    ...revisionOptions(options),
    revisions: rev === undefined ? [] : [String(rev)],
    allExperiments: options["allExperiments"] === true,
    ...(num === undefined ? {} : { depth: Number(num) }),
    ...(since == null ? {} : { since }),
  };
}

/** The beginning of a day, by the clock of this machine, as DVC takes it. */
function parseDay(text: string): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getMonth() === Number(month) - 1 && date.getDate() === Number(day) ? date : undefined;
}

function toJson({ cache, remotes }: Garbage, dry: boolean, cwd: string) {
  const objects = [
    ...cache.map((object) => ({ ...object, shown: relative(cwd, object.path) })),
    ...[...remotes.values()].flat().map((object) => ({ ...object, shown: object.path })),
  ];
  const files = objects.map((object) => ({ ...object, fileCount: null }));
  return { ...filesJson(files, dry ? 0 : files.length), dry };
}

function toText({ cache, remotes }: Garbage, dry: boolean, cwd: string): string {
  const places = [
    ["the cache", cache.map(({ path }) => relative(cwd, path))] as const,
    ...[...remotes].map(
      ([name, objects]) => [`remote '${name}'`, objects.map(({ path }) => path)] as const,
    ),
  ];
  return places.map(([place, paths]) => placeText(place, paths, dry)).join("\n");
}

function placeText(place: string, paths: readonly string[], dry: boolean): string {
  if (paths.length === 0) return `Nothing unused in ${place}.`;
  const count = `${paths.length} object${paths.length === 1 ? "" : "s"}`;
  if (!dry) return `Removed ${count} from ${place}.`;
  const lines = paths.map((path) => `Would remove ${path}`);
  return [...lines, `${count} of ${place} would go: --force removes them.`].join("\n");
}
