import { appendAudit } from "../audit/append-audit.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import type { ModelStatus } from "./model-queries.ts";
import { type LockedModel, touchModel } from "./registered-model-queries.ts";
import { tellRegistryChange } from "./registry-event.ts";
import type { LockedVersion } from "./registry-version-queries.ts";
import { type Stage, stageOf, statusOf } from "./stages.ts";

export type StageMove = Readonly<{
  /** Both are locked. */
  model: LockedModel;
  version: LockedVersion;
  stage: Stage;
  /** Every other version of the stage goes to Archived. */
  archiveOthers: boolean;
}>;

/** Moves a version to a stage; each version that changes has its audit record and its event. */
export async function moveToStage(
  db: Database,
  { model, version, stage, archiveOthers }: StageMove,
  actor: string,
  clock: Clock,
): Promise<void> {
  if (archiveOthers && stage !== "Staging" && stage !== "Production") {
    throw new DuetMindError(
      "BAD_INPUT",
      `archive_existing_versions: expected it with stage Staging or Production, got ${stage}`,
    );
  }
  const others = archiveOthers ? await versionsOf(db, model, statusOf(stage), version) : [];
  const moves = [
    ...others.map((other) => ({ from: other, to: "archived" as ModelStatus })),
    // a rejected version that stays in None stays rejected
    { from: version, to: stageOf(version.status) === stage ? version.status : statusOf(stage) },
  ];
  const now = clock.now();
  for (const { from, to } of moves) {
    await db
      .updateTable("model_version_detail")
      .set({ status: to, updated_at: now })
      .$if(to === "production", (query) => query.set({ promoted_at: now }))
      .$if(to === "archived", (query) => query.set({ deprecated_at: now }))
      .where("id", "=", from.id)
      .execute();
    if (from.status !== to) await announce(db, { model, from, to }, actor, clock);
  }
  await touchModel(db, model.id, now);
}

async function versionsOf(
  db: Database,
  model: LockedModel,
  status: ModelStatus,
  but: Readonly<{ id: string }>,
): Promise<Moved[]> {
  const rows = await db
    .selectFrom("model_version_detail")
    .select(["id", "version"])
    .where("model_id", "=", model.id)
    .where("status", "=", status)
    .where("id", "<>", but.id)
    .orderBy("version")
    .execute();
  return rows.map((row) => ({ ...row, status }));
}

type Moved = Pick<LockedVersion, "id" | "version" | "status">;

async function announce(
  db: Database,
  { model, from, to }: Readonly<{ model: LockedModel; from: Moved; to: ModelStatus }>,
  actor: string,
  clock: Clock,
): Promise<void> {
  const version = String(from.version);
  const entry = {
    actor,
    action: "model_version.transition",
    object_type: "model_version",
    object_id: model.name,
    object_version: version,
    before: { status: from.status },
    after: { status: to },
  };
  await appendAudit(db, entry, clock);
  const data = {
    name: model.name,
    version,
    status: to,
    previous_status: from.status,
    stage: stageOf(to),
    previous_stage: stageOf(from.status),
  };
  const event = { change: "model_version.stage_changed", isPrompt: model.isPrompt, data } as const;
  await tellRegistryChange(db, event, actor, clock);
}
