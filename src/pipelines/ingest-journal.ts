import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { publishContent } from "../core/files.ts";
import { parseJson } from "../core/json.ts";
import { parseWith } from "../core/parse.ts";
import { type IngestRunRow, insertIngestRuns } from "../registry/ingest-run-queries.ts";
import type { Database } from "../store/database.ts";
import type { BaseProject } from "./project.ts";
import { actorOf } from "./register-actor.ts";

/**
 * Runs of ingests wait in `.duetmind/journal` until somebody opens the database anyway: a run that
 * found nothing new is worth a line in the history, not a database of its own.
 */
const ingestRuns = z.array(
  z.strictObject({
    id: z.uuid(),
    dataset: z.string(),
    source: z.string(),
    content_sha256: z.string(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime(),
    rows_read: z.int(),
    rows_added: z.int(),
    rows_rejected: z.int(),
    bytes_read: z.int(),
    watermark: z.string().nullable(),
  }),
);

export async function noteIngestRuns(
  project: BaseProject,
  runs: readonly IngestRunRow[],
  effects: Effects,
): Promise<void> {
  const [first] = runs;
  if (first === undefined) return;
  const path = join(journalFolder(project), `ingest-${first.id}.json`);
  await publishContent(effects.files, path, `${JSON.stringify(runs, null, 2)}\n`);
}

/** Moves the waiting runs into the database. A kill in between leaves them to be found there by id. */
export async function importIngestRuns(
  project: BaseProject,
  db: Database,
  effects: Effects,
): Promise<void> {
  const folder = journalFolder(project);
  if (!existsSync(folder)) return;
  const names = readdirSync(folder).filter((name) => /^ingest-.*\.json$/.test(name));
  for (const name of names.sort()) {
    const path = join(folder, name);
    const json = parseJson(await effects.files.readBytes(path), path);
    const runs = parseWith(ingestRuns, json, path, { file: path });
    await db
      .transaction()
      .execute((transaction) =>
        insertIngestRuns(transaction, runs, actorOf(project.env), effects.clock),
      );
    await rm(path);
  }
}

function journalFolder(project: BaseProject): string {
  return join(project.root, ".duetmind", "journal");
}
