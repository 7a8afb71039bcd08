import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "../../../src/agent-memory/privacy/redact.ts";
import {
  clinicalRules,
  createClinicalRedaction,
} from "../../../src/agent-memory/privacy/redact-clinical.ts";
import { tokenise } from "../../../src/agent-memory/privacy/text-tokens.ts";

const clinical = createClinicalRedaction();

/** `Dr. {NAME|Ames} …` → the text, what must go, what must stay. */
type Case = Readonly<{ text: string; expected: string; identifiers: readonly string[] }>;

function cases(file: string): Case[] {
  return readFileSync(join(import.meta.dirname, file), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => ({
      text: line.replace(/\{[A-Z]+\|([^}]*)\}/g, "$1"),
      expected: line.replace(/\{([A-Z]+)\|[^}]*\}/g, "[$1]"),
      identifiers: [...line.matchAll(/\{[A-Z]+\|([^}]*)\}/g)].map((match) => match[1]!),
    }));
}

/** An identifier is found if it is gone; a placeholder beyond those is a false alarm. */
function measure(all: readonly Case[]) {
  let [identifiers, found, placeholders] = [0, 0, 0];
  const wrong: string[] = [];
  for (const { text, expected, identifiers: hidden } of all) {
    const redacted = clinical(text).text;
    const gone = hidden.filter((each) => !redacted.includes(each)).length;
    identifiers += hidden.length;
    found += gone;
    placeholders += redacted.match(/\[[A-Z]+\]/g)?.length ?? 0;
    if (redacted !== expected) wrong.push(`${redacted}   ← ${text}`);
  }
  const precision = Math.min(1, found / placeholders);
  return { identifiers, recall: found / identifiers, precision, wrong };
}

test("of the sentences that the rules were written with, every identifier but none else goes", () => {
  const { identifiers, recall, precision, wrong } = measure(cases("clinical-tuned.txt"));
  expect(identifiers).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
  expect({ recall, precision }).toEqual({ recall: 1, precision: 1 });
});

test("of the sentences that they were not written with, 97 % go and none else", () => {
  const { recall, precision } = measure(cases("clinical-held-out.txt"));
  expect(recall).toBeGreaterThanOrEqual(0.97);
  expect(precision).toBe(1);
});

test("both files hold at least 120 sentences, a third of them without identifiers", () => {
  const all = [...cases("clinical-tuned.txt"), ...cases("clinical-held-out.txt")];
  expect(all.length).toBeGreaterThanOrEqual(120);
  expect(all.filter(({ identifiers }) => identifiers.length === 0).length).toBeGreaterThan(60);
});

describe("what it finds is counted by type", () => {
  test("a sentence with several", () => {
    expect(clinical("Mrs. Ames (MRN 0041722), 93 years old, MMSE 24/30 on 3/15/2024")).toEqual({
      text: "Mrs. [NAME] (MRN [MRN]), [AGE] years old, MMSE 24/30 on [DATE]",
      counts: { NAME: 1, MRN: 1, AGE: 1, DATE: 1 },
    });
  });

  test("a text without any comes back as it is", () => {
    const text = "MMSE 24/30,\tAPOE4  \u{1f9e0}\r\n\u0301x";
    expect(clinical(text)).toEqual({ text, counts: {} });
  });
});

test("the names of a list go in any case, as whole words, the longest first", () => {
  const listed = createClinicalRedaction(["Halversen", "Halversen Quill", "Old Mill"]);
  expect(listed("saw HALVERSEN-QUILL, halversen and Halversens at Old  Mill").text).toBe(
    "saw [NAME], [NAME] and Halversens at [NAME]",
  );
});

/** Pieces that rules look for, in any order: what one rule leaves must not feed another. */
const piece = fc.oneof(
  fc.constantFrom(
    ...["Dr. ", "Patient: ", "Ann", "Ames", "van ", "MRN ", "SSN ", "Tel ", "DOB ", "on ", "aged "],
    ...["+", "(", ")", "-", "/", ".", ",", " ", "@", ":", "'", "\n", "12", "93", "2024", "555"],
    ...[
      "0142",
      "March",
      "May ",
      "Street",
      "lives in ",
      "IL ",
      "62704",
      "www",
      "https://",
      "x",
      "T",
    ],
    ...["[NAME]", "[DATE]", "[", "]", "MD", "years old", "078", "P.O. Box ", "SW1A 1AA", "name "],
  ),
  fc.string({ maxLength: 4 }),
  fc.nat({ max: 99999 }).map(String),
);
const clinicalText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

test("what was redacted once is not changed by redacting it again", () => {
  fc.assert(
    fc.property(clinicalText, (text) => {
      const once = clinical(text).text;
      expect(clinical(once).text).toBe(once);
    }),
    { numRuns: 5000 },
  );
});

test("what is not an identifier is kept, character by character", () => {
  fc.assert(
    fc.property(clinicalText, (text) => {
      const kept = redact(text, clinicalRules([])).text.split(/\[[A-Z]+\]/);
      let from = 0;
      for (const part of kept) {
        const at = text.indexOf(part, from);
        expect(at).toBeGreaterThanOrEqual(from);
        from = at + part.length;
      }
    }),
  );
});

/** How often the rules look at a token of a text: each look of each rule is counted. */
function looks(text: string): number {
  let count = 0;
  const rules = clinicalRules(["Ann Ames"]).map(
    (rule): typeof rule =>
      (tokens, at) =>
        rule(
          new Proxy(tokens, {
            get(target, key) {
              count += 1;
              return Reflect.get(target, key) as unknown;
            },
          }),
          at,
        ),
  );
  redact(text, rules);
  return count;
}

test("twice the hostile text takes twice the looks, whatever is repeated", () => {
  const hostile = [
    ...["Dr. Ames ", "a.", "1.", "12-", "555 ", "(", "@", "a@", "Mar ", "www.", "1:", "12 Old "],
    ...["Patient: ", "MRN ", "O'", "van ", "+1 ", "a-", "1/", "P.O.", "lives in A ", "A, "],
  ];
  for (const unit of hostile) {
    const small = looks(unit.repeat(500));
    const large = looks(unit.repeat(1000));
    expect(large, unit).toBeLessThanOrEqual(2.05 * small);
    // and a bounded number for each character, so that a megabyte is bounded too
    expect(large / unit.repeat(1000).length, unit).toBeLessThan(600);
  }
});

test("a megabyte without a gap is one token", () => {
  expect(tokenise("A".repeat(1_000_000)).length).toBe(1);
  expect(clinical("9".repeat(1_000_000)).counts).toEqual({});
});
