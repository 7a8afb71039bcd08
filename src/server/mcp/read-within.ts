import { countWithin } from "./token-budget.ts";

export type ReadPage<T> = Readonly<{ items: readonly T[]; next: string | null }>;

/**
 * A page of a list that fits a budget of tokens. A page is made of whole items and its cursor starts
 * after the last one, so a page that is too long is read again, as short as it has to be.
 */
export async function readWithin<T>(
  budget: number,
  limit: number,
  read: (limit: number) => Promise<ReadPage<T>>,
): Promise<ReadPage<T>> {
  const page = await read(limit);
  const count = countWithin(page.items, budget);
  return count === page.items.length ? page : read(count);
}
