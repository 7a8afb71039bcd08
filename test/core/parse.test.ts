import { expect, test } from "vitest";
import { z } from "zod";
import { DuetMindError } from "../../src/core/errors.ts";
import { parseWith, show } from "../../src/core/parse.ts";

const schema = z.strictObject({
  rate: z.number().positive().max(1).default(0.1),
  method: z.enum(["hash", "time"]).default("hash"),
  inner: z.strictObject({ names: z.array(z.string()).min(1) }).optional(),
  named: z.record(z.string().regex(/^\w+$/, "expected a word"), z.number()).optional(),
  either: z.union([z.string(), z.strictObject({ path: z.string() })]).optional(),
});

function failure(input: unknown): DuetMindError {
  try {
    parseWith(schema, input, "params.yaml", { code: "CONFIG_INVALID", file: "params.yaml" });
  } catch (error) {
    if (error instanceof DuetMindError) return error;
  }
  throw new Error("it should have failed with a DuetMindError");
}

test("what parses comes back whole, with defaults", () => {
  expect(parseWith(schema, {}, "x")).toEqual({ rate: 0.1, method: "hash" });
});

test.each([
  [{ rate: "fast" }, 'rate: expected a number, got "fast"'],
  [{ rate: 2 }, "rate: expected at most 1, got 2"],
  [{ rate: 0 }, "rate: expected more than 0, got 0"],
  [{ method: "hsh" }, 'method: expected "hash" or "time", got "hsh"'],
  [{ rte: 1 }, 'expected a known key, got "rte"; did you mean "rate"?'],
  [{ inner: { nmes: [] } }, "inner.names: expected an array, got nothing"],
  [{ inner: { names: [] } }, "inner.names: expected at least 1 items, got []"],
  [{ inner: { names: ["a", 5] } }, "inner.names.1: expected a string, got 5"],
  [{ either: { path: 5 } }, "either.path: expected a string, got 5"],
  [[], "expected an object, got []"],
  [{ named: { "a b": 1 } }, 'named.a b: expected a word, got "a b"'],
])("%j is refused with the place, what was expected and what came", (input, message) => {
  const error = failure(input);
  expect(error.message).toBe(`params.yaml: ${message}`);
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.details.file).toBe("params.yaml");
});

test("a value that no branch of a union takes is told what they would", () => {
  const strict = z.strictObject({ strict: z.union([z.boolean(), z.literal("filter")]) });
  expect(() => parseWith(strict, { strict: "maybe" }, "c.yaml")).toThrow(
    'c.yaml: strict: expected a boolean or "filter", got "maybe"',
  );
});

test("the code is BAD_INPUT unless another is named", () => {
  expect(() => parseWith(z.number(), "x", "input")).toThrow(
    expect.objectContaining({ code: "BAD_INPUT", message: 'input: expected a number, got "x"' }),
  );
});

test("long values are cut short in messages", () => {
  expect(show("x".repeat(200)).length).toBe(80);
  expect(show(undefined)).toBe("nothing");
  expect(show(10n)).toBe("10");
});
