import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { type PositionText, type SortColumn, selectPosition } from "../../src/search/keyset.ts";
import { encodePageToken } from "../../src/search/page-token.ts";
import { type Page, readPage } from "../../src/search/read-page.ts";
import { testDatabase } from "../support/database.ts";

const db = (await testDatabase()).kysely;
type Row = Readonly<{ id: number; n: number | null; t: string | null; at: number | null }>;
type Direction = "asc" | "desc";

const column = (name: string, type: SortColumn["type"], direction: Direction): SortColumn => ({
  sql: type === "text" ? sql`(${sql.ref(name)} COLLATE "C")` : sql.ref(name),
  type,
  direction,
  mayBeNull: name !== "id",
  mayBeNaN: type === "number",
});

type Asked = Readonly<{ rows?: readonly Row[]; limit?: number; token?: string | undefined }>;

async function pageOf(columns: readonly SortColumn[], { rows: all = [], limit = 1, token }: Asked) {
  const request = { columns, limit, token, query: "all" };
  return readPage(request, async ({ where, orderBy }, most) => {
    const { rows } = await sql<{ id: number; position: PositionText }>`
      WITH sorted AS (
        SELECT id, n, t, to_timestamp(ms / 1000) AS at FROM unnest(
          ${all.map(({ id }) => id)}::bigint[], ${all.map(({ n }) => n)}::double precision[],
          ${all.map(({ t }) => t)}::text[], ${all.map(({ at }) => at)}::double precision[])
          AS r(id, n, t, ms))
      SELECT id, ${selectPosition(columns)} AS position FROM sorted
      WHERE ${where} ORDER BY ${orderBy} LIMIT ${most}`.execute(db);
    return rows;
  });
}

/** The order as the reference states it: values, then NaN, then null, whatever the direction. */
function compareBy(key: "n" | "t" | "at" | "id", direction: Direction) {
  const rank = (value: number | string | null) =>
    value === null ? 2 : typeof value === "number" && Number.isNaN(value) ? 1 : 0;
  return (a: Row, b: Row): number => {
    const [x, y] = [a[key], b[key]];
    if (rank(x) !== rank(y) || rank(x) !== 0) return rank(x) - rank(y);
    const sign = x! < y! ? -1 : x! > y! ? 1 : 0;
    return direction === "asc" ? sign : -sign;
  };
}

const few = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const rowsOf = fc.array(
  fc.record({
    n: few(null, Number.NaN, Infinity, -Infinity, 0, 1.5, 1.5, -3e-310, 0.1 + 0.2, 1e300),
    t: few(null, "", "a", "B", "ä", "a'b", "\\"),
    at: few(null, 0, 1, -5000, 1_700_000_000_123, 9_000_000_000_000),
  }),
  { maxLength: 40 },
);
const directions = fc.tuple(...Array.from({ length: 4 }, () => few<Direction>("asc", "desc")));
const keys = fc.shuffledSubarray(["n", "t", "at"] as const);

test("the pages one behind the other are the whole sorted list, with duplicates, NaN and null", async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOf,
      keys,
      directions,
      fc.integer({ min: 1, max: 7 }),
      async (made, by, ways, limit) => {
        const rows: readonly Row[] = made.map((row, id) => ({ id, ...row }));
        const types = { n: "number", t: "text", at: "time", id: "whole" } as const;
        const sortBy = [...by, "id" as const].map((key, i) => ({ key, direction: ways[i]! }));
        const columns = sortBy.map(({ key, direction }) => column(key, types[key], direction));
        const expected = rows.toSorted((a, b) =>
          sortBy.reduce((sign, { key, direction }) => sign || compareBy(key, direction)(a, b), 0),
        );
        const found: number[] = [];
        let token: string | undefined;
        do {
          const page: Page<{ id: number }> = await pageOf(columns, { rows, limit, token });
          expect(page.rows.length).toBe(Math.min(limit, rows.length - found.length));
          found.push(...page.rows.map(({ id }) => id));
          token = page.nextPageToken ?? undefined;
        } while (token !== undefined);
        expect(found).toEqual(expected.map(({ id }) => id));
      },
    ),
    { numRuns: 120 },
  );
});

test("a token that was not given for this search is refused", async () => {
  const columns = [
    column("n", "number", "desc"),
    column("at", "time", "asc"),
    column("id", "whole", "asc"),
  ];
  const good = encodePageToken("all", ["1.5", null, "7"]);
  await expect(pageOf(columns, { token: good })).resolves.toEqual({
    rows: expect.any(Array),
    nextPageToken: null,
  });
  const wrong: readonly string[] = [
    "",
    "abc",
    "äöü",
    good.slice(0, -2),
    `${good}=`,
    "A".repeat(200_000),
    Buffer.from("null").toString("base64url"),
    Buffer.from('["x", []]').toString("base64url"),
    encodePageToken("other", ["1.5", null, "7"]),
    ...[
      [],
      ["1.5", null],
      ["1.5", null, null],
      ["1.5", null, "7", "8"],
      ["x", null, "7"],
      ["1e999", null, "7"],
      ["1e-999", null, "7"],
      [" 1", null, "7"],
      ["1.5", "2020-01-01", "7"],
      ["1.5", "9000000000000000000", "7"],
      ["1.5", null, "9223372036854775808"],
      ["1.5", null, "1; DROP TABLE runs"],
    ].map((position) => encodePageToken("all", position)),
  ];
  for (const token of wrong) {
    await expect(pageOf(columns, { token }), token).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("Invalid page token"),
    });
  }
});

test("the edges of what a token may hold are values that the database takes", async () => {
  const columns = [
    column("n", "number", "desc"),
    column("at", "time", "desc"),
    column("id", "whole", "asc"),
  ];
  for (const [n, at, id] of [
    ["1.7976931348623157e308", "8640000000000000000", "9223372036854775807"],
    ["-5e-324", "-210000000000000000", "-9223372036854775808"],
    ["NaN", null, "0"],
    ["-Infinity", "0", "-0"],
    [null, null, "1"],
  ] as const) {
    const token = encodePageToken("all", [n, at, id]);
    await expect(pageOf(columns, { token })).resolves.toBeDefined();
  }
});
