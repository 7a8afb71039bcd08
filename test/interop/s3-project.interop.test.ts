import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestBytes } from "../../src/core/hash.ts";
import { dataRecord } from "../../src/pipelines/data-record.ts";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { freePort } from "./free-port.ts";
import { type S3Server, startVersitygw } from "./s3-server.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const SOURCE = "data/source/patients.csv";
const databaseEnv = await testDatabaseEnv();
const home = temporaryFolder();

let server: S3Server;
beforeAll(async () => {
  server = await startVersitygw();
  writeFileSync(
    join(home, "params.yaml"),
    `sources: { patients: { path: ${SOURCE}, key: [patient_id, visit_date] } }
features: { source: patients, target: diagnosis, subject: patient_id, view: risk }
model: { name: risk, algorithm: logistic }
artifacts: { url: "s3://${server.bucket}/team/risk", region: us-east-1, path_style: true }
`,
  );
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
  writeFileSync(
    join(home, ".env"),
    `DUETMIND_ARTIFACTS__ENDPOINT=${server.endpoint}
AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID}
AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}
`,
  );
  await duetmind(home, "sample", "alzheimer", "--rows", "400", "--out", SOURCE);
});
afterAll(() => server?.stop());

async function duetmind(cwd: string, ...args: string[]) {
  const env = { ...process.env, ...databaseEnv };
  const options = { cwd, env, maxBuffer: 1 << 26 };
  const { stdout, stderr } = await run(process.execPath, [MAIN, ...args, "--json"], options);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("the main job keeps its artifacts on S3, and nothing of them here", async () => {
  for (const stage of ["data", "features", "train"]) await duetmind(home, stage);
  expect(existsSync(join(home, ".duetmind", "artifacts"))).toBe(false);
  const input = { Bucket: server.bucket, Prefix: "team/risk/sha256/" };
  const { KeyCount = 0 } = await server.client.send(new ListObjectsV2Command(input));
  expect(KeyCount).toBeGreaterThan(10);
});

test("a machine with nothing but params.yaml and the store verifies, shows and predicts", async () => {
  const root = temporaryFolder();
  for (const name of readdirSync(home)) {
    if (!["data", "models"].includes(name)) {
      cpSync(join(home, name), join(root, name), { recursive: true });
    }
  }
  const { verdict } = await duetmind(root, "verify", "risk@1");
  expect(verdict).toBe("identical");
  expect(await duetmind(root, "show", "risk@1")).toMatchObject({ model: "risk", version: 1 });
  rmSync(join(root, ".duetmind", "cache"), { recursive: true, force: true });
  const data = join(home, SOURCE);
  const out = join(root, "scored.csv");
  await duetmind(root, "predict", "risk@1", "--data", data, "--out", out);
  expect(existsSync(out)).toBe(true);
});

test("rows from a bucket are ingested once, called by their address, and verify", async () => {
  const root = temporaryFolder();
  const own = { ...(await testDatabaseEnv()), ...server.env, AWS_ENDPOINT_URL: server.endpoint };
  const ask = async (...args: string[]) => {
    const env = { ...process.env, ...own };
    const answer = await run(process.execPath, [MAIN, ...args, "--json"], { cwd: root, env });
    return JSON.parse(answer.stdout) as Record<string, unknown>;
  };
  const text = readFileSync(join(home, "params.yaml"), "utf8");
  const path = `s3://${server.bucket}/incoming/*.csv`;
  const remote = text.replace(`path: ${SOURCE}`, `path: "${path}", s3: {region: us-east-1}`);
  writeFileSync(join(root, "params.yaml"), remote);
  const Body = readFileSync(join(home, SOURCE));
  const object = { Bucket: server.bucket, Key: "incoming/patients.csv", Body };
  await server.client.send(new PutObjectCommand(object));

  for (const stage of ["data", "features", "train"]) await ask(stage);
  const record = readFileSync(join(root, "data/raw/data.record.json"), "utf8");
  const { datasets } = dataRecord.parse(JSON.parse(record));
  expect(datasets[0]!.sources).toMatchObject([
    { path: `s3://${server.bucket}/incoming/patients.csv`, sha256: digestBytes(Body) },
  ]);
  await ask("data");
  expect(readFileSync(join(root, "data/raw/data.record.json"), "utf8")).toBe(record);
  expect(await ask("verify", "risk@1")).toMatchObject({ verdict: "identical" });
});

test("rows in a bucket are scored as those of a file, columns of their keys too", async () => {
  const [header, ...rows] = readFileSync(join(home, SOURCE), "utf8").trim().split("\n");
  const place = header!.split(",").indexOf("site");
  const without = (line: string) => line.split(",").toSpliced(place, 1).join(",");
  const siteOf = (line: string) => line.split(",")[place]!;
  const sites = [...new Set(rows.map(siteOf))].sort();
  const ordered = sites.map((site) => rows.filter((row) => siteOf(row) === site));
  writeFileSync(join(home, "ordered.csv"), [header, ...ordered.flat()].join("\n"));
  for (const [i, site] of sites.entries()) {
    const Body = [header!, ...ordered[i]!].map(without).join("\n");
    for (const Key of [`new/site=${site}/rows.csv`, `by-name/${site}.csv`]) {
      await server.client.send(new PutObjectCommand({ Bucket: server.bucket, Key, Body }));
    }
  }
  const score = async (data: string) => {
    const keep = ["--keep", "patient_id", "site"];
    await duetmind(home, "predict", "risk@1", "--data", data, "--out", "out.csv", ...keep);
    return readFileSync(join(home, "out.csv"), "utf8");
  };
  writeFileSync(
    join(home, ".env"),
    `${readFileSync(join(home, ".env"), "utf8")}AWS_ENDPOINT_URL=${server.endpoint}\n`,
  );
  const local = await score("ordered.csv");
  expect(local.split("\n").length).toBe(rows.length + 2);
  expect(await score(`s3://${server.bucket}/new/**/*.csv`)).toBe(local);
  expect(await score(`s3://${server.bucket}/by-name/{site}.csv`)).toBe(local);
  const gone = duetmind(
    home,
    "predict",
    "risk@1",
    "--data",
    "s3://artifacts/gone.csv",
    "--out",
    "x.csv",
  );
  await expect(gone).rejects.toMatchObject({ code: 2 });
});

test("a store that is away ends with its code and registers nothing; the next run is clean", async () => {
  const root = temporaryFolder();
  for (const name of ["params.yaml", ".env", "data/source"]) {
    cpSync(join(home, name), join(root, name), { recursive: true });
  }
  const own = await testDatabaseEnv();
  const away = { DUETMIND_ARTIFACTS__ENDPOINT: `http://127.0.0.1:${await freePort()}` };
  const command = [MAIN, "data", "--json"];
  const failed = run(process.execPath, command, {
    cwd: root,
    env: { ...process.env, ...own, ...away },
  });
  await expect(failed).rejects.toMatchObject({ code: 3 });
  const { stdout } = await failed.catch((error: { stdout: string }) => error);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: "STORAGE_UNAVAILABLE", hint: "check that the server runs, and the endpoint" },
  });
  const ask = async (...args: string[]) => {
    const env = { ...process.env, ...own };
    const answer = await run(process.execPath, [MAIN, ...args, "--json"], { cwd: root, env });
    return JSON.parse(answer.stdout) as unknown;
  };
  expect(await ask("datasets")).toMatchObject({ datasets: [] });
  await ask("data");
  expect(await ask("datasets")).toMatchObject({ datasets: [{ name: "patients" }] });
});
