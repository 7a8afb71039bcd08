import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { publishContent } from "../core/files.ts";
import { type Digest, digestHex } from "../core/hash.ts";
import { parseWith } from "../core/parse.ts";
import type { StageName } from "../registry/stage-record-queries.ts";
import type { BaseProject } from "./project.ts";
import { readGitState } from "./register-git.ts";

/**
 * The facts of a run of a stage that are not reproducible and so may not stand in its record: when,
 * by whom, with which command, at which commit. A record that came from elsewhere has none.
 */
const journal = z.strictObject({
  schema_version: z.literal(1),
  command: z.string(),
  user: z.string(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  git: z
    .strictObject({ commit: z.string(), branch: z.string().nullable(), dirty: z.boolean() })
    .nullable(),
});

export type Journal = Readonly<z.infer<typeof journal>>;

/** What the command that ran a stage knows of it. */
export type StageRun = Readonly<{ command: string; startedAt: Date }>;

export async function writeJournal(
  project: BaseProject,
  record: Readonly<{ stage: StageName; digest: Digest }>,
  run: StageRun,
  user: string,
  effects: Effects,
): Promise<void> {
  const written: Journal = {
    schema_version: 1,
    command: run.command,
    user,
    started_at: run.startedAt.toISOString(),
    ended_at: effects.clock.now().toISOString(),
    git: await readGitState(project.root),
  };
  const path = journalPath(project, record);
  // the first run made the bytes; a later one that made the same bytes is not their origin
  if (!existsSync(path)) {
    await publishContent(effects.files, path, `${JSON.stringify(written, null, 2)}\n`);
  }
}

export async function readJournal(
  project: BaseProject,
  record: Readonly<{ stage: StageName; digest: Digest }>,
  effects: Effects,
): Promise<Journal | null> {
  const path = journalPath(project, record);
  if (!existsSync(path)) return null;
  const text = new TextDecoder().decode(await effects.files.readBytes(path));
  return parseWith(journal, parseJson(text), path, { file: path });
}

function journalPath(
  project: BaseProject,
  record: Readonly<{ stage: StageName; digest: Digest }>,
): string {
  const name = `${record.stage}-${digestHex(record.digest)}.json`;
  return join(project.root, ".duetmind", "journal", name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says what was expected
  }
}
