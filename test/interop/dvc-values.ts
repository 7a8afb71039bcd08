import fc from "fast-check";
import { pythonFloat, pythonJsonText } from "../../src/reproduce/values/python-text.ts";
import { isValueList, isValueMap, type Value } from "../../src/reproduce/values/value.ts";

/** Random values of parameter files, with all that has its own spelling in YAML. */
const WORDS = [
  "'",
  '"',
  "a:",
  "#x",
  "\n",
  "\t",
  "é😀",
  "-",
  "? ",
  "it's",
  "\\",
  "true",
  "1",
  "null",
];
const MORE = [
  "0x1f",
  "1e5",
  "1_0",
  "=",
  "<<",
  "2020-01-01",
  "%",
  "@a",
  "{a}",
  "[b]",
  "a,b",
  "~",
  " ",
];
const word = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z0-9./=-]{1,14}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{75,95}$/) },
  { weight: 2, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 2, arbitrary: fc.constantFrom(...WORDS, ...MORE) },
);
/** Not among them: breaks that only Unicode knows, and a long word after two spaces, which DVC loses. */
const text = fc
  .array(word, { maxLength: 40 })
  .map((words) => words.join(" "))
  .filter((joined) => !/[\u0085\u2028\u2029]| {2}[^ ]{81}/u.test(joined));
const key = fc.oneof(
  fc.stringMatching(/^[a-z_.][a-z0-9_./ -]{0,20}$/),
  fc.constantFrom("true", "1", "a: b", "#", "é", "null", "yes", "it's", "x y "),
);
const leaf: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
export const valueTree: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
})).value;

/** A mapping, as the root of a file is. */
export const valueDocument = fc
  .array(fc.tuple(key, valueTree), { minLength: 1, maxLength: 5 })
  .map((pairs): ReadonlyMap<string, Value> => new Map(pairs));

/** JSON that Python reads with the same types: 1 and 1.0 are two things. */
export function toPythonJson(
  value: Value,
  quote: (text: string) => string = pythonJsonText,
): string {
  const inner = (item: Value) => toPythonJson(item, quote);
  if (typeof value === "number") return pythonFloat(value);
  if (typeof value === "string") return quote(value);
  if (isValueList(value)) return `[${value.map(inner).join(",")}]`;
  if (!isValueMap(value)) return String(value);
  return `{${[...value].map(([k, item]) => `${quote(String(k))}: ${inner(item)}`).join(",")}}`;
}
