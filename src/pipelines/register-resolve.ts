import { existsSync } from "node:fs";
import { join } from "node:path";
import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestFile, digestHex, digestJson } from "../core/hash.ts";
import { nearestName } from "../core/nearest.ts";
import {
  type ArtifactChecksums,
  findModelVersion,
  listModelNames,
  listModelVersions,
  type ModelVersionRow,
} from "../registry/model-queries.ts";
import type { Database } from "../store/database.ts";
import type { BaseProject } from "./project.ts";
import { withDatabase } from "./register-database.ts";

export type VersionReference = Readonly<{ name: string; version: number | undefined }>;

/** `name@3`, `name@latest` or `name`; the last two mean the highest version. */
export function parseVersionReference(
  text: string,
  kind: "model" | "dataset" = "model",
): VersionReference {
  const match = /^([^@]+)(?:@(\d{1,9}|latest))?$/.exec(text);
  if (match === null) {
    throw new DuetMindError(
      "USAGE",
      `${kind}: expected NAME, NAME@VERSION or NAME@latest, got "${text}"`,
    );
  }
  const version = match[2];
  return {
    name: match[1]!,
    version: version === undefined || version === "latest" ? undefined : Number(version),
  };
}

export type ResolvedModel = Readonly<{
  name: string;
  version: number;
  status: string;
  runId: string | null;
  featureHash: Digest | null;
  recordDigest: Digest | null;
  /** Absolute path of the MLmodel folder, every file of it checked. */
  folder: string;
}>;

/** Finds a registered version and puts its model folder, checked, into the project's cache. */
export async function resolveModelVersion(
  project: BaseProject,
  reference: string,
  effects: Effects,
): Promise<ResolvedModel> {
  const parsed = parseVersionReference(reference);
  const row = await withDatabase(project, effects, (db) => requireModelVersion(db, parsed));
  const checksums = row.artifact_checksums as ArtifactChecksums;
  if (Object.keys(checksums).length === 0) {
    throw new DuetMindError(
      "NOT_FOUND",
      `model ${row.name}@${row.version}: expected files in the artifact store, got none: it is at ${row.source}`,
      { hint: "register a version whose files this server keeps" },
    );
  }
  return {
    name: row.name,
    version: row.version,
    status: row.status,
    runId: row.mlflow_run_id,
    featureHash: row.feature_hash as Digest | null,
    recordDigest: row.record_digest as Digest | null,
    folder: await materialise(project, checksums, effects),
  };
}

/** The version, or NOT_FOUND with what there is instead. */
export async function requireModelVersion(
  db: Database,
  reference: VersionReference,
): Promise<ModelVersionRow> {
  const { name, version } = reference;
  const row = await findModelVersion(db, name, version);
  if (row !== undefined) return row;
  const versions = (await listModelVersions(db, name)).map((known) => known.version);
  if (versions.length > 0) {
    throw new DuetMindError(
      "NOT_FOUND",
      `model ${name}: expected a version from ${versions.at(-1)} to ${versions[0]}, got ${version}`,
    );
  }
  const near = nearestName(name, await listModelNames(db));
  throw new DuetMindError("NOT_FOUND", `model ${name}: expected a registered model, got none`, {
    hint: near === undefined ? "see: duetmind models" : `did you mean "${near}"?`,
  });
}

/** Copies what is missing or altered; what is there already is checked on every use. */
async function materialise(
  project: BaseProject,
  checksums: ArtifactChecksums,
  effects: Effects,
): Promise<string> {
  const store = openObjectStore(project.params.artifacts, project.root, project.env, effects);
  const key = digestHex(digestJson(checksums)).slice(0, 32);
  const folder = join(project.root, ".duetmind", "cache", "models", key);
  for (const [path, { sha256 }] of Object.entries(checksums)) {
    const target = join(folder, path);
    if (existsSync(target) && digestFile(target).digest === sha256) continue;
    await store.copyTo(sha256, target);
  }
  return folder;
}
