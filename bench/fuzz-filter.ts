// The parser of filters under 100,000 texts that are nearly filters and 100,000 filters that are printed
// and read back, in all five searches. It may throw nothing but a DuetMindError, and what it reads of a
// printed filter must be the tree that was printed. The figure is the number of failures: none allowed.
// Run: npm run bench bench/fuzz-filter.ts
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { DuetMindError } from "../src/core/errors.ts";
import { experimentsGrammar } from "../src/search/experiments-grammar.ts";
import type { Grammar } from "../src/search/grammar.ts";
import { loggedModelsGrammar } from "../src/search/logged-models-grammar.ts";
import { modelVersionsGrammar } from "../src/search/model-versions-grammar.ts";
import { parseFilter } from "../src/search/parse-filter.ts";
import { registeredModelsGrammar } from "../src/search/registered-models-grammar.ts";
import { runsGrammar } from "../src/search/runs-grammar.ts";
import { clausesOf, nearlyFilter, printFilter } from "../test/search/print-filter.ts";
import { type BenchCase, measure, reportBench } from "./result.ts";

const CASES = 20_000;
const SEED = Number(process.env["FC_SEED"] ?? 20_261_125);
const grammars: readonly Grammar[] = [
  runsGrammar,
  experimentsGrammar,
  registeredModelsGrammar,
  modelVersionsGrammar,
  loggedModelsGrammar,
];

/** Tries a law on so many values of each search; every failure is printed and counted. */
async function failuresOf<T>(
  values: (grammar: Grammar) => fc.Arbitrary<T>,
  holds: (value: T, grammar: Grammar) => boolean,
): Promise<Readonly<{ failures: number; cpuSeconds: number }>> {
  let failures = 0;
  const { cpuSeconds } = await measure(async () => {
    for (const grammar of grammars) {
      fc.assert(
        fc.property(values(grammar), (value) => {
          if (holds(value, grammar)) return;
          failures += 1;
          process.stdout.write(`${grammar.subject}: ${JSON.stringify(value)}\n`);
        }),
        { numRuns: CASES, seed: SEED },
      );
    }
  });
  return { failures, cpuSeconds };
}

let filters = 0;
const nearly = await failuresOf(nearlyFilter, (text, grammar) => {
  try {
    if (parseFilter(text, grammar).length > 0) filters += 1;
    return true;
  } catch (error) {
    return error instanceof DuetMindError && error.code === "BAD_INPUT";
  }
});
const printed = await failuresOf(clausesOf, (clauses, grammar) =>
  isDeepStrictEqual(parseFilter(printFilter(clauses, grammar), grammar), clauses),
);

function caseOf(title: string, { failures, cpuSeconds }: typeof nearly, found: number): BenchCase {
  return {
    case: title,
    ours: { cases: CASES * grammars.length, read_as_filters: found, cpu_seconds: cpuSeconds },
    peer: { name: "the law" },
    figure: failures,
    bar: { op: "<=", value: 0 },
  };
}

reportBench("fuzz-filter", [
  caseOf("texts that are nearly filters: other errors than BAD_INPUT", nearly, filters),
  caseOf("printed filters that read back as another tree", printed, CASES * grammars.length),
]);
