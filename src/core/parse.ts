import type { z } from "zod";
import { DuetMindError, type ErrorCode, type ErrorDetails } from "./errors.ts";
import { nearestName } from "./nearest.ts";

export type ParseOptions = Readonly<{ code?: ErrorCode; file?: string }>;

/**
 * Parses something from outside, once. A failure is one DuetMindError that names the first issue as
 * `subject: path: expected …, got …`, with the nearest known key for a misspelt one.
 */
export function parseWith<T>(
  schema: z.ZodType<T>,
  input: unknown,
  subject: string,
  options: ParseOptions = {},
): T {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues as readonly z.core.$ZodIssue[]);
  const path = issue.path.map(String).join(".");
  const { message, hint, key } = describe(issue, schema);
  const where = [path, key].filter(Boolean).join(".");
  const details: ErrorDetails = {
    ...(hint === undefined ? {} : { hint }),
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(where === "" ? {} : { path: where }),
  };
  throw new DuetMindError(
    options.code ?? "BAD_INPUT",
    `${subject}${path === "" ? "" : `: ${path}`}: ${message}`,
    details,
  );
}

/** Every fault of a value, as `{ path, expected, got }`; none when the schema takes it. */
export function findIssues(
  schema: z.ZodType,
  input: unknown,
): readonly Readonly<{ path: string; expected: string; got: string }>[] {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return [];
  return (result.error.issues as readonly z.core.$ZodIssue[]).map((outer) => {
    const issue = deepestIssue([outer]);
    const { message, key } = describe(issue, schema);
    const [, expected, got] = /^expected (.*), got (.*)$/s.exec(message) ?? [];
    return {
      path: [...issue.path.map(String), ...(key === undefined ? [] : [key])].join("."),
      expected: expected ?? message,
      got: got ?? show(issue.input),
    };
  });
}

/** A failed union hides its cause: take the branch that got furthest into the value. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const first = issues[0]!;
  if (first.code !== "invalid_union" || first.errors.length === 0) return first;
  const branches = first.errors.map((branch) => deepestIssue(branch));
  const deepest = branches.reduce((a, b) => (b.path.length > a.path.length ? b : a));
  if (deepest.path.length === 0 && deepest.code === "invalid_type") return first;
  return { ...deepest, path: [...first.path, ...deepest.path] };
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
): { message: string; hint?: string; key?: string } {
  switch (issue.code) {
    case "invalid_type":
      return { message: `expected ${article(issue.expected)}, got ${show(issue.input)}` };
    case "unrecognized_keys": {
      const key = issue.keys[0]!;
      const near = nearestName(key, knownKeys(schema, issue.path));
      const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
      return {
        message: `expected a known key, got "${key}"${suggestion}`,
        key,
        ...(near === undefined ? {} : { hint: `write "${near}" instead of "${key}"` }),
      };
    }
    case "invalid_value":
      return {
        message: `expected ${issue.values.map((v) => JSON.stringify(v)).join(" or ")}, got ${show(issue.input)}`,
      };
    case "too_small":
      return { message: `expected ${bound(issue, "at least")}, got ${show(issue.input)}` };
    case "too_big":
      return { message: `expected ${bound(issue, "at most")}, got ${show(issue.input)}` };
    case "invalid_key": {
      const [inner] = issue.issues;
      return { message: `${inner?.message ?? issue.message}, got ${show(issue.path.at(-1))}` };
    }
    case "invalid_union": {
      const wanted = issue.errors.map(([branch]) => branch && wantedBy(branch, schema));
      const isSilent = issue.message === "Invalid input"; // zod's words where the schema has none
      if (!isSilent || wanted.length === 0 || wanted.includes(undefined)) break;
      return { message: `expected ${wanted.join(" or ")}, got ${show(issue.input)}` };
    }
  }
  const isSaid = issue.message.startsWith("expected") || issue.input === undefined;
  return { message: isSaid ? issue.message : `${issue.message}, got ${show(issue.input)}` };
}

/** What a branch of a union that fails as a whole would have taken. */
function wantedBy(issue: z.core.$ZodIssue, schema: z.ZodType): string | undefined {
  return /^expected (.*), got .*$/s.exec(describe(issue, schema).message)?.[1];
}

function bound(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, words: string): string {
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const edge =
    issue.inclusive === false ? (words === "at least" ? "more than" : "less than") : words;
  const unit =
    { string: " characters", array: " items", set: " items" }[issue.origin as string] ?? "";
  return `${edge} ${limit}${unit}`;
}

function article(type: string): string {
  if (type === "undefined" || type === "null") return type;
  if (type === "bigint") return "a whole number";
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** For a rule of a schema's own, so that it says what came too. */
export function expecting(words: string) {
  return {
    error: ({ input }: Readonly<{ input?: unknown }>) => `expected ${words}, got ${show(input)}`,
  };
}

/** A value as an error message shows it: its JSON, cut short. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value); // not JSON's null
  const digits = (_key: string, each: unknown) => (typeof each === "bigint" ? Number(each) : each);
  const text =
    typeof value === "bigint" ? String(value) : (JSON.stringify(value, digits) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

type Internals = { _zod?: { def?: Record<string, unknown> } };

/** The keys that an object schema knows at a path, through wrappers, records, arrays and unions. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  const def = (schema as Internals)?._zod?.def;
  if (def === undefined) return [];
  const inner = def["innerType"] ?? def["in"];
  if (inner !== undefined) return knownKeys(inner, path);
  if (Array.isArray(def["options"])) return def["options"].flatMap((o) => knownKeys(o, path));
  const shape = def["shape"] as Record<string, unknown> | undefined;
  const [head, ...rest] = path;
  if (head === undefined) return Object.keys(shape ?? {});
  return knownKeys(shape?.[String(head)] ?? def["valueType"] ?? def["element"], rest);
}
