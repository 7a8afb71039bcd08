/** Words of notes that agents write about patients and models; the texts are made here and mean nothing. */
const WORDS =
  `patient shows high low score memory scan ward model risk factor gene carrier visit note
  family reports sleep poor better after dose tablet morning evening blood pressure glucose sodium stable
  rising falling trial arm control threshold recall precision drift feature missing value imputed cohort
  baseline follow-up month week year daughter son husband nurse doctor clinic referred discharged admitted
  asked about answered said plans wants needs prefers avoids allergic penicillin metformin statin donepezil`
    .split(/\s+/)
    .filter((word) => word !== "");

/** A stream of numbers that is the same in every run (Numerical Recipes' generator). */
function createNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Different texts of 8 to 20 words, at most 32 tokens each. */
export function shortTexts(count: number, seed = 1): string[] {
  const number = createNumbers(seed);
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 8 + number(12) }, () => WORDS[number(WORDS.length)]!);
    return `${words.join(" ")} ${seed}-${i}`;
  });
}
