import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { configFlag } from "../files/dvc-config.ts";
import { findUpwards, type Repository } from "../files/repository.ts";
import { type Git, openGit } from "./git.ts";
import { type ReadFailure, revisionFailure } from "./read-failure.ts";
import { commitView, type View, workspaceView } from "./view.ts";

export const WORKSPACE = "workspace";

const COMMIT_ID = /^[\da-f]{40}$/;

/** Which revisions a command looks at, beside the workspace. */
export type RevisionQuery = Readonly<{
  revisions: readonly string[];
  allBranches?: boolean;
  allTags?: boolean;
  allCommits?: boolean;
  /** The commits of DVC's experiments. */
  allExperiments?: boolean;
  /** Every commit made since then. */
  since?: Date;
  /** How many commits are meant by a revision or a branch, the last one and those before it. */
  depth?: number;
}>;

/** One revision: a commit under all the names that it was asked for by. */
export type Revision = Readonly<{
  name: string;
  /** Null: the commit holds nothing of this repository. */
  open(): Promise<View | null>;
}>;

/** Git, where the repository has it and DVC's configuration does not turn it off. */
export function findGit(repository: Repository, env: Environment): Git | null {
  if (configFlag(repository.config, "core", "no_scm") === true) return null;
  const root = findUpwards(repository.root, ".git");
  return root === null ? null : openGit(root, env);
}

export function requireGit(git: Git | null): Git {
  if (git !== null) return git;
  throw new DuetMindError(
    "NOT_SUPPORTED",
    "revisions: expected a repository of git, got a folder without one",
    { hint: "run `git init` here, or set core.no_scm to false in .dvc/config" },
  );
}

/**
 * The workspace, then the commits, each once: unknown names are refused before anything is read. A
 * query without any revision is about the workspace alone, which then has no name.
 */
export function planRevisions(
  query: RevisionQuery,
  git: Git | null,
  repository: Repository,
  effects: Effects,
): readonly Revision[] {
  const open = () => workspaceView(repository, effects);
  if (!asksForCommits(query)) return [{ name: "", open }];
  const asked = query.revisions.filter((name) => name !== WORKSPACE);
  if (asked.length > 0) requireGit(git);
  const names = new Map<string, Set<string>>();
  const add = (commit: string, name: string) =>
    names.set(commit, (names.get(commit) ?? new Set()).add(name));
  if (git !== null) {
    for (const name of asked) add(git.resolve(name), name);
    for (const name of allNames(query, git)) {
      add(COMMIT_ID.test(name) ? name : git.resolve(name), name);
    }
  }
  const commits = [...names].map(([commit, known]) => ({
    name: [...known].join(","),
    open: async () => commitView(commit, git!, repository),
  }));
  return [{ name: WORKSPACE, open }, ...commits];
}

/** True for a query about more than the workspace. */
export function asksForCommits(query: RevisionQuery): boolean {
  const { revisions, allBranches, allTags, allCommits, allExperiments, since } = query;
  const asksAll = [allBranches, allTags, allCommits, allExperiments].includes(true);
  return revisions.length > 0 || asksAll || since !== undefined;
}

/** What a query means beside the revisions that it names: branches, tags, ids of commits. */
function allNames(query: RevisionQuery, git: Git): readonly string[] {
  if (!git.hasCommits()) return [];
  const { revisions, depth = 1, since } = query;
  const before = (names: readonly string[]) =>
    depth === 1 ? [] : names.flatMap((name) => git.ancestors(name, depth).slice(1));
  const tips = query.allBranches ? git.branches() : [];
  const chosen = query.allCommits
    ? git.commits()
    : [
        ...tips,
        ...before(tips),
        ...(query.allTags ? git.tags() : []),
        ...(since === undefined ? [] : git.commits(since)),
      ];
  const named = revisions.filter((name) => name !== WORKSPACE);
  return [...before(named), ...chosen, ...(query.allExperiments ? git.experiments() : [])];
}

/** What each revision gave: data, or why it could not be read. */
export type RevisionResult<T> = Readonly<{ data: T } | { failure: ReadFailure }>;

export async function readRevisions<T>(
  revisions: readonly Revision[],
  read: (view: View) => T,
): Promise<Map<string, RevisionResult<T>>> {
  const results = new Map<string, RevisionResult<T>>();
  for (const { name, open } of revisions) {
    try {
      const view = await open();
      if (view !== null) results.set(name, { data: read(view) });
    } catch (error) {
      results.set(name, { failure: revisionFailure(error) });
    }
  }
  return results;
}

/** The results without the workspace where it says the same as the branch that is checked out. */
export function hideWorkspace<T>(
  results: ReadonlyMap<string, T>,
  git: Git | null,
  isSame: (a: T, b: T) => boolean,
): ReadonlyMap<string, T> {
  const own = results.get(WORKSPACE);
  const branch = own === undefined ? null : (git?.activeBranch() ?? null);
  const other = branch === null ? undefined : results.get(branch);
  if (own === undefined || other === undefined || !isSame(own, other)) return results;
  return new Map([...results].filter(([name]) => name !== WORKSPACE));
}
