import { spawnSync } from "node:child_process";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";

/** A repository of git, asked through the `git` binary; nothing here writes to it. */
export type Git = Readonly<{
  root: string;
  /** The commit that a name stands for. */
  resolve(revision: string): string;
  /** Every file of a commit: path from the root of the repository → blob. */
  listFiles(commit: string): ReadonlyMap<string, string>;
  /** Blobs by their ids, fetched by one process. */
  readBlobs(ids: readonly string[]): ReadonlyMap<string, Buffer>;
  branches(): readonly string[];
  tags(): readonly string[];
  /** Every commit that HEAD, a branch or a tag leads to, newest first; or those made since then. */
  commits(since?: Date): readonly string[];
  /** A revision and the commits before it, along first parents: so many in all. */
  ancestors(revision: string, count: number): readonly string[];
  /** The commits of DVC's experiments. */
  experiments(): readonly string[];
  /** The branch that is checked out; null: none. */
  activeBranch(): string | null;
  hasCommits(): boolean;
  /** Files below a folder that git neither tracks nor ignores, relative to it. */
  untracked(folder: string): readonly string[];
  /** True when a tracked file differs from the last commit. */
  isDirty(): boolean;
}>;

const MAX_OUTPUT_BYTES = 2 ** 31;

/** `refs/exps/<baseline, two digits>/<the rest>/<name>`; the queue and the stashes are named otherwise. */
const EXPERIMENT = /^refs\/exps\/([\da-f]{2})\/([\da-f]{38})\/./;

export function openGit(root: string, env: Environment): Git {
  const ask = (args: readonly string[], input?: string) => runGit(root, env, args, input);
  const lines = (text: Buffer) => text.toString("utf8").split("\n").filter(Boolean);
  const names = (place: string) =>
    lines(read(ask(["for-each-ref", "--format=%(refname:lstrip=2)", place])));
  return {
    root,
    resolve(revision) {
      // a name that begins with a dash would be read as an option
      const found = revision.startsWith("-")
        ? null
        : ask(["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]);
      if (found !== null && found.status === 0) return found.stdout.toString("utf8").trim();
      throw new DuetMindError("NOT_FOUND", `revision: expected one of git's, got "${revision}"`, {
        hint: "git log --oneline names commits; branches and tags are revisions too",
      });
    },
    listFiles(commit) {
      const text = read(ask(["ls-tree", "-r", "-z", "--full-tree", commit])).toString("utf8");
      const files = new Map<string, string>();
      for (const line of text.split("\0")) {
        const [, kind, id, path] = /^\d+ (\w+) ([\da-f]+)\t(.*)$/s.exec(line) ?? [];
        if (kind === "blob") files.set(path!, id!);
      }
      return files;
    },
    readBlobs(ids) {
      if (ids.length === 0) return new Map();
      return parseBatch(read(ask(["cat-file", "--batch"], `${ids.join("\n")}\n`)));
    },
    branches: () => names("refs/heads"),
    tags: () => names("refs/tags"),
    commits(since) {
      const args = ["log", "--format=%H %ct", "--branches", "--tags", "HEAD"];
      const found = lines(read(ask(args))).map((line) => line.split(" ") as [string, string]);
      const seconds = since === undefined ? Number.NEGATIVE_INFINITY : since.getTime() / 1000;
      return found.filter(([, time]) => Number(time) >= seconds).map(([id]) => id);
    },
    ancestors(revision, count) {
      const commit = this.resolve(revision);
      return lines(read(ask(["rev-list", "--first-parent", `--max-count=${count}`, commit])));
    },
    experiments() {
      const refs = lines(read(ask(["for-each-ref", "--format=%(refname)", "refs/exps"])));
      return refs.flatMap((ref) => {
        const [, first, rest] = EXPERIMENT.exec(ref) ?? [];
        if (first === undefined) return [];
        return lines(read(ask(["rev-list", "--first-parent", ref, `^${first}${rest}`])));
      });
    },
    activeBranch() {
      const found = ask(["symbolic-ref", "--quiet", "--short", "HEAD"]);
      return found.status === 0 ? found.stdout.toString("utf8").trim() : null;
    },
    hasCommits: () => ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).status === 0,
    untracked(folder) {
      const args = ["ls-files", "--others", "--exclude-standard", "-z"];
      return read(runGit(folder, env, args))
        .toString("utf8")
        .split("\0")
        .filter(Boolean);
    },
    isDirty: () => read(ask(["status", "--porcelain", "-z", "--untracked-files=no"])).length > 0,
  };
}

type Reply = Readonly<{ status: number | null; stdout: Buffer; stderr: Buffer }>;

function runGit(root: string, env: Environment, args: readonly string[], input?: string): Reply {
  const found = spawnSync("git", ["--no-optional-locks", ...args], {
    cwd: root,
    env: { ...env, LC_ALL: "C" },
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(input === undefined ? {} : { input }),
  });
  // git that refuses the whole repository says so to any question, also to "is there such a revision?"
  const said = String(found.stderr ?? "");
  if (/dubious ownership|not a git repository/.test(said)) return { ...found, stdout: read(found) };
  if (found.error === undefined) return found;
  throw new DuetMindError(
    "PART_MISSING",
    `git: expected the program git to read revisions with, got ${found.error.message}`,
    { hint: "install git, or compare nothing but the workspace", cause: found.error },
  );
}

function read(reply: Reply): Buffer {
  if (reply.status === 0) return reply.stdout;
  const said = reply.stderr.toString("utf8").trim();
  throw new DuetMindError("FILE_UNREADABLE", `git: expected to read the repository, got ${said}`);
}

/** `<id> blob <size>\n<bytes>\n`, one after the other. */
function parseBatch(output: Buffer): ReadonlyMap<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [id, kind, size] = output.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (kind !== "blob") continue; // "<id> missing"
    blobs.set(id!, output.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return blobs;
}
