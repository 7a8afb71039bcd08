/** Numbers the positions of memories from 0 as they are added; each once. */
export type PositionIndex = Readonly<{
  /** The number of a position, a new one where it was not added before. */
  add(position: number): number;
  /** The number of a position, -1 where it was not added. */
  find(position: number): number;
  /** How many there are. */
  size(): number;
  positionOf(number: number): number;
}>;

/**
 * For at most so many positions. A search looks at tens of thousands of postings: open addressing over
 * typed arrays takes a tenth of the time of a Map.
 */
export function createPositionIndex(most: number): PositionIndex {
  const mask = 2 ** Math.ceil(Math.log2(2 * Math.max(8, most))) - 1;
  const numbers = new Int32Array(mask + 1); // 0: free, else the number + 1
  const positions = new Float64Array(most);
  let size = 0;
  /** Where a position is, or would be. */
  const slotOf = (position: number): number => {
    let slot = Math.imul(position | 0, 0x9e3779b1) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (numbers[slot] !== 0 && positions[numbers[slot]! - 1] !== position) {
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  return {
    add(position) {
      const slot = slotOf(position);
      if (numbers[slot] === 0) {
        positions[size] = position;
        size += 1;
        numbers[slot] = size;
      }
      return numbers[slot]! - 1;
    },
    find: (position) => numbers[slotOf(position)]! - 1,
    size: () => size,
    positionOf: (number) => positions[number]!,
  };
}
