import {
  type PositionText,
  planSegments,
  type Segment,
  type SortColumn,
  toPosition,
} from "./keyset.ts";
import { decodePageToken, encodePageToken } from "./page-token.ts";

export type Page<Row> = Readonly<{ rows: readonly Row[]; nextPageToken: string | null }>;

export type PageRequest = Readonly<{
  columns: readonly SortColumn[];
  limit: number;
  token: string | undefined;
  /** Everything that decides which rows are found and in which order: a token goes only with it. */
  query: unknown;
}>;

/**
 * Reads one page, segment by segment until it is full. `read` gives the first rows of a segment, each
 * with its position; one row more than the page tells whether there is another page.
 */
export async function readPage<Row extends Readonly<{ position: PositionText }>>(
  { columns, limit, token, query }: PageRequest,
  read: (segment: Segment, limit: number) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  const after = token === undefined ? undefined : decodePageToken(token, query, columns);
  const rows: Row[] = [];
  for (const segment of planSegments(columns, after)) {
    rows.push(...(await read(segment, limit + 1 - rows.length)));
    if (rows.length > limit) break;
  }
  if (rows.length <= limit) return { rows, nextPageToken: null };
  rows.length = limit;
  return { rows, nextPageToken: encodePageToken(query, toPosition(rows[limit - 1]!.position)) };
}
