/**
 * The places of the `count` greatest of the first `size` numbers, the greatest first; of equal ones that of
 * the lower position, which no two have. A heap of the greatest so far turns most numbers down by one
 * comparison; many may be equal, as texts of one length are that say a word once.
 */
export function greatest(
  numbers: Float64Array,
  size: number,
  count: number,
  positionOf: (place: number) => number,
): number[] {
  if (count <= 0) return [];
  const order = (a: number, b: number) =>
    numbers[b]! - numbers[a]! || positionOf(a) - positionOf(b);
  const least = size <= count ? Number.NEGATIVE_INFINITY : leastOfGreatest(numbers, size, count);
  const above: number[] = [];
  const equal: number[] = [];
  for (let i = 0; i < size; i += 1) {
    if (numbers[i]! > least) above.push(i);
    else if (numbers[i] === least) equal.push(i);
  }
  const rest = count - above.length;
  return [...above, ...firstByPosition(equal, rest, positionOf)].sort(order);
}

function firstByPosition(
  places: readonly number[],
  count: number,
  positionOf: (place: number) => number,
): readonly number[] {
  if (places.length <= count) return places;
  const ranks = Float64Array.from(places, (place) => -positionOf(place));
  return greatest(ranks, ranks.length, count, (at) => at).map((at) => places[at]!);
}

/** The `count`-th greatest: the root of a heap with the least at its root. */
function leastOfGreatest(numbers: Float64Array, size: number, count: number): number {
  const heap = numbers.slice(0, count);
  for (let root = (count >> 1) - 1; root >= 0; root -= 1) sink(heap, root);
  for (let i = count; i < size; i += 1) {
    if (numbers[i]! <= heap[0]!) continue;
    heap[0] = numbers[i]!;
    sink(heap, 0);
  }
  return heap[0]!;
}

function sink(heap: Float64Array, from: number): void {
  const value = heap[from]!;
  let at = from;
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
    if (value <= heap[child]!) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}
