import type { Random } from "../../../src/core/random.ts";

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

export function chance(random: Random, share: number): boolean {
  return random.uniform() < share;
}
