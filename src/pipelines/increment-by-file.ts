import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { Engine } from "../table/engine.ts";
import type { Increment } from "./data-grow.ts";
import type { GrowingDataset, SourceDigest } from "./data-plan.ts";
import { readRows } from "./data-read.ts";
import { storeByDigest, toPart } from "./increment-part.ts";
import { planFiles } from "./increment-plan.ts";
import { nextShape, type Shape } from "./increment-shape.ts";
import type { BaseProject } from "./project.ts";
import type { RawPart, StoredFile } from "./raw-manifest.ts";

/** One part for each file, so that a file that changes takes its old rows along. */
export async function growByFile(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  files: readonly SourceDigest[],
  effects: Effects,
): Promise<Increment> {
  const { folder, manifest } = planned.growth;
  const { kept, fresh } = planFiles(files, manifest);
  let shape: Shape | null = manifest;
  let rowsRead = 0;
  let rowsRejected = 0;
  const parts: RawPart[] = [...kept];
  for (const source of fresh) {
    throwIfInterrupted(effects.signal);
    const only = planned.files.filter(({ name }) => name === source.path);
    const one = { ...planned, files: only, subject: source.path };
    let quarantine: StoredFile | null = null;
    const stored = await storeByDigest(folder, effects, async (path) => {
      const read = await readRows(project, engine, one, path, effects, { shape });
      shape = await nextShape(engine, one, shape, read);
      quarantine = read.quarantine;
      rowsRead += read.rowsRead;
      rowsRejected += read.rowsRead - read.relation.rowCount;
      return read.relation.rowCount;
    });
    // a file of the same bytes under another name is the same part: its rows are there once
    const same = parts.findIndex(({ file }) => file === stored.file);
    if (same === -1) parts.push(toPart(stored, [source], quarantine));
    else parts[same] = { ...parts[same]!, sources: [...parts[same]!.sources, source] };
  }
  const bytesRead = fresh.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const { columns, read_types } = shape ?? { columns: [], read_types: {} };
  return { parts, columns, read_types, watermark: null, rowsRead, rowsRejected, bytesRead };
}
