import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseYaml } from "../../src/core/yaml.ts";
import { runIn } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "duetmind-cli-init-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ROOT = join(import.meta.dirname, "..", "..");

const run = (...argv: readonly string[]) => runIn(folder, argv);

const read = (path: string) => readFileSync(join(folder, path), "utf8");

/** 600 visits: who stays and who leaves depends on `calls` and `plan`. */
function customers(): string {
  const rows = Array.from({ length: 600 }, (_, i) => {
    const calls = (i * 7) % 11;
    const plan = ["basic", "plus", "pro"][i % 3];
    const left = calls > 5 ? "yes" : "no";
    const day = `2024-01-${String(1 + (i % 28)).padStart(2, "0")}`;
    return `c${String(Math.floor(i / 2))},${day},${calls},${plan},${i % 2 === 0},acme,,note ${i},${left}`;
  });
  return `customer_id,day,calls,plan,paid,company,empty,remark,churned\n${rows.join("\n")}\n`;
}

test("init --from guesses what the columns are, and reproduce works at once", async () => {
  writeFileSync(join(folder, "my customers.csv"), customers());
  const { exitCode, stdout } = await run(
    "init",
    "own",
    "--from",
    "my customers.csv",
    "--target",
    "churned",
    "--json",
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    target: "churned",
    task: "binary",
    subject: "customer_id",
    excluded: [
      { column: "customer_id", reason: "identifies a row or a subject" },
      { column: "company", reason: "one value only" },
      { column: "empty", reason: "empty" },
      { column: "remark", reason: "identifies a row or a subject" },
    ],
  });
  const params = read("own/params.yaml");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  expect(params.split("\n").slice(0, 2)).toEqual([
    "# yaml-language-server: $schema=./config/params.schema.json",
    `duetmind: ${version}`,
  ]);
  expect(parseYaml(params, "params.yaml")).toMatchObject({
    sources: {
      my_customers: { path: "data/source/my customers.csv", types: { day: "datetime64[ns]" } },
    },
    features: { subject: "customer_id", target: "churned" },
    model: { name: "my_customers", task: "binary" },
    thresholds: { accuracy: 0.85, roc_auc: 0.8 },
  });
  expect(existsSync(join(folder, "own/config/params.schema.json"))).toBe(true);
  expect(read("own/contracts/my_customers.yaml")).toMatch(
    /customer_id:\n(?: {4}.*\n)*? {4}sensitivity: identifier/,
  );

  const reproduced = JSON.parse(
    execFileSync(process.execPath, [join(ROOT, "bin/duetmind.js"), "reproduce", "--json"], {
      cwd: join(folder, "own"),
      stdio: ["ignore", "pipe", "pipe"],
    }).toString(),
  ) as { ok: boolean; registered: { kind: string; status?: string }[] };
  expect(reproduced.ok).toBe(true);
  expect(reproduced.registered.find(({ kind }) => kind === "model")?.status).toBe("staging");
});

test("a folder that holds a project, and a file in the way, are refused untouched", async () => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken", "params.yaml"), "mine\n");
  const taken = await run("init", "taken", "--sample", "alzheimer");
  expect(taken.exitCode).toBe(2);
  expect(taken.stderr).toContain("expected a folder without a project, got one with a params.yaml");
  expect(read("taken/params.yaml")).toBe("mine\n");

  mkdirSync(join(folder, "partly"));
  writeFileSync(join(folder, "partly", ".gitignore"), "mine\n");
  const partly = await run("init", "partly", "--sample", "alzheimer");
  expect(partly.exitCode).toBe(2);
  expect(partly.stderr).toContain(".gitignore: expected no such file in the new project's folder");
  expect(existsSync(join(folder, "partly", "dvc.yaml"))).toBe(false);
});

test.each([
  [[], "init: expected either --sample or --from"],
  [["--from", "d.csv"], "init: expected --target with --from, got none"],
  [["--from", "gone.csv", "--target", "x"], "gone.csv"],
  [
    ["--from", "d.csv", "--target", "lable"],
    '--target: expected a column of the file, got "lable"',
  ],
  [
    ["--from", "d.csv", "--target", "same"],
    "--target same: expected at least two values, got 1 in 3 rows",
  ],
])("init %j is refused with exit 2", async (options, message) => {
  writeFileSync(join(folder, "d.csv"), "label,same\n1,x\n0,x\n1,x\n");
  const { exitCode, stderr } = await run("init", "refused", ...options);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(existsSync(join(folder, "refused"))).toBe(false);
});
