import { type RawBuilder, sql } from "kysely";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Clock } from "../core/clock.ts";
import { type Digest, digestJson } from "../core/hash.ts";
import { uuidV7 } from "../core/ids.ts";
import { statement } from "../store/statement.ts";
import type { Lane } from "../store/travel-together.ts";

/** Who did what to which object, with its state before and after. */
export type AuditEntry = Readonly<{
  actor: string;
  /** Such as `model_version.register`. */
  action: string;
  object_type: string;
  object_id: string;
  object_version?: string;
  before?: unknown;
  after?: unknown;
  reason?: string;
}>;

export type AuditEvent = Readonly<{
  id: string;
  at: Date;
  actor: string;
  action: string;
  object_type: string;
  object_id: string;
  object_version: string | null;
  before: unknown;
  after: unknown;
  reason: string | null;
  digest: string;
}>;

/**
 * The digest of an event: SHA-256 of the canonical JSON of every other column, times in UTC. It can be
 * computed again from the stored row, whoever wrote it.
 */
export function auditDigest(event: Omit<AuditEvent, "digest">): Digest {
  return digestJson({
    id: event.id,
    at: event.at.toISOString(),
    actor: event.actor,
    action: event.action,
    object_type: event.object_type,
    object_id: event.object_id,
    object_version: event.object_version,
    before: event.before,
    after: event.after,
    reason: event.reason,
  });
}

/**
 * Appends an event in the caller's transaction, so that a change and its record are written together
 * or not at all. Rows are never changed: triggers of the schema refuse it.
 */
export async function appendAudit(db: Lane, entry: AuditEntry, clock: Clock): Promise<AuditEvent> {
  const event = toEvent(entry, clock);
  await insertOnce(db, toRow(event));
  return event;
}

/** The same as a part of a statement: appends the event for each row of `from`, a query or a name. */
export function auditInsert(entry: AuditEntry, from: RawBuilder<unknown>, clock: Clock) {
  return insertFrom(toRow(toEvent(entry, clock)), from);
}

type AuditRow = Omit<AuditEvent, "before" | "after"> & {
  before: string | null;
  after: string | null;
};

function toRow(event: AuditEvent): AuditRow {
  return { ...event, before: toJsonb(event.before), after: toJsonb(event.after) };
}

const insertOnce = statement<AuditRow, unknown>((row) =>
  insertFrom(row, sql`(VALUES (1)) AS once`),
);

/** `row`: values, or what stands for them. */
function insertFrom(row: Readonly<Record<keyof AuditRow, unknown>>, from: RawBuilder<unknown>) {
  return sql`INSERT INTO duetmind.audit_event (id, at, actor, action, object_type, object_id,
      object_version, before, after, reason, digest)
    SELECT ${row.id}::uuid, ${row.at}::timestamptz, ${row.actor}, ${row.action}, ${row.object_type},
      ${row.object_id}, ${row.object_version}, ${row.before}::jsonb, ${row.after}::jsonb, ${row.reason},
      ${row.digest} FROM ${from}`;
}

function toEvent(entry: AuditEntry, clock: Clock): AuditEvent {
  const event = {
    id: uuidV7(clock),
    at: clock.now(),
    actor: entry.actor,
    action: entry.action,
    object_type: entry.object_type,
    object_id: entry.object_id,
    object_version: entry.object_version ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    reason: entry.reason ?? null,
  };
  return { ...event, digest: auditDigest(event) };
}

/** jsonb keeps neither the order of keys nor the form of numbers; canonical JSON needs neither. */
function toJsonb(value: unknown): string | null {
  return value === null ? null : canonicalJson(value);
}
