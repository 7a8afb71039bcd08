/**
 * Porter's stemmer (M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980): forms of an
 * English word become one, `adoption` and `adopted` both `adopt`. Words of other scripts, and with
 * digits, pass as they are.
 */
export function stemWord(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  // a leading y is a consonant
  const marked = word.startsWith("y") ? `Y${word.slice(1)}` : word;
  const stem = STEPS.reduce((text, step) => step(text), marked);
  return stem.startsWith("Y") ? `y${stem.slice(1)}` : stem;
}

const CONSONANTS = "[^aeiou][^aeiouy]*";
const VOWELS = "[aeiouy][aeiou]*";
const MEASURE_ABOVE_0 = new RegExp(`^(?:${CONSONANTS})?${VOWELS}${CONSONANTS}`);
const MEASURE_1 = new RegExp(`^(?:${CONSONANTS})?${VOWELS}${CONSONANTS}(?:${VOWELS})?$`);
const MEASURE_ABOVE_1 = new RegExp(
  `^(?:${CONSONANTS})?${VOWELS}${CONSONANTS}${VOWELS}${CONSONANTS}`,
);
const HAS_VOWEL = new RegExp(`^(?:${CONSONANTS})?[aeiouy]`);
const SHORT = new RegExp(`^${CONSONANTS}[aeiouy][^aeiouwxy]$`);

const STEP_2 = {
  ...{ ational: "ate", tional: "tion", enci: "ence", anci: "ance", izer: "ize", bli: "ble" },
  ...{ alli: "al", entli: "ent", eli: "e", ousli: "ous", ization: "ize", ation: "ate" },
  ...{ ator: "ate", alism: "al", iveness: "ive", fulness: "ful", ousness: "ous", aliti: "al" },
  ...{ iviti: "ive", biliti: "ble", logi: "log" },
};
const STEP_3 = {
  ...{ icate: "ic", ative: "", alize: "al", iciti: "ic", ical: "ic", ful: "", ness: "" },
};
const STEP_4 =
  /^(.+?)(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/;

const STEPS: readonly ((word: string) => string)[] = [
  (word) => word.replace(/^(.+?)(ss|i)es$/, "$1$2").replace(/^(.+?)([^s])s$/, "$1$2"),
  withoutPast,
  (word) =>
    word.endsWith("y") && HAS_VOWEL.test(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word,
  (word) => replaceSuffix(word, STEP_2),
  (word) => replaceSuffix(word, STEP_3),
  withoutDerivation,
  (word) => {
    const stem = word.slice(0, -1);
    const isLong = MEASURE_ABOVE_1.test(stem) || (MEASURE_1.test(stem) && !SHORT.test(stem));
    return word.endsWith("e") && isLong ? stem : word;
  },
  (word) => (word.endsWith("ll") && MEASURE_ABOVE_1.test(word) ? word.slice(0, -1) : word),
];

function withoutPast(word: string): string {
  const eed = /^(.+?)eed$/.exec(word);
  if (eed !== null) return MEASURE_ABOVE_0.test(eed[1]!) ? word.slice(0, -1) : word;
  const stem = /^(.+?)(?:ed|ing)$/.exec(word)?.[1];
  if (stem === undefined || !HAS_VOWEL.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/([^aeiouylsz])\1$/.test(stem)) return stem.slice(0, -1);
  return SHORT.test(stem) ? `${stem}e` : stem;
}

function replaceSuffix(word: string, suffixes: Readonly<Record<string, string>>): string {
  // the longest suffix decides
  for (let at = 1; at < word.length; at++) {
    const other = suffixes[word.slice(at)];
    if (other === undefined) continue;
    const stem = word.slice(0, at);
    return MEASURE_ABOVE_0.test(stem) ? stem + other : word;
  }
  return word;
}

function withoutDerivation(word: string): string {
  const stem = STEP_4.exec(word)?.[1];
  if (stem !== undefined) return MEASURE_ABOVE_1.test(stem) ? stem : word;
  const ion = /^(.+?[st])ion$/.exec(word)?.[1];
  return ion !== undefined && MEASURE_ABOVE_1.test(ion) ? ion : word;
}
