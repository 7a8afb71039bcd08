import { readdirSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Effects } from "../core/effects.ts";
import { digestBytes } from "../core/hash.ts";
import { emptyError } from "../table/csv-header.ts";
import type { Engine } from "../table/engine.ts";
import type { OpenReference } from "../validation/plan-foreign-key.ts";
import { contractOf, holdToContract } from "./data-contract.ts";
import { measureDataset } from "./data-measure.ts";
import {
  type GrowingDataset,
  recordOrigin,
  type SourceDigest,
  toInputDigest,
} from "./data-plan.ts";
import { recordQuarantine } from "./data-quarantine.ts";
import type { DatasetRecord } from "./data-record.ts";
import { evolveForParts } from "./evolved-parts.ts";
import type { BaseProject } from "./project.ts";
import { manifestFiles, type RawManifest } from "./raw-manifest.ts";
import { openParts } from "./raw-relation.ts";

/** The bytes of manifest.json; their SHA-256 is the content of the dataset. */
export function manifestText(manifest: RawManifest): string {
  return `${canonicalJson(manifest)}\n`;
}

/** Holds all parts together to the contract, takes the measure of the dataset and describes it. */
export async function describeGrown(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  manifest: RawManifest,
  openReference: OpenReference,
  effects: Effects,
): Promise<DatasetRecord> {
  const { folder } = planned.growth;
  const relation = await openParts(engine, folder, manifest);
  if (relation.rowCount === 0) throw emptyError(planned.subject);
  const written = await contractOf(planned, effects);
  const held =
    written === null ? null : await evolveForParts(engine, folder, manifest, relation, written);
  const contract = await holdToContract(
    project,
    engine,
    planned,
    held,
    relation,
    openReference,
    effects,
  );
  const measured = await measureDataset(engine, planned, relation, contract);
  const shownFolder = posix.dirname(planned.output);
  const files = manifestFiles(manifest);
  return {
    name: planned.name,
    path: planned.output,
    format: "parquet",
    sha256: digestBytes(manifestText(manifest)),
    size_bytes: Buffer.byteLength(manifestText(manifest)),
    parts: files.map(({ file, sha256, size_bytes }) => ({
      path: `${shownFolder}/${file}`,
      sha256,
      size_bytes,
    })),
    ...recordQuarantine(
      project,
      planned.name,
      manifest.parts.flatMap(({ quarantine, dropped }) => [quarantine ?? [], dropped ?? []].flat()),
    ),
    ...measured,
    ...recordOrigin(planned, sourcesOf(manifest)),
  };
}

/** The recorded dataset, if it is this manifest under these settings. */
export function findGrown(
  planned: GrowingDataset,
  manifest: RawManifest,
  recorded: DatasetRecord | undefined,
): DatasetRecord | undefined {
  if (recorded?.path !== planned.output) return undefined;
  if (recorded.sha256 !== digestBytes(manifestText(manifest))) return undefined;
  const isSame = toInputDigest(planned, sourcesOf(manifest)) === recorded.input_digest;
  return isSame && planned.growth.manifest !== null ? recorded : undefined;
}

function sourcesOf(manifest: RawManifest): SourceDigest[] {
  return manifest.parts.flatMap(({ sources }) => sources);
}

/** Removes what no manifest names: parts of earlier versions, and what a killed run left. */
export function clearParts(folder: string, manifest: RawManifest): void {
  const named = new Set(["manifest.json", ...manifestFiles(manifest).map(({ file }) => file)]);
  for (const file of readdirSync(folder)) {
    if (!named.has(file)) rmSync(join(folder, file), { recursive: true, force: true });
  }
}
