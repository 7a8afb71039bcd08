import { z } from "zod";
import { parseWith } from "../../core/parse.ts";
import { isClean } from "../clean-text.ts";
import { jsonFault } from "../json-fault.ts";
import type { MemoryQuery } from "../memory.ts";
import { memorySessionId, memoryTime, memoryType, unitNumber } from "../parse-memory.ts";

const MOST_QUERY = 10_000;

const querySchema = z.strictObject({
  query: z
    .string()
    .max(MOST_QUERY)
    .refine((text) => text.trim() !== "", "expected a text, got an empty one")
    .refine(isClean, "expected a text without control characters and lone surrogates"),
  sessionId: memorySessionId.optional(),
  limit: z.int().min(1).max(1_000).default(10),
  memoryTypes: z.array(memoryType).min(1).max(100).optional(),
  minImportance: unitNumber.optional(),
  since: memoryTime.optional(),
  until: memoryTime.optional(),
  asOf: memoryTime.optional(),
  includeExpired: z.boolean().default(false),
  metadata: z
    .record(z.string(), z.unknown())
    .refine((value) => jsonFault(value) === undefined, "expected what JSON can hold")
    .optional(),
  maxTokens: z.int().min(1).max(10_000_000).optional(),
  countShown: z
    .custom<MemoryQuery["countShown"]>(
      (value) => typeof value === "function",
      "expected a function",
    )
    .optional(),
  withNeighbours: z.boolean().default(false),
  touch: z.boolean().default(true),
});

export type ParsedQuery = Readonly<z.infer<typeof querySchema>>;

export function parseMemoryQuery(input: unknown): ParsedQuery {
  return parseWith(querySchema, input, "memory query");
}
