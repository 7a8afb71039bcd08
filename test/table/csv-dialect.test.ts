import { expect, test } from "vitest";
import { guessDelimiter } from "../../src/table/csv-delimiter.ts";
import { parseRecords } from "../../src/table/csv-records.ts";
import { ROW_NUMBER } from "../../src/table/relation.ts";
import { openSource, type SourceFile } from "../../src/table/source.ts";
import { csvParams } from "../../src/table/source-params.ts";
import { id, sql } from "../../src/table/sql.ts";
import { scratchEngine, scratchFile } from "./scratch.ts";

async function read(text: string, csv: SourceFile["csv"]) {
  const engine = await scratchEngine();
  const relation = await openSource(engine, { path: scratchFile("x.csv", text), csv });
  const rows = await engine.rows(sql`FROM ${relation.numbered} ORDER BY ${id(ROW_NUMBER)}`);
  return rows.map(({ [ROW_NUMBER]: _, ...row }) => row);
}

const records = (text: string, options: object = {}) =>
  [...parseRecords(text, { ...csvParams.parse(options), delimiter: "," })].map((r) => r.fields);

test("records: quotes, line ends, blank lines, comments", () => {
  expect(records('a,"b ""c"",d",e\r\n\r\n1,"x\ny",\n')).toEqual([
    ["a", 'b "c",d', "e"],
    ["1", "x\ny", ""],
  ]);
  expect(records("a,b\r1,2\r")).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(records('# x,y\na,"#b" # z\n', { comment: "#" })).toEqual([["a", "#b "]]);
  expect(records('"a\\"b\\\\c",d\n', { escape: "\\" })).toEqual([['a"b\\c', "d"]]);
});

test.each([
  ["a;b;c\n1,5;2;x\n2,5;3;y\n", ";"],
  ["a\tb\n1\t2\n", "\t"],
  ['a|b\n"x|y"|2\n', "|"],
  ["a,b\n1,2\n", ","],
  ["a\n1\n2\n", ","],
])("delimiter of %j", (text, delimiter) => {
  expect(guessDelimiter(text, csvParams.parse({}), "F")).toBe(delimiter);
});

test.each([
  ["1,5;2,5\n3,5;4,5\n", '"," (3 fields) and ";" (2 fields)'],
  ["a;b\n1;2;3\n", "none"],
])("no delimiter is guessed for %j", (text, got) => {
  expect(() => guessDelimiter(text, csvParams.parse({}), "F")).toThrow(
    `F: expected one delimiter that cuts every record into the same number of fields, got ${got}`,
  );
});

test("a guessed delimiter is used", async () => {
  expect(await read("a;b\n1;2,5\n", { delimiter: "auto" })).toEqual([{ a: 1, b: "2,5" }]);
});

test("lines before the data may hold anything", async () => {
  const preamble = 'report "of 5" lines,,\n"no end\n\n# not; data\n';
  const csv = { skip: 2, comment: "#" };
  expect(await read(`${preamble}a,b\n1,2\n# 3,"4\n5,6\n`, csv)).toEqual([
    { a: 1, b: 2 },
    { a: 5, b: 6 },
  ]);
});

test("errors count the lines of the file, those before the data included", async () => {
  await expect(read("x\n\ny\na,b\n1,2\n3\n", { skip: 3 })).rejects.toMatchObject({
    message: expect.stringMatching(/x\.csv:6: expected as many fields as the header/),
    details: { line: 6 },
  });
});

test("a count line and names of one's own", async () => {
  const csv = { skip: 1, header: false, columns: ["x", "y"] };
  expect(await read("2,2,malignant,benign\n1.5,0\n2.5,1\n", csv)).toEqual([
    { x: 1.5, y: 0 },
    { x: 2.5, y: 1 },
  ]);
});
