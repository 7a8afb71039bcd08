import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Engine } from "../table/engine.ts";
import { writeParquet } from "../table/parquet-write.ts";
import type { Relation } from "../table/relation.ts";
import { id, sql } from "../table/sql.ts";
import type { Contract } from "../validation/contract.ts";
import { quarantineQuery } from "../validation/output-sql.ts";
import { contractOf } from "./data-contract.ts";
import type { GrowingDataset } from "./data-plan.ts";
import { noteQuarantined, storeQuarantined } from "./data-quarantine.ts";
import { evolveForParts } from "./evolved-parts.ts";
import { leftOutOfPart, quarantinedOfPart, rowsOfPart } from "./increment-dropped-sql.ts";
import { storeByDigest } from "./increment-part.ts";
import type { BaseProject } from "./project.ts";
import type { RawManifest, RawPart, StoredFile } from "./raw-manifest.ts";
import { openParts } from "./raw-relation.ts";

/**
 * Leaves out the rows that a contract drops for what other parts hold: a key that stands in two of them,
 * by the policy of `report_duplicates`. Parts never change, so the manifest names their places beside
 * those of replaced rows, worked out from all parts each time: a file that goes gives its rows back.
 * Where the contract fails the dataset as a whole, nothing is left out; that is said when it is held.
 */
export async function markDropped(
  project: BaseProject,
  engine: Engine,
  planned: GrowingDataset,
  manifest: RawManifest,
  effects: Effects,
): Promise<RawManifest> {
  const { folder } = planned.growth;
  const contract = await contractOf(planned, effects);
  if (contract === null || !drops(contract) || manifest.parts.length === 0) return manifest;
  const relation = await openParts(engine, folder, manifest);
  const evolved = await evolveForParts(engine, folder, manifest, relation, contract);
  const badRows = await findDropped(engine, { ...evolved, tableChecks: null }, relation);
  if (badRows === null) return manifest;
  const table = engine.freshName();
  await engine.run(sql`CREATE TABLE ${id(table)} AS ${quarantineQuery(relation, badRows)}`);
  const parts: RawPart[] = [];
  let total = 0;
  let before = 0;
  for (const part of manifest.parts) {
    const place = { before, count: part.row_count };
    const [row] = await engine.rows(rowsOfPart(table, place));
    const count = Number(row!["n"]);
    parts.push(
      count === 0
        ? part
        : {
            ...part,
            replaced: await storeLeftOut(engine, folder, part, table, place, effects),
            dropped: await storeQuarantined(
              project,
              engine,
              planned,
              quarantinedOfPart(table, place),
              count,
              effects,
            ),
          },
    );
    total += count;
    before += part.row_count;
  }
  await engine.run(sql`DROP TABLE ${id(table)}`);
  noteQuarantined(project, planned, total, null, effects);
  return { ...manifest, parts };
}

function drops({ dropInvalidRows, columns }: Contract): boolean {
  return dropInvalidRows || columns.some((column) => column.dropInvalidRows);
}

/** The reasons for which rows of the whole are dropped; null where none is, or the whole is not valid. */
async function findDropped(engine: Engine, contract: Contract, relation: Relation) {
  const { validateRelation } = await import("../validation/validate-relation.ts");
  const { report, badRows } = await validateRelation(engine, contract, relation, { maxCases: 0 });
  return report.valid && report.counts.dropped_rows > 0 ? badRows : null;
}

/** The places that a part's rows no longer count at: those of replaced rows, and of these. */
function storeLeftOut(
  engine: Engine,
  folder: string,
  { replaced }: RawPart,
  table: string,
  place: Readonly<{ before: number; count: number }>,
  effects: Effects,
): Promise<StoredFile> {
  const earlier = replaced === null ? null : join(folder, replaced.file);
  const query = leftOutOfPart(table, place, earlier);
  return storeByDigest(folder, effects, async (path) => {
    await writeParquet(engine, query, path);
    const [row] = await engine.rows(sql`SELECT count(*) AS n FROM (${query})`);
    return Number(row!["n"]);
  });
}
