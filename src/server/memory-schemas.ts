import { z } from "zod";
import { CONTRADICTION_REASONS, MEMORY_RELATIONS, MEMORY_SCOPES } from "../agent-memory/memory.ts";

/** The JSON of memories in replies: see agent-memory/memory-json.ts. */
const time = z.string();
const metadata = z.record(z.string(), z.unknown());

export const memoryReply = z.object({
  id: z.string(),
  session_id: z.string(),
  agent: z.string(),
  scope: z.enum(MEMORY_SCOPES),
  content: z.string(),
  memory_type: z.string(),
  importance: z.number(),
  metadata,
  subject: z.string().nullable(),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  trust: z.number(),
  origin: z.enum(["stored", "imported", "consolidated"]),
  created_at: time,
  updated_at: time,
  valid_from: time.nullable(),
  valid_to: time.nullable(),
  expires_at: time.nullable(),
  last_accessed: time.nullable(),
  access_count: z.int(),
  repeat_count: z.int(),
  superseded_by: z.string().nullable(),
});

export const partsReply = z.object({
  semantic: z.number(),
  lexical: z.number(),
  recency: z.number(),
  importance: z.number(),
  association: z.number(),
});

export const hitReply = z.object({
  rank: z.int(),
  id: z.string(),
  score: z.number(),
  content: z.string(),
  memory_type: z.string(),
  metadata,
  created_at: time,
  parts: partsReply,
});

export const storedReply = z.object({
  id: z.string(),
  deduplicated: z.boolean().describe("an equal memory was there and is strengthened"),
  similar: z
    .array(z.object({ id: z.string(), similarity: z.number() }))
    .describe("memories of the session that are nearly the same"),
  redacted: z
    .record(z.string(), z.int())
    .optional()
    .describe("how many identifiers of each kind were taken out; absent where none"),
});

export const sessionReply = z.object({
  session_id: z.string(),
  agent: z.string(),
  memories: z.int(),
  created_at: time,
  last_active_at: time,
});

export const associationReply = z.object({
  from: z.string(),
  to: z.string(),
  relation: z.enum(MEMORY_RELATIONS),
  strength: z.number(),
  is_automatic: z.boolean(),
  created_at: time,
});

export const relatedReply = z.object({
  depth: z.int(),
  strength: z.number().describe("product of the strengths on the strongest way"),
  memory: memoryReply,
  path: z.array(associationReply),
});

export const forgottenReply = z.object({
  forgotten: z.int(),
  ids: z.array(z.string()),
  dry_run: z.boolean(),
});

export const consolidationReply = z.object({
  proposals: z.array(
    z.object({
      keep: z.string(),
      merge: z.array(z.string()),
      similarity: z.number(),
      summary: z.string(),
    }),
  ),
  merged: z.int(),
});

export const restoredReply = z.object({
  restored: z.array(z.string()).describe("what is searched again"),
});

export const contradictionReply = z.object({
  from: z.string(),
  to: z.string(),
  similarity: z.number(),
  reasons: z.array(z.enum(CONTRADICTION_REASONS)).describe("what sets them apart"),
  contents: z.array(z.string()).describe("what the two say, in this order"),
});

export const statsReply = z.object({
  memories: z.int(),
  sessions: z.int(),
  by_type: z.record(z.string(), z.int()),
  associations: z.int(),
  embedding: z.object({
    fingerprint: z.string(),
    model: z.string(),
    runtime: z.enum(["native", "wasm"]),
    dimensions: z.int(),
    is_indexed: z.boolean().describe("large searches have an approximate index"),
    embedded: z.int(),
    waiting: z.int().describe("without a vector yet: found by their words only"),
  }),
  sealing: z
    .object({
      sealed: z.int().describe("under the current key"),
      waiting: z
        .int()
        .describe("in clear or under another key; those are not found by their words"),
    })
    .nullable()
    .describe("null without a key"),
});
