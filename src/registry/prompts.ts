import { sql } from "kysely";
import { DuetMindError } from "../core/errors.ts";
import { type ChildRows, keyPasses } from "../search/child-rows.ts";
import type { Clause } from "../search/clause.ts";
import type { Sql } from "../search/condition.ts";
import type { Entry } from "../tracking/log-batch.ts";

/** MLflow keeps prompts as registered models with this tag. */
export const PROMPT_TAG = "mlflow.prompt.is_prompt";

const TEXT_TAG = "mlflow.prompt.text";
const TYPE_TAG = "_mlflow_prompt_type";
const INNER_TAGS: ReadonlySet<string> = new Set([PROMPT_TAG, TEXT_TAG, TYPE_TAG]);

/** The tags that users gave a prompt, or a version of it: the others keep what it is. */
export function tagsOfUsers(tags: readonly Entry[]): Readonly<Record<string, string>> {
  const given = tags.filter(({ key }) => !INNER_TAGS.has(key));
  return Object.fromEntries(given.map(({ key, value }) => [key, value]));
}

export function templateOf(tags: readonly Entry[]): string | null {
  return tags.findLast(({ key }) => key === TEXT_TAG)?.value ?? null;
}

/** What MLflow's client and server write where a version of a prompt has no source. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(["dummy-source", "prompt-template"]);

/** The last value of a key counts. */
export function isPrompt(tags: readonly Entry[]): boolean {
  return tags.findLast(({ key }) => key === PROMPT_TAG)?.value === "true";
}

/** The text of a prompt is in a tag: its version has no files. */
export function promptSource(source: string): string {
  if (PLACEHOLDERS.has(source)) return source;
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid prompt source: '${source}'. Prompt sources must use an MLflow placeholder.`,
    { hint: [...PLACEHOLDERS].join(" or ") },
  );
}

type TagClause = Clause<"attribute" | "tag">;

/**
 * A search leaves prompts out unless its filter names their tag. `!= 'true'` on it also finds what has
 * no such tag, unlike on any other key: every client asks so.
 */
export function takePrompts(
  clauses: readonly TagClause[],
  tags: ChildRows,
  id: Sql,
): Readonly<{ clauses: readonly TagClause[]; conditions: readonly Sql[] }> {
  const isNamed = clauses.some(isAboutPrompts);
  const rest = clauses.filter((clause) => !isNoPrompt(clause));
  if (isNamed && rest.length === clauses.length) return { clauses, conditions: [] };
  const isPrompt = keyPasses(tags, id, PROMPT_TAG, [{ op: "=", value: "true" }]);
  return { clauses: rest, conditions: [sql`NOT ${isPrompt}`] };
}

function isAboutPrompts({ entity, key }: TagClause): boolean {
  return entity === "tag" && key === PROMPT_TAG;
}

function isNoPrompt(clause: TagClause): boolean {
  return isAboutPrompts(clause) && clause.op === "!=" && clause.value === "true";
}
