import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  createTrackingClient,
  type TrackingClient,
} from "../../src/client/create-tracking-client.ts";
import type { Environment } from "../../src/core/environment.ts";
import { serverContents } from "../client/server-contents.ts";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { type ServedCommand, serve } from "../support/served.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const MIB = 1 << 20;
const RUNS = 12;

const FILE = "/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/model.bin";

/** Begins to send a file of so many bytes, and sends some of them. */
async function beginUpload(
  server: ServedCommand,
  sizeBytes: number,
  part: Buffer,
): Promise<ClientRequest> {
  const upload = request(`${server.url}${FILE}`, {
    method: "PUT",
    headers: { "content-length": sizeBytes, "content-type": "application/octet-stream" },
  });
  upload.on("error", () => {}); // the server is killed
  if (!upload.write(part)) await once(upload, "drain");
  return upload;
}

/** Sizes of the files of a project that are on their way into its store. */
function incoming(folder: string): number[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith("/incoming"))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
}

async function put(server: ServedCommand, bytes: Buffer): Promise<void> {
  const reply = await fetch(`${server.url}${FILE}`, { method: "PUT", body: new Uint8Array(bytes) });
  expect(reply.status).toBe(200);
}

async function get(server: ServedCommand): Promise<Buffer | number> {
  const reply = await fetch(`${server.url}${FILE}`);
  const bytes = Buffer.from(await reply.arrayBuffer());
  return reply.status === 200 ? bytes : reply.status;
}

test("a server that is killed while a file comes up keeps the file before it, and takes it whole afterwards", async () => {
  const folder = temporaryFolder();
  const env = await testDatabaseEnv();
  const bytes = randomBytes(8 * MIB);
  let before: Buffer | number = 404;
  for (const next of [bytes.subarray(0, 4 * MIB), bytes]) {
    let server = await serve(folder, [], env);
    await beginUpload(server, next.length, next.subarray(0, 3 * MIB));
    while (!incoming(folder).some((size) => size >= MIB)) await delay(10);
    await server.stop("SIGKILL");

    server = await serve(folder, [], env);
    const kept = await get(server);
    expect(Buffer.isBuffer(before) && Buffer.isBuffer(kept) ? before.equals(kept) : kept).toEqual(
      Buffer.isBuffer(before) ? true : before,
    );
    await put(server, next);
    const whole = await get(server);
    expect(Buffer.isBuffer(whole) && whole.equals(next)).toBe(true);
    before = next;
    await server.stop();
  }
});

async function fill(client: TrackingClient): Promise<void> {
  const { experimentId } = await client.experiments.getOrCreate("trials");
  for (let i = 0; i < RUNS; i++) {
    const run = await client.runs.start({ experimentId, runName: `trial ${i}` });
    await run.logParams({ depth: i });
    for (let step = 0; step < 50; step++) await run.logMetric("loss", 1 / (step + 1), { step });
    await run.artifacts.upload("notes.txt", `trial ${i}`);
    await run.artifacts.upload("weights.bin", new Uint8Array(randomBytes(MIB / 16)));
    await run.end();
    if (i % 4 !== 0) continue;
    await client.registeredModels.create(`model ${i}`);
    const { runId } = run.info;
    await client.modelVersions.create(`model ${i}`, { source: `runs:/${runId}/notes.txt`, runId });
  }
}

/** Runs an import until it ends, or kills it when `isTime`; its exit status, null when it was killed. */
async function importFrom(
  from: string,
  cwd: string,
  env: Environment,
  isTime: () => Promise<boolean>,
) {
  const child = spawn(process.execPath, [BIN, "import", "mlflow", "--from", from, "--json"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  while (child.exitCode === null && !(await isTime())) await delay(20);
  child.kill("SIGKILL");
  return (await ended)[0];
}

test("an import that is killed again and again goes on where it was, and brings each thing once", {
  timeout: 300_000,
}, async () => {
  const there = await serve(temporaryFolder(), [], await testDatabaseEnv());
  const source = createTrackingClient({ url: there.url });
  await fill(source);
  const folder = temporaryFolder();
  const env = await testDatabaseEnv();
  // the import works through the database that this server owns
  const here = await serve(folder, [], env);
  const target = createTrackingClient({ url: here.url });
  const runsHere = async () => {
    const found = (await target.experiments.search().toArray()).find((e) => e.name === "trials");
    if (found === undefined) return 0;
    const { experimentId } = found;
    return (await target.runs.search({ experimentIds: [experimentId] }).toArray()).length;
  };
  for (const enough of [1, 5, 9]) {
    const isTime = async () => (await runsHere()) >= enough;
    expect(await importFrom(there.url, folder, env, isTime)).toBe(null);
    expect(await runsHere()).toBeLessThan(RUNS);
  }
  expect(await importFrom(there.url, folder, env, async () => false)).toBe(0);
  expect(await serverContents(target)).toEqual(await serverContents(source));
});
