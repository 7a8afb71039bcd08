import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { publishContent } from "../core/files.ts";
import { type Digest, digestBytes, isDigest } from "../core/hash.ts";
import { stateFolder } from "../core/state-folder.ts";
import { MODEL_STATUSES } from "../registry/model-queries.ts";
import type { BaseProject } from "./project.ts";
import type { Registered } from "./register-import.ts";

/**
 * `.duetmind/registered.json`: the records that each database of the project is known to hold, and what
 * they are there, so that a run with nothing new opens none. It is a memory, not the truth: without it, or when it cannot be
 * read, the database is asked again, and an import that was done already does nothing.
 */
const registeredSchema = z.strictObject({
  kind: z.enum(["dataset", "feature_view", "model"]),
  name: z.string(),
  version: z.number(),
  created: z.boolean(),
  status: z.enum(MODEL_STATUSES).optional(),
  reasons: z.array(z.string()).optional(),
  run_id: z.string().optional(),
});

const knownFile = z.strictObject({
  schema_version: z.literal(1),
  databases: z.record(z.string(), z.record(z.custom<Digest>(isDigest), z.array(registeredSchema))),
});

type KnownFile = z.infer<typeof knownFile>;

const NOTHING: KnownFile = { schema_version: 1, databases: {} };

export type KnownRecords = ReadonlyMap<Digest, readonly Registered[]>;

export async function readKnownRecords(
  project: BaseProject,
  effects: Effects,
): Promise<KnownRecords> {
  const key = databaseKey(project);
  if (key === EMBEDDED && !existsSync(join(stateFolder(project.root, project.env), "db")))
    return new Map();
  const known = (await readFile(project, effects)).databases[key] ?? {};
  return new Map(Object.entries(known) as [Digest, Registered[]][]);
}

export async function addKnownRecords(
  project: BaseProject,
  added: KnownRecords,
  effects: Effects,
): Promise<void> {
  if (added.size === 0) return;
  const file = await readFile(project, effects);
  const key = databaseKey(project);
  const known = { ...file.databases[key], ...Object.fromEntries(added) };
  const next = { ...file, databases: { ...file.databases, [key]: known } };
  await publishContent(effects.files, pathOf(project), `${JSON.stringify(next, null, 2)}\n`);
}

/** Forgets what every database held: one was emptied, or is an older one again. */
export async function forgetKnownRecords(root: string): Promise<void> {
  await rm(pathOf({ root }), { force: true });
}

async function readFile(project: BaseProject, effects: Effects): Promise<KnownFile> {
  if (!existsSync(pathOf(project))) return NOTHING;
  const text = new TextDecoder().decode(await effects.files.readBytes(pathOf(project)));
  try {
    return knownFile.parse(JSON.parse(text));
  } catch {
    return NOTHING;
  }
}

const EMBEDDED = "embedded";

/** Tells databases apart without writing down an address or a password. */
function databaseKey(project: BaseProject): string {
  const url = project.env["DATABASE_URL"] ?? "";
  if (url === "") return EMBEDDED;
  return digestBytes(url.replace(/\?.*$/s, "").replace(/^(\w+:\/\/)[^@/]*@/, "$1"));
}

function pathOf(project: Pick<BaseProject, "root">): string {
  return join(project.root, ".duetmind", "registered.json");
}
