import { z } from "zod";
import { expected, shortText, textFault } from "../agent-memory/clean-text.ts";
import {
  type ForgetSelection,
  MEMORY_RELATIONS,
  MEMORY_SCOPES,
  type MemoryPatch,
  type MemoryQuery,
  type NewMemory,
} from "../agent-memory/memory.ts";
import { memoryId, memorySessionId, memoryType } from "../agent-memory/parse-memory.ts";
import { defined } from "../core/defined.ts";
import { DuetMindError } from "../core/errors.ts";

/** What requests say of memories, to the API and to tools alike; the service checks what it means. */
const time = z.iso.datetime({
  offset: true,
  error: expected("a time such as 2026-02-03T10:00:00Z"),
});
const unit = z.number().min(0).max(1);
const metadata = z.record(z.string(), z.unknown());
/** How long it may be is a setting: the service says so. */
const content = z.string().superRefine((text, context) => {
  const message = textFault(text);
  if (message !== undefined) context.addIssue({ code: "custom", message, input: text });
});

export { memoryId };
export const sessionId = memorySessionId;
const [subject, source, actor] = [shortText(500), shortText(2_000), shortText(500)];
export const memoryTypes = z.array(z.string().min(1)).min(1).max(100);
export const relation = z.enum(MEMORY_RELATIONS);

const link = z.strictObject({ to: memoryId, relation, strength: unit.optional() });

export const newMemoryFields = {
  content,
  memory_type: memoryType
    .default("knowledge")
    .describe("reasoning, experience, knowledge, or a short word of your own"),
  importance: unit.default(0.5),
  metadata: metadata.optional().describe("returned as it is; searches filter by it"),
  scope: z
    .enum(MEMORY_SCOPES)
    .default("session")
    .describe("who else sees it: nobody, the agent's other sessions, the tenant's other agents"),
  subject: subject.optional().describe("whom or what it is about, for forgetting"),
  source: source.optional().describe("where it was learned"),
  actor: actor.optional().describe("who said or did it; is searched with the content"),
  trust: unit.optional().describe("how far its origin is to be believed"),
  created_at: time.optional(),
  valid_from: time.optional(),
  valid_to: time.optional(),
  expires_at: time.optional().describe("deleted then"),
  ttl_seconds: z.int().min(1).max(3_155_760_000).optional().describe("in place of expires_at"),
  associations: z.array(link).max(100).optional().describe("memories that it comes from"),
};
const newMemorySchema = z.strictObject(newMemoryFields);

const date = (text: string | null | undefined) => (text ? new Date(text) : text);

export function toNewMemory(
  sessionId: string,
  fields: z.output<typeof newMemorySchema>,
  now: Date,
): NewMemory {
  const { memory_type, ttl_seconds: ttl, associations, ...rest } = fields;
  const { created_at, valid_from, valid_to, expires_at, ...same } = rest;
  if (ttl !== undefined && expires_at !== undefined) {
    throw new DuetMindError(
      "BAD_INPUT",
      `expires_at: expected it or a time to live, got both: ${expires_at} and ${ttl} s`,
    );
  }
  const times = defined({
    createdAt: date(created_at),
    validFrom: date(valid_from),
    validTo: date(valid_to),
    expiresAt: ttl === undefined ? date(expires_at) : new Date(now.getTime() + ttl * 1000),
  });
  const links = associations?.map(({ to, relation, strength }) => ({
    ...{ to, relation },
    ...defined({ strength }),
  }));
  return {
    ...(defined(same) as Pick<NewMemory, "content">),
    ...(times as object),
    ...defined({ associations: links }),
    ...{ sessionId, memoryType: memory_type },
  };
}

export const patchFields = {
  content: content.optional(),
  memory_type: memoryType.optional(),
  importance: unit.optional(),
  metadata: metadata.optional(),
  scope: z.enum(MEMORY_SCOPES).optional(),
  subject: subject.nullish(),
  source: source.nullish(),
  actor: actor.nullish(),
  trust: unit.optional(),
  valid_from: time.nullish(),
  valid_to: time.nullish(),
  expires_at: time.nullish(),
};
const patchSchema = z.strictObject(patchFields);

/** What is left out stays; null takes away. */
export function toPatch(fields: z.output<typeof patchSchema>): MemoryPatch {
  const { memory_type, valid_from, valid_to, expires_at, ...same } = fields;
  return defined({
    ...same,
    memoryType: memory_type,
    validFrom: date(valid_from),
    validTo: date(valid_to),
    expiresAt: date(expires_at),
  }) as MemoryPatch;
}

export const forgetFields = {
  session_id: sessionId.optional(),
  subject: subject.optional(),
  memory_types: memoryTypes.optional(),
  metadata: metadata.optional(),
  before: time.optional().describe("created before"),
};
const selectionSchema = z.strictObject(forgetFields);

/** What to forget: all of the fields that are given have to fit. */
export function toSelection(fields: z.output<typeof selectionSchema>): ForgetSelection {
  const { session_id, memory_types, before, subject, metadata } = fields;
  const wanted = defined({
    ...{ subject, metadata, sessionId: session_id, memoryTypes: memory_types },
    before: date(before),
  }) as ForgetSelection;
  if (Object.keys(wanted).length > 0) return wanted;
  throw new DuetMindError("BAD_INPUT", "forgetting: expected a selection, got nothing", {
    hint: "name a session_id, subject, memory_types, metadata or before",
  });
}

export const queryFields = {
  query: z.string().min(1),
  memory_types: memoryTypes.optional(),
  min_importance: unit.optional(),
  since: time.optional().describe("created then or later"),
  until: time.optional().describe("created before"),
  as_of: time.optional().describe("what was valid then"),
  include_expired: z.boolean().default(false),
  metadata: metadata.optional().describe('equal values, such as {"ref": "a7"}'),
  with_neighbours: z.boolean().default(false).describe("brings what is associated with the hits"),
};
const querySchema = z.strictObject(queryFields);

export function toQuery(
  fields: z.output<typeof querySchema> &
    Readonly<{ limit: number; session_id?: string | undefined; max_tokens?: number | undefined }>,
): MemoryQuery {
  const { query, limit, metadata } = fields;
  return {
    ...{ query, limit },
    includeExpired: fields.include_expired,
    withNeighbours: fields.with_neighbours,
    ...(defined({
      metadata,
      sessionId: fields.session_id,
      memoryTypes: fields.memory_types,
      minImportance: fields.min_importance,
      since: date(fields.since),
      until: date(fields.until),
      asOf: date(fields.as_of),
      maxTokens: fields.max_tokens,
    }) as Partial<MemoryQuery>),
  };
}
