import { DuetMindError } from "../core/errors.ts";
import type { ReadFailure } from "../reproduce/compare/read-failure.ts";
import {
  findGit,
  planRevisions,
  type Revision,
  type RevisionQuery,
} from "../reproduce/compare/revisions.ts";
import { openRepository } from "../reproduce/files/repository.ts";
import type { CliContext } from "./context.ts";

const DEFAULT_PRECISION = 5;

/** Digits after the point; 0 asks for the default, as in DVC. */
export function parsePrecision(options: Readonly<Record<string, unknown>>): number {
  const text = options["precision"] as string | undefined;
  if (text === undefined) return DEFAULT_PRECISION;
  if (!/^\d{1,2}$/.test(text)) {
    throw new DuetMindError("USAGE", `--precision: expected an integer of 0 to 99, got "${text}"`);
  }
  return Number(text) || DEFAULT_PRECISION;
}

/** The repository in which a command was called, and its git. */
export async function openCompared({ cwd, env, effects }: CliContext) {
  const repository = await openRepository(cwd, env, effects);
  const git = findGit(repository, env);
  const plan = (query: RevisionQuery): readonly Revision[] =>
    planRevisions(query, git, repository, effects);
  return { repository, git, plan };
}

/** Says on stderr what could not be read: the command goes on and ends well, as DVC's does. */
export function warnOfFailures(
  what: string,
  results: ReadonlyMap<string, object>,
  failed: readonly string[],
  { log }: CliContext,
): void {
  for (const [name, result] of results) {
    if (!("failure" in result)) continue;
    const { message } = result.failure as ReadFailure;
    log.write(`warning: ${what} of revision '${name}' could not be read: ${message}\n`);
  }
  if (failed.length === 0) return;
  log.write(`warning: some ${what} could not be read, of revisions: '${failed.join(", ")}'\n`);
}
