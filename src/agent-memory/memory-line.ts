import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { parseWith } from "../core/parse.ts";
import { toRfc3339 } from "../core/rfc3339.ts";
import { expected } from "./clean-text.ts";
import {
  type LineAssociation,
  MEMORY_RELATIONS,
  type MemoryLine,
  type MemoryRecord,
  type NewMemory,
} from "./memory.ts";
import type { MemoryParams } from "./params.ts";
import {
  assertPeriod,
  memoryFields,
  memorySessionId,
  memoryTime,
  unitNumber,
} from "./parse-memory.ts";

export function toMemoryLine(
  memory: MemoryRecord,
  associations: readonly LineAssociation[],
): MemoryLine {
  return {
    session_id: memory.sessionId,
    content: memory.content,
    memory_type: memory.memoryType,
    importance: memory.importance,
    metadata: memory.metadata,
    scope: memory.scope,
    subject: memory.subject,
    source: memory.source,
    actor: memory.actor,
    trust: memory.trust,
    created_at: toRfc3339(memory.createdAt),
    valid_from: timeOrNull(memory.validFrom),
    valid_to: timeOrNull(memory.validTo),
    expires_at: timeOrNull(memory.expiresAt),
    id: memory.id,
    agent: memory.agent,
    ...(associations.length === 0 ? {} : { associations }),
    ...(memory.supersededBy === null ? {} : { superseded_by: memory.supersededBy }),
  };
}

const timeOrNull = (time: Date | null) => (time === null ? null : toRfc3339(time));

const ISO_DAY = z.iso.date();
const ISO_TIME = z.iso.datetime({ offset: true, local: true });
const HAS_ZONE = /(?:Z|[+-]\d\d:\d\d)$/i;

/** RFC 3339; without a zone it is UTC, and a day alone is its first moment. */
export const writtenTime = z
  .string()
  .refine((text) => ISO_DAY.safeParse(text).success || ISO_TIME.safeParse(text).success, {
    error: expected("a time such as 2026-02-03T10:00:00Z"),
  })
  .transform((text) => new Date(/T/i.test(text) && !HAS_ZONE.test(text) ? `${text}Z` : text))
  .pipe(memoryTime);

/** Ids are those of lines: see import-memories.ts. */
const lineAssociation = z.strictObject({
  from: z.string(),
  to: z.string(),
  relation: z.enum(MEMORY_RELATIONS),
  strength: unitNumber,
});

export type ParsedLine = Readonly<{
  memory: NewMemory;
  id: string | undefined;
  associations: readonly LineAssociation[];
  supersededBy: string | undefined;
}>;

/** Parses the lines of a file: a text of JSON, or what it holds. */
export function createLineParser(params: MemoryParams) {
  const fields = memoryFields(params);
  const schema = z.strictObject({
    session_id: memorySessionId,
    content: fields.content,
    memory_type: fields.memoryType.nullish(),
    importance: fields.importance.nullish(),
    metadata: fields.metadata.nullish(),
    scope: fields.scope.nullish(),
    subject: fields.subject.nullish(),
    source: fields.source.nullish(),
    actor: fields.actor.nullish(),
    trust: fields.trust.nullish(),
    created_at: writtenTime.nullish(),
    valid_from: writtenTime.nullish(),
    valid_to: writtenTime.nullish(),
    expires_at: writtenTime.nullish(),
    // what an export says besides: ids are made anew, the owner is who imports
    id: z.string().nullish(),
    agent: z.string().nullish(),
    associations: z.array(lineAssociation).nullish(),
    superseded_by: z.string().nullish(),
  });

  return (given: string | object, line: number): ParsedLine => {
    const subject = `line ${line}`;
    const value = typeof given === "string" ? parseJsonLine(given, subject) : given;
    const parsed = parseWith(schema, value, subject);
    const memory = {
      sessionId: parsed.session_id,
      content: parsed.content,
      ...known("memoryType", parsed.memory_type),
      ...known("importance", parsed.importance),
      ...known("metadata", parsed.metadata),
      ...known("scope", parsed.scope),
      ...known("subject", parsed.subject),
      ...known("source", parsed.source),
      ...known("actor", parsed.actor),
      ...known("trust", parsed.trust),
      ...known("createdAt", parsed.created_at),
      ...known("validFrom", parsed.valid_from),
      ...known("validTo", parsed.valid_to),
      ...known("expiresAt", parsed.expires_at),
    };
    assertPeriod(memory, subject);
    return {
      memory,
      id: parsed.id ?? undefined,
      associations: parsed.associations ?? [],
      supersededBy: parsed.superseded_by ?? undefined,
    };
  };
}

function known<K extends string, V>(key: K, value: V | null | undefined): { [key in K]?: V } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

function parseJsonLine(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DuetMindError(
      "BAD_INPUT",
      `${subject}: expected JSON, got ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
