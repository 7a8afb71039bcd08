import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { digestFile } from "../../src/core/hash.ts";
import { startServer } from "../support/http-server.ts";
import { scratchFolder } from "../table/scratch.ts";

type Row = Readonly<{ id: number; age: number; site: string; y: number }>;

/** Patients of whom the old ones are mostly ill. */
function patients(from: number, to: number): Row[] {
  return Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    const age = 50 + ((id * 7919) % 41);
    const y = age > 70 !== (id % 10 === 0) ? 1 : 0;
    return { id, age, site: id % 2 === 0 ? "A" : "B", y };
  });
}

/** An API of three pages with an ETag each, and a project whose only source it is. */
async function project() {
  const api = { pages: [patients(0, 100), patients(100, 200), patients(200, 300)], isDown: false };
  const statuses: number[] = [];
  const server = await startServer((request, response) => {
    const at = Number(new URL(request.url!, "http://x").searchParams.get("page")) - 1;
    const body = JSON.stringify({ data: api.pages[at] ?? [] });
    const etag = `"${Buffer.from(body).toString("base64url").slice(-40)}-${body.length}"`;
    const isIn = request.headers.authorization === "Bearer t0p-s3cret";
    let status = request.headers["if-none-match"] === etag ? 304 : 200;
    if (!isIn) status = 401;
    if (api.isDown) status = 500;
    statuses.push(status);
    response.writeHead(status, { etag, "content-type": "application/json" });
    response.end(status === 200 ? body : undefined);
  });
  const root = scratchFolder();
  const params = `
sources:
  patients:
    http:
      url: ${server.url}/v1/patients
      query: {study: adni}
      auth: {bearer: STUDY_TOKEN}
      records: /data
      pages: {by: page}
      retry: {attempts: 1}
    key: [id]
features:
  view: risk
  source: patients
  subject: id
  target: y
  transforms: [{numeric: age}, {categorical: site}]
model: {name: risk, algorithm: logistic, bootstrap: {samples: 100}}
`;
  writeFileSync(join(root, "params.yaml"), params);
  writeFileSync(join(root, ".env"), "STUDY_TOKEN=t0p-s3cret\n");
  const output: string[] = [];
  async function run(...argv: readonly string[]) {
    let [stdout, stderr] = ["", ""];
    const status = await runCli({
      argv,
      env: {},
      cwd: root,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
    });
    output.push(stdout, stderr);
    return { status, stdout, stderr };
  }
  return { api, statuses, server, root, output, run };
}

test("duetmind data on an API: fetched, then unchanged, then one page anew, then refused by the server", async () => {
  const { api, statuses, server, root, output, run } = await project();
  const raw = join(root, "data/raw/patients.parquet");
  const first = await run("data", "--json");
  expect(first.status).toBe(0);
  const [dataset] = (JSON.parse(first.stdout) as { datasets: unknown[] }).datasets;
  expect(dataset).toMatchObject({
    row_count: 300,
    version: 1,
    sources: [{ path: `${server.url}/v1/patients?study=adni`, format: "ndjson" }],
  });
  expect(statuses.splice(0)).toEqual([200, 200, 200, 200]);

  const second = await run("data");
  expect(second).toMatchObject({ status: 0, stdout: expect.stringContaining("Nothing new") });
  expect(second.stderr).toContain("300 rows, 4 pages, 4 unchanged");
  expect(statuses.splice(0)).toEqual([304, 304, 304, 304]);

  api.pages[1] = patients(400, 450);
  const third = await run("data", "--json");
  expect(JSON.parse(third.stdout)).toMatchObject({ datasets: [{ row_count: 250, version: 2 }] });
  expect(statuses.splice(0)).toEqual([304, 200, 304, 304]);

  const before = digestFile(raw);
  api.isDown = true;
  const failed = await run("data", "--json");
  expect(failed.status).toBe(3);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    error: {
      code: "SOURCE_UNAVAILABLE",
      message: `${server.url}/v1/patients?study=adni&page=1: expected an answer, got 500 Internal Server Error`,
      hint: expect.any(String),
    },
  });
  expect(digestFile(raw)).toEqual(before);
  expect(JSON.parse((await run("datasets", "--json")).stdout)).toMatchObject({
    datasets: [{ version: 2 }, { version: 1 }],
  });

  api.isDown = false;
  expect((await run("data")).stdout).toContain("Nothing new");
  expect(output.join("\n")).not.toContain("t0p-s3cret");
});

test("a model trained from an API predicts and is rebuilt bit for bit, with the server gone", async () => {
  const { api, root, run } = await project();
  for (const stage of ["data", "features", "train"]) expect((await run(stage)).status).toBe(0);
  api.isDown = true;
  const rows = patients(900, 905).map(({ y: _, ...row }) => JSON.stringify(row));
  writeFileSync(join(root, "new.ndjson"), `${rows.join("\n")}\n`);
  const predicted = await run("predict", "risk@1", "--data", "new.ndjson", "--out", "scored.csv");
  expect(predicted.status).toBe(0);
  expect(readFileSync(join(root, "scored.csv"), "utf8").trim().split("\n").length).toBe(6);
  const verified = await run("verify", "risk@1", "--json");
  expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: "identical" });
}, 180_000);

test("duetmind validate says what makes the data of an API that was never fetched", async () => {
  const { root, run } = await project();
  mkdirSync(join(root, "contracts"));
  writeFileSync(join(root, "contracts/patients.yaml"), "columns: {age: {dtype: int64}}\n");
  const file = join(root, "params.yaml");
  const params = readFileSync(file, "utf8");
  writeFileSync(file, `${params}contracts: {raw: {patients: contracts/patients.yaml}}\n`);
  expect((await run("validate")).stdout).toContain("duetmind data");
  expect((await run("data")).status).toBe(0);
  expect((await run("validate")).status).toBe(0);
});

const ROOT = join(import.meta.dirname, "..", "..");
const RUN = [join(ROOT, "node_modules/tsx/dist/cli.mjs"), join(ROOT, "test/pipelines/data-run.ts")];

test("killed between two pages: the old rows stay, and the next run fetches what is missing", async () => {
  const { api, statuses, server, root, run } = await project();
  await run("data");
  const folder = join(root, ".duetmind/sources/patients");
  const staged = readdirSync(folder).sort();
  api.pages[0] = patients(600, 700);
  statuses.length = 0;

  const killer = await startServer((request, response) => {
    if (request.url!.includes("page=2")) return void child.kill("SIGKILL");
    response.end(JSON.stringify({ data: patients(600, 700) }));
  });
  const file = join(root, "params.yaml");
  const params = readFileSync(file, "utf8");
  writeFileSync(file, params.replace(server.url, killer.url));
  const child = spawn(process.execPath, RUN, { cwd: root, stdio: "ignore" });
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(staged));

  writeFileSync(file, params);
  expect((await run("data", "--json")).status).toBe(0);
  expect(statuses).toEqual([200, 304, 304, 304]);
  expect(readdirSync(folder).sort()).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}\.ndjson$/),
    "state.json",
  ]);
});
