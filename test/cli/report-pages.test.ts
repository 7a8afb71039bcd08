import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runIn } from "../support/run-cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "duetmind-pages-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string) => writeFileSync(join(folder, name), content);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

const run = (...argv: string[]) => runIn(folder, argv);

const EVIL = "<script>alert(1)</script>";

/** What a page must never hold: a script, a request to anywhere, an event handler. */
function expectHarmless(page: string): void {
  expect(page).not.toMatch(/<script|<img|<link|<iframe|javascript:|@import|url\(|\son\w+=/i);
  const addresses = [...page.matchAll(/https?:\/\/[^\s"'<]+/g)].map(([address]) => address);
  expect(addresses).toEqual([]);
  expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
  const opened = [...page.matchAll(/<(table|section|div|svg|ul|li|p|h\d)\b/g)].length;
  const closed = [...page.matchAll(/<\/(table|section|div|svg|ul|li|p|h\d)>/g)].length;
  expect(opened).toBe(closed);
}

test("validate --html: verdict, a bar for each check, missing, failing values, cases; all escaped", async () => {
  put("c.yaml", `columns: {"${EVIL}": {dtype: str, isin: [good]}, n: {nullable: true, le: 5}}\n`);
  put("d.csv", `${EVIL},n\ngood,1\n${EVIL},9\n"a&b ""q""",\n`);
  const { exitCode, stdout } = await run(
    ...["validate", "--schema", "c.yaml", "--data", "d.csv", "--html", "report.html"],
  );
  expect(exitCode).toBe(1);
  expect(stdout).toContain("page: report.html");
  const page = read("report.html");
  expectHarmless(page);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("a&amp;b &quot;q&quot;");
  expect(page).toContain("not valid");
  expect(page).toContain("66.7 % failed");
  expect(page).toContain("1 missing (33.3 %)");
  expect(page).toContain("prefers-color-scheme: dark");
  expect(page.match(/<svg/g)!.length).toBeGreaterThan(6);
});

test("a sensitive value is on no page", async () => {
  const contract = "columns: {name: {dtype: str, isin: [x], sensitivity: identifier}}\n";
  put("c.yaml", contract);
  put("d.csv", "name,age\nAnna Muster,3\nAnna Muster,4\nBeat Beispiel,5\n");
  await run("validate", "--schema", "c.yaml", "--data", "d.csv", "--html", "report.html");
  await run("profile", "d.csv", "--schema", "c.yaml", "--html", "profile.html");
  for (const page of [read("report.html"), read("profile.html")]) {
    expectHarmless(page);
    expect(page).not.toMatch(/Anna|Beat/);
    expect(page).toMatch(/masked:[0-9a-f]{8}/);
  }
});

test("profile: a table and words for people, one document with --json, an escaped page", async () => {
  put("d.csv", `id,${EVIL}\n${Array.from({ length: 30 }, (_, i) => `p${i},${EVIL}`).join("\n")}\n`);
  const text = await run("profile", "d.csv", "--html", "profile.html");
  expect(text).toMatchObject({ exitCode: 0, stderr: "" });
  expect(text.stdout).toContain("d.csv: 30 rows × 2 columns");
  expect(text.stdout).toContain("id has another value in every row");
  expect(text.stdout).toContain("page: profile.html");
  expectHarmless(read("profile.html"));
  expect(read("profile.html")).toContain("&lt;script&gt;");
  const { stdout } = await run("profile", "d.csv", "--json");
  const profile = JSON.parse(stdout);
  expect(profile).toMatchObject({
    schema_version: 1,
    row_count: 30,
    sample: { rows: 30, exact: true, rank_error: 0 },
  });
  expect(profile.columns[0]).toMatchObject({ name: "id", missing: 0, distinct: 30, kind: "text" });
});

test("profile of a dataset of params.yaml masks what its contract says, and an unknown name is refused", async () => {
  put("in.csv", "name,y\nAnna Muster,0\nBeat Beispiel,1\n");
  put("c.yaml", "columns: {name: {sensitivity: identifier}}\n");
  put(
    "params.yaml",
    `sources: {people: {path: in.csv}}
contracts: {raw: {people: c.yaml}}
features: {view: f, source: people, subject: name, target: y, transforms: [{numeric: y}]}
model: {name: m}
tracking: {experiment: e}
`,
  );
  const early = await run("profile", "people", "--json");
  expect(early.exitCode).toBe(2);
  expect(JSON.parse(early.stdout).error).toMatchObject({ code: "FILE_NOT_FOUND" });
  expect((await run("data", "--json")).exitCode).toBe(0);
  const { exitCode, stdout } = await run("profile", "people", "--json");
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain("Anna");
  expect(JSON.parse(stdout).columns[0]).toMatchObject({ name: "name", masked: true, distinct: 2 });
  const unknown = await run("profile", "peeple", "--json");
  expect(unknown.exitCode).toBe(2);
  expect(JSON.parse(unknown.stdout).error).toMatchObject({
    code: "NOT_FOUND",
    message: "peeple: expected a file, or a dataset of params.yaml (people), got neither",
  });
});

test("--html with --infer is refused", async () => {
  put("d.csv", "a\n1\n");
  const { exitCode } = await run("validate", "--infer", "d.csv", "--html", "r.html");
  expect(exitCode).toBe(2);
});
