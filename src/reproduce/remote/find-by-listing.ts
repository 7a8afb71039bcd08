import { inParallel } from "./in-parallel.ts";

/** What a bucket can be asked; keys are whole. */
export type KeyIndex = Readonly<{
  /** The size of an object; undefined when there is none. */
  head(key: string): Promise<number | undefined>;
  list(prefix: string): AsyncIterable<Readonly<{ key: string; sizeBytes: number }>>;
}>;

const PAGE = 1000;
const FEW = 8;

/**
 * Which keys of a remote are there. Two ways: a request for each, or the list of all that the remote
 * holds, a thousand to a request. Objects are spread evenly over their first digits, so the number of
 * those that begin with 000 tells about how many there are in all, and so which way asks less. A large
 * remote is listed by its first two digits, many lists at once.
 */
export async function findByListing(
  keys: readonly string[],
  jobs: number,
  index: KeyIndex,
  root: string,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const wanted = new Set(keys);
  const objects = `${root}files/md5/`;
  const spread = keys.filter((key) => key.startsWith(objects));
  const others = spread.length <= FEW ? keys : keys.filter((key) => !key.startsWith(objects));
  await inParallel(others, jobs, async (key) => {
    const size = await index.head(key);
    if (size !== undefined) found.set(key, size);
  });
  if (spread.length <= FEW) return found;

  async function listAll(prefix: string): Promise<void> {
    for await (const { key, sizeBytes } of index.list(prefix)) {
      if (wanted.has(key)) found.set(key, sizeBytes);
    }
  }
  const estimate = await countSome(index.list(`${objects}00/0`), spread.length, 4096);
  const pages = estimate / PAGE;
  if (pages > spread.length) {
    await inParallel(spread, jobs, async (key) => {
      const size = await index.head(key);
      if (size !== undefined) found.set(key, size);
    });
  } else if (pages < jobs) {
    await listAll(objects);
  } else {
    const digits = new Set(spread.map((key) => key.slice(0, objects.length + 2)));
    await inParallel(digits, jobs, listAll);
  }
  return found;
}

/** About how many there are when one in so many is listed; it stops when there are too many to list. */
async function countSome(
  listed: AsyncIterable<unknown>,
  wanted: number,
  oneIn: number,
): Promise<number> {
  let count = 0;
  for await (const _ of listed) {
    count += 1;
    if ((count * oneIn) / PAGE > wanted) break;
  }
  return count * oneIn;
}
