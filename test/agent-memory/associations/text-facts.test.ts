import { expect, test } from "vitest";
import {
  contradictionReasons,
  factsOf,
  haveSameFacts,
} from "../../../src/agent-memory/associations/text-facts.ts";

test("facts are numbers, negations, sides of opposites, and names within a sentence", () => {
  expect(factsOf("The MMSE of Ann rose from 24.0 to twenty-six. Nobody denied it.")).toEqual({
    numbers: ["20", "24", "6"],
    negations: 2,
    sides: ["1+"],
    names: ["ann", "mmse"],
    unread: [],
  });
});

test("said in another way the facts are the same", () => {
  const same = [
    ["Scored 24/30 on the test.", "On the test, scored 24 of 30"],
    ["She has two cats", "she has 2 cats!"],
    ["It has 1,250 rows", "It has 1250 rows"],
    ["She doesn’t know the café", "The café she doesn't know"],
    ["Between 3-5 scans", "3-5 scans between"],
  ] as const;
  for (const [a, b] of same) expect(haveSameFacts(factsOf(a), factsOf(b)), a).toBe(true);
});

test("near texts that a cosine takes for the same are told apart", () => {
  const conflicts = [
    ["He quit smoking in 2019", "He started smoking in 2019", "opposites"],
    ["Order 7 was refunded", "Order 7 was not refunded", "negation"],
    ["The dose is 5 mg", "The dose is 10 mg", "numbers"],
    ["The biopsy was positive", "The biopsy was negative", "opposites"],
    ["She doesn't drive", "She does drive", "negation"],
  ] as const;
  for (const [a, b, reason] of conflicts) {
    expect(haveSameFacts(factsOf(a), factsOf(b)), a).toBe(false);
    expect(contradictionReasons(factsOf(a), factsOf(b)), a).toEqual([reason]);
    expect(contradictionReasons(factsOf(b), factsOf(a)), a).toEqual([reason]);
  }
});

test("what adds to a text, or is about somebody else, is another fact and no contradiction", () => {
  const apart = [
    ["The dose is 5 mg", "The dose is 5 mg since 2021"],
    ["The doctor met Ann", "The doctor met Bea"],
  ] as const;
  for (const [a, b] of apart) {
    expect(haveSameFacts(factsOf(a), factsOf(b)), a).toBe(false);
    expect(contradictionReasons(factsOf(a), factsOf(b)), a).toEqual([]);
  }
});

test("what the model does not see sets texts apart", () => {
  const apart = [
    ["ผู้ป่วยแพ้ยาเพนิซิลลิน", "ผู้ป่วยแพ้ยาแอสไพริน"],
    ["患者张三对青霉素过敏", "患者李四对青霉素过敏"],
    ["le pécheur est venu", "le pêcheur est venu"],
    ["😀 mood", "😡 mood"],
    ["👍🏻", "👍🏿"],
    ["weight ↑", "weight ↓"],
    ["pressure < 140", "pressure > 140"],
    ["the score is -2.5", "the score is 2.5"],
    ["%", "#"],
    ["x".repeat(101), "y".repeat(101)],
  ] as const;
  for (const [a, b] of apart) expect(haveSameFacts(factsOf(a), factsOf(b)), a).toBe(false);
});
