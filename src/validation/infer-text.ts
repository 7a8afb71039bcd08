import type { Check } from "./contract.ts";
import { DEFAULT_OPTIONS } from "./contract.ts";

/** What is known of the texts of a column. */
export type TextFacts = Readonly<{
  distinct: number;
  low: string;
  high: string;
  shortest: number;
  longest: number;
  /** The least and greatest shape: `A0000` for `P0017`. Equal where all texts have one. */
  leastShape: string;
  greatestShape: string;
}>;

/** So many different texts of one form are no chance. */
const ENOUGH = 5;
const LONGEST_CODE = 40;
const CODE = /^[0Aa_./: -]*$/;

/** A pattern for codes of one shape, else a length that all texts have; nothing for prose. */
export function inferText(facts: TextFacts): readonly Check[] {
  const { distinct, shortest, longest, leastShape, greatestShape } = facts;
  if (distinct < ENOUGH || shortest !== longest || longest === 0) return [];
  const isCode = leastShape === greatestShape && CODE.test(leastShape) && leastShape.includes("0");
  if (isCode && longest <= LONGEST_CODE) {
    const pattern = codePattern(leastShape, commonStart(facts.low, facts.high));
    return [{ name: "str_matches", statistics: { pattern }, options: DEFAULT_OPTIONS }];
  }
  const statistics = { exact_value: BigInt(longest) };
  return [{ name: "str_length", statistics, options: DEFAULT_OPTIONS }];
}

/** `P[0-9]{4}$`: letters that all texts begin with as they are, digits and other letters by their kind. */
function codePattern(shape: string, start: string): string {
  const letters = /^[A-Za-z]*/.exec(start)![0];
  const rest = shape.slice(letters.length).replace(/0+|A+|a+|[^0Aa]/g, (run) => {
    const times = run.length === 1 ? "" : `{${run.length}}`;
    if (run[0] === "0") return `[0-9]${times}`;
    if (run[0] === "A") return `[A-Z]${times}`;
    if (run[0] === "a") return `[a-z]${times}`;
    return run === "." ? "\\." : run;
  });
  return `${letters}${rest}$`;
}

/** The start that the first and the last text share, all between share too. */
function commonStart(low: string, high: string): string {
  let length = 0;
  while (length < low.length && low[length] === high[length]) length += 1;
  return low.slice(0, length);
}
