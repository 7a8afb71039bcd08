/** How many of something there are there, and here. */
export type Comparison = Readonly<{ what: string; there: number; here: number }>;

/** Counts what is there while it is read. What is counted on both sides has a third argument. */
export type Tally = Readonly<{
  /** So many more were read there, and so many of them are known to be here. */
  add(what: string, there: number, here?: number): void;
  /** All that was counted there, beside what a question found here. */
  compare(here: Readonly<Record<string, number>>): readonly Comparison[];
}>;

export function createTally(): Tally {
  const counted = new Map<string, { there: number; here: number }>();
  return {
    add(what, there, here = 0) {
      const sum = counted.get(what) ?? { there: 0, here: 0 };
      counted.set(what, { there: sum.there + there, here: sum.here + here });
    },
    compare(found) {
      const names = [...new Set([...Object.keys(found), ...counted.keys()])];
      return names.map((what) => {
        const sum = counted.get(what) ?? { there: 0, here: 0 };
        return { what, there: sum.there, here: found[what] ?? sum.here };
      });
    },
  };
}

/** Those of which there is not the same number here. */
export function differences(counts: readonly Comparison[]): readonly Comparison[] {
  return counts.filter(({ there, here }) => there !== here);
}
