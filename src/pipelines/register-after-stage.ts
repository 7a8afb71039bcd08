import type { Effects } from "../core/effects.ts";
import type { StageName } from "../registry/stage-record-queries.ts";
import type { BaseProject } from "./project.ts";
import { actorOf } from "./register-actor.ts";
import { readRecord } from "./register-find.ts";
import type { Registered } from "./register-import.ts";
import { type StageRun, writeJournal } from "./register-journal.ts";
import { registerRecords } from "./register-records.ts";

export type FinishedStage = Readonly<{
  stage: StageName;
  /** The record that the stage wrote, absolute or relative to the project. */
  recordPath: string;
  journal: StageRun;
}>;

export type AfterStage = Readonly<{
  /** True when somebody else registers: `duetmind reproduce` after its last stage. */
  deferred: boolean;
  registered: readonly Registered[];
}>;

/**
 * The last act of a stage's command: notes when and by whom the stage was run, then imports its record,
 * and those of earlier stages that are not in yet.
 */
export async function registerAfterStage(
  project: BaseProject,
  finished: FinishedStage,
  effects: Effects,
): Promise<AfterStage> {
  const record = await readRecord(project, finished.stage, finished.recordPath, effects);
  await writeJournal(project, record, finished.journal, actorOf(project.env), effects);
  if (project.env["DUETMIND_DEFER_REGISTRATION"] === "1") return { deferred: true, registered: [] };
  // a record of a later stage may be left from other inputs: it waits for its own command
  const all = await registerRecords(project, effects, { through: record });
  const own = all.find(({ record: found }) => found.digest === record.digest);
  return { deferred: false, registered: own?.registered ?? [] };
}
