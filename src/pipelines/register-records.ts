import { join } from "node:path";
import type { ObjectStore } from "../artifacts/object-store.ts";
import { openObjectStore } from "../artifacts/open-object-store.ts";
import type { Effects } from "../core/effects.ts";
import type { Digest } from "../core/hash.ts";
import { registeredBy } from "../registry/registered-queries.ts";
import { insertStageRecord } from "../registry/stage-record-queries.ts";
import type { Database } from "../store/database.ts";
import { lockObjects } from "../tracking/loose-object-queries.ts";
import { isMirrored } from "../tracking/mirror-variables.ts";
import { importIngestRuns } from "./ingest-journal.ts";
import type { BaseProject } from "./project.ts";
import { actorOf } from "./register-actor.ts";
import { withDatabase } from "./register-database.ts";
import { type FoundRecord, findRecords } from "./register-find.ts";
import { importPlan, type Registered } from "./register-import.ts";
import { readJournal } from "./register-journal.ts";
import { addKnownRecords, readKnownRecords } from "./register-known.ts";
import type { StoredFile } from "./register-plan.ts";
import { planImport } from "./register-plan-record.ts";

export type RegisteredRecord = Readonly<{
  record: FoundRecord;
  /** False when the record had been imported before. */
  imported: boolean;
  registered: readonly Registered[];
}>;

export type RegisterOptions = Readonly<{
  /** False asks the database even about records that are known to be in it. */
  trustKnown?: boolean;
  /** Imports this record and those of the stages before it, nothing else. */
  through?: FoundRecord;
}>;

/**
 * Imports every record of the project that the metadata store does not hold yet: data, features, then
 * train, each in one transaction, the bytes of its files before its rows. Importing again does nothing,
 * and when every record is known to be in, no database is opened.
 */
export async function registerRecords(
  project: BaseProject,
  effects: Effects,
  options: RegisterOptions = {},
): Promise<RegisteredRecord[]> {
  const records = (await findRecords(project, effects)).filter(
    (record) => options.through === undefined || isThrough(record, options.through),
  );
  const known = options.trustKnown === false ? new Map() : await readKnownRecords(project, effects);
  const fresh = records.filter(({ digest }) => !known.has(digest));
  const done = new Map<Digest, RegisteredRecord>();
  if (fresh.length > 0) {
    try {
      await withDatabase(project, effects, async (db) => {
        for (const record of fresh) {
          done.set(record.digest, await registerRecord(project, record, db, effects));
        }
        await importIngestRuns(project, db, effects);
        if (isMirrored(project.env)) {
          const { mirrorAfterRegister } = await import("./mirror-runs.ts");
          const { root, env, params } = project;
          await mirrorAfterRegister(db, { root, env, artifacts: params.artifacts }, effects);
        }
      });
    } finally {
      await remember(project, [...done.values()], effects);
    }
  }
  return records.map(
    (record) =>
      done.get(record.digest) ?? {
        record,
        imported: false,
        registered: known.get(record.digest) ?? [],
      },
  );
}

/** Imports one record, or finds that it is in already. */
export async function registerRecord(
  project: BaseProject,
  record: FoundRecord,
  db: Database,
  effects: Effects,
): Promise<RegisteredRecord> {
  const plan = await planImport(project, record, effects);
  const journal = await readJournal(project, record, effects);
  const store = openObjectStore(project.params.artifacts, project.root, project.env, effects);
  await storeFiles(project, plan.files, store);
  const at = effects.clock.now();
  const actor = actorOf(project.env);
  return db.transaction().execute(async (transaction) => {
    const isNew = await insertStageRecord(transaction, {
      digest: record.digest,
      stage: record.stage,
      path: record.path,
      text: record.text,
      journalText: journal === null ? null : JSON.stringify(journal),
      at,
      actor,
    });
    if (!isNew) {
      const registered = await registeredBy(transaction, record.digest);
      return { record, imported: false, registered };
    }
    await lockObjects(transaction, "refer");
    await storeFiles(project, plan.files, store); // what was freed since, because nothing named it
    const origin = { recordDigest: record.digest, at, actor, clock: effects.clock };
    const experiment = project.params.tracking.experiment;
    const context = {
      ...{ db: transaction, origin, journal, experiment },
      isMirrored: isMirrored(project.env),
    };
    return { record, imported: true, registered: await importPlan(plan, context) };
  });
}

const STAGES = ["data", "features", "train"] as const;

function isThrough(record: FoundRecord, last: FoundRecord): boolean {
  if (record.stage === last.stage) return record.digest === last.digest;
  return STAGES.indexOf(record.stage) < STAGES.indexOf(last.stage);
}

/** An object that is there already is not read again; damage is found when it is read. */
async function storeFiles(
  project: BaseProject,
  files: readonly StoredFile[],
  store: ObjectStore,
): Promise<void> {
  for (const { path, digest } of files) {
    if (!(await store.has(digest))) await store.put({ path: join(project.root, path) }, digest);
  }
}

async function remember(
  project: BaseProject,
  done: readonly RegisteredRecord[],
  effects: Effects,
): Promise<void> {
  const added = done.map(
    ({ record, registered }) =>
      [record.digest, registered.map((one) => ({ ...one, created: false }))] as const,
  );
  await addKnownRecords(project, new Map(added), effects);
}
