import { z } from "zod";
import { canonicalJson } from "../core/canonical-json.ts";
import { DuetMindError } from "../core/errors.ts";
import { parseWith, show } from "../core/parse.ts";
import { expected, shortText, textFault } from "./clean-text.ts";
import { jsonFault } from "./json-fault.ts";
import { MEMORY_RELATIONS, MEMORY_SCOPES, type MemoryIdentity, type NewMemory } from "./memory.ts";
import type { MemoryParams } from "./params.ts";

const YEAR_1 = Date.parse("0001-01-01T00:00:00Z");
const YEAR_10000 = Date.parse("+010000-01-01T00:00:00Z");

export const memoryTime = z
  .date()
  .refine(
    (at) => at.getTime() >= YEAR_1 && at.getTime() < YEAR_10000,
    "expected a year of 1 to 9999",
  );

export const unitNumber = z.number().min(0).max(1);
export const memorySessionId = shortText(200);
export const memoryType = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, { error: expected('a short word such as "knowledge"') });
export const memoryId = z.uuid({ error: expected("the id of a memory") });

const NO_NAME = "expected a name of 1 to 200 characters";
const identitySchema = z.strictObject({
  tenant: shortText(200),
  agent: shortText(200),
  reach: z.enum(["session", "agent", "tenant"]),
  actor: z.string().min(1, NO_NAME).max(500),
});

export function parseIdentity(input: unknown): MemoryIdentity {
  return parseWith(identitySchema, input, "memory identity");
}

/** Taken as it is: a record of zod's would be a copy, without a key such as `__proto__`. */
export function memoryMetadata(params: MemoryParams) {
  return z.custom<Readonly<Record<string, unknown>>>().superRefine((value: unknown, context) => {
    const fault = metadataFault(value, params.max_metadata_bytes);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault, input: undefined });
  });
}

/** What a memory is made of; which of it has to be there is said by who takes it. */
export function memoryFields(params: MemoryParams) {
  return {
    content: z.string().superRefine((text, context) => {
      const fault = contentFault(text, params.max_content_bytes);
      if (fault !== undefined)
        context.addIssue({ code: "custom", message: fault, input: undefined });
    }),
    memoryType,
    importance: unitNumber,
    metadata: memoryMetadata(params),
    scope: z.enum(MEMORY_SCOPES),
    subject: shortText(500),
    source: shortText(2_000),
    actor: shortText(500),
    trust: unitNumber,
    validFrom: memoryTime,
    validTo: memoryTime,
    expiresAt: memoryTime,
  };
}

const associations = z
  .array(
    z.strictObject({
      to: memoryId,
      relation: z.enum(MEMORY_RELATIONS),
      strength: unitNumber.optional(),
    }),
  )
  .max(100);

/** Parses memories from outside. `subjects` name them in messages, such as `memory` or `line 3`. */
export function createMemoryParser(params: MemoryParams) {
  const { content, ...optional } = memoryFields(params);
  const schema = z.strictObject({
    sessionId: memorySessionId,
    content,
    ...z.strictObject(optional).partial().shape,
    createdAt: memoryTime.optional(),
    associations: associations.optional(),
  });
  return (input: unknown, subject: string): NewMemory => {
    const memory = parseWith(schema, withoutUndefined(input), subject) as NewMemory;
    assertPeriod(memory, subject);
    return memory;
  };
}

/** A key that is there with nothing behind it is as good as absent. */
function withoutUndefined(input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

export function assertPeriod(
  { validFrom, validTo }: Readonly<{ validFrom?: Date | null; validTo?: Date | null }>,
  subject: string,
): void {
  if (!validFrom || !validTo || validTo >= validFrom) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${subject}: validTo: expected a time at or after validFrom ${show(validFrom)}, got ${show(validTo)}`,
    { path: "validTo" },
  );
}

function contentFault(text: string, mostBytes: number): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > mostBytes) return `expected at most ${mostBytes} bytes of UTF-8, got ${bytes}`;
  return textFault(text);
}

function metadataFault(value: unknown, mostBytes: number): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `expected an object, got ${show(value)}`;
  }
  const fault = jsonFault(value);
  if (fault !== undefined) return `expected what JSON can hold, got ${fault}`;
  const bytes = Buffer.byteLength(canonicalJson(value));
  if (bytes > mostBytes) return `expected at most ${mostBytes} bytes of JSON, got ${bytes}`;
  return undefined;
}
