/**
 * What a search found, asked for page by page while it is read.
 *
 * @example
 * for await (const run of client.runs.search({ experimentIds: ["1"] })) console.log(run.runName);
 */
export type Pages<T> = AsyncIterable<T> &
  Readonly<{
    /** The same, a page at a time. */
    pages(): AsyncIterable<readonly T[]>;
    /** All of it in a list, or the first `limit`. */
    toArray(limit?: number): Promise<readonly T[]>;
  }>;

export type Page<T> = Readonly<{ items: readonly T[]; nextPageToken: string | undefined }>;

/** Pages that follow each other by tokens; every reading starts at the first one. */
export function createPages<T>(
  readPage: (pageToken: string | undefined) => Promise<Page<T>>,
): Pages<T> {
  async function* pages(): AsyncGenerator<readonly T[]> {
    let token: string | undefined;
    do {
      const page = await readPage(token);
      if (page.items.length > 0) yield page.items;
      token = page.nextPageToken;
    } while (token !== undefined && token !== "");
  }

  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) yield* page;
  }

  return {
    pages,
    [Symbol.asyncIterator]: items,
    async toArray(limit = Number.POSITIVE_INFINITY) {
      const found: T[] = [];
      if (limit <= 0) return found;
      for await (const item of items()) {
        found.push(item);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}
