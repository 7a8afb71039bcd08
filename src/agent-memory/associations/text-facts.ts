import type { ContradictionReason } from "../memory.ts";

/**
 * What a sentence claims, as far as words tell: its numbers, whether it denies, which side of a pair of
 * opposites it takes, whom it names. Embeddings hardly see these ("quit smoking" and "started smoking"
 * are near each other), so near texts are the same only if their facts are, and may contradict each
 * other only where their facts differ.
 */
export type TextFacts = Readonly<{
  /** Sorted, with a minus, "24" and "24.0" alike, "two" as "2", "1,250" as "1250". */
  numbers: readonly string[];
  /** How many words deny. */
  negations: number;
  /** `3+`: the first side of the third pair of opposites. */
  sides: readonly string[];
  /** Words with a capital or a digit in them, sorted; not the first of a sentence. */
  names: readonly string[];
  /**
   * What an embedding may not see at all, sorted: words beyond ASCII, which the model strips of accents
   * or does not know, words too long for it, symbols and emoji, and a text that has no words.
   */
  unread: readonly string[];
}>;

const NUMBER_WORDS = new Map(
  (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
    "sixteen seventeen eighteen nineteen twenty"
  )
    .split(" ")
    .map((word, i) => [word, String(i)] as const),
);

const NEGATIONS: ReadonlySet<string> = new Set(
  (
    "no not never none nobody nothing neither nor without cannot cant dont doesnt didnt isnt arent " +
    "wasnt werent wont wouldnt shouldnt couldnt hasnt havent hadnt denies denied lacks lacking unable " +
    "unlikely nicht kein keine keinen nie"
  ).split(" "),
);

const OPPOSITES: readonly (readonly [string, string])[] = [
  [
    "start starts started starting begin begins began begun",
    "stop stops stopped stopping quit quits",
  ],
  [
    "increase increases increased rise rises rose raised",
    "decrease decreases decreased drop dropped fell",
  ],
  ["positive", "negative"],
  ["present", "absent"],
  [
    "improve improves improved improving better",
    "worsen worsens worsened worsening worse declined",
  ],
  [
    "accept accepts accepted approve approves approved",
    "reject rejects rejected refuse refuses refused",
  ],
  ["pass passes passed", "fail fails failed"],
  ["high higher", "low lower"],
  ["left", "right"],
  ["likes loves enjoys prefers", "dislikes hates avoids"],
  ["alive living lives", "dead died deceased"],
  ["enable enables enabled", "disable disables disabled"],
  ["open opens opened", "close closes closed"],
  ["married", "divorced"],
  ["true", "false"],
  ["before", "after"],
  ["normal", "abnormal"],
  ["won wins", "lost loses"],
];

const SIDES = new Map(
  OPPOSITES.flatMap(([first, second], i) => [
    ...first.split(" ").map((word) => [word, `${i}+`] as const),
    ...second.split(" ").map((word) => [word, `${i}-`] as const),
  ]),
);

/** Beyond it a word is unknown to the model's tokenizer (WordPiece). */
const LONGEST_WORD = 100;
const SYMBOLS = /\p{S}+/gu;
/** Before a number, and behind nothing that it could join to it. */
const MINUS = /(?:^|[\s([=:<>])[-−]$/;
const WORD = /[\p{L}\p{M}\p{Nd}]+(?:[.,'’][\p{L}\p{M}\p{Nd}]+)*/gu;

/** Reads the facts of a text. */
export function factsOf(text: string): TextFacts {
  const numbers: string[] = [];
  const names = new Set<string>();
  const sides = new Set<string>();
  let negations = 0;
  let before = 0;
  for (const { 0: found, index } of text.matchAll(WORD)) {
    const word = found.toLowerCase().replace(/['’]/g, "");
    const opens =
      before === 0 || /[.!?:\n]\s*$/.test(text.slice(Math.max(before, index - 4), index));
    before = index + found.length;
    const value = numberOf(word);
    const sign = MINUS.test(text.slice(Math.max(0, index - 2), index)) ? "-" : "";
    if (value !== undefined) numbers.push(`${sign}${value}`);
    else if (/\p{Nd}/u.test(word) || (/^\p{Lu}/u.test(found) && !opens)) names.add(word);
    if (NEGATIONS.has(word)) negations += 1;
    const side = SIDES.get(word);
    if (side !== undefined) sides.add(side);
  }
  return {
    ...{ numbers: numbers.sort(), negations, sides: [...sides].sort(), names: [...names].sort() },
    unread: unreadOf(text),
  };
}

function unreadOf(text: string): string[] {
  const words = [...text.matchAll(WORD)].map(({ 0: word }) =>
    word.normalize("NFC").toLowerCase().replaceAll("’", "'"),
  );
  if (words.length === 0) return [text.trim()];
  const strange = words.filter((word) => /\P{ASCII}/u.test(word) || word.length > LONGEST_WORD);
  const symbols = [...text.matchAll(SYMBOLS)].map(({ 0: symbol }) => symbol);
  return [...new Set([...strange, ...symbols])].sort();
}

function numberOf(text: string): string | undefined {
  const word = /^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(",", "") : text; // "1,250"
  if (/^\p{Nd}+(\.\p{Nd}+)?$/u.test(word)) {
    const value = Number(word);
    return Number.isNaN(value) ? word : String(value);
  }
  return NUMBER_WORDS.get(word);
}

/** Whether nothing that words tell sets two texts apart. */
export function haveSameFacts(a: TextFacts, b: TextFacts): boolean {
  return (
    a.negations === b.negations &&
    equal(a.numbers, b.numbers) &&
    equal(a.sides, b.sides) &&
    equal(a.names, b.names) &&
    equal(a.unread, b.unread)
  );
}

/**
 * Why two near texts may contradict each other; none where they do not seem to. One that says more
 * numbers than the other adds to it; one that says others in the same places may contradict it.
 */
export function contradictionReasons(a: TextFacts, b: TextFacts): ContradictionReason[] {
  const reasons: ContradictionReason[] = [];
  if (a.negations % 2 !== b.negations % 2) reasons.push("negation");
  const comparable = a.numbers.length > 0 && a.numbers.length === b.numbers.length;
  if (comparable && !equal(a.numbers, b.numbers)) reasons.push("numbers");
  const isOpposed = (side: string) => {
    const other = side.endsWith("+") ? `${side.slice(0, -1)}-` : `${side.slice(0, -1)}+`;
    return b.sides.includes(other) && !b.sides.includes(side) && !a.sides.includes(other);
  };
  if (a.sides.some(isOpposed)) reasons.push("opposites");
  return reasons;
}

const equal = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each, i) => each === b[i]);
