import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { retryDeliveries } from "../../src/events/delivery-queries.ts";
import { mirrorRuns } from "../../src/pipelines/mirror-runs.ts";
import { ensureExperiment } from "../../src/tracking/experiment-queries.ts";
import { parseMirrorTarget } from "../../src/tracking/mirror-target.ts";
import { MIRROR } from "../../src/tracking/mirror-variables.ts";
import { insertRun } from "../../src/tracking/run-queries.ts";
import { atEnd } from "../support/database.ts";
import { testServer } from "../support/server.ts";
import { runsToMirror } from "./runs-to-mirror.ts";

const { db, context, register } = await runsToMirror();
const { clock } = realEffects;

// the other server: ours, on a socket, behind a gate that can be shut
const other = await testServer();
await other.app.listen({ host: "127.0.0.1", port: 0 });
const otherPort = (other.app.server.address() as AddressInfo).port;
/** A status to answer with, 0 to hang up, or "lose" to pass the request on and lose the answer. */
type Gate = (method: string, path: string) => number | "lose" | undefined;
let gate: Gate = () => undefined;
const asked: string[] = [];
let login: string | undefined;
const door = createServer((incoming, outgoing) => {
  const path = incoming.url!.replace(/\?.*/, "");
  asked.push(`${incoming.method} ${path}`);
  login = incoming.headers.authorization;
  const status = gate(incoming.method!, path);
  if (status === 0) return void incoming.socket.destroy();
  if (typeof status === "number") {
    outgoing.writeHead(status, { "content-type": "application/json" });
    return void outgoing.end(JSON.stringify({ error_code: "X", message: `gate ${status}` }));
  }
  const { method, headers } = incoming;
  const options = { host: "127.0.0.1", port: otherPort, path: incoming.url!, method: method! };
  const onward = httpRequest(
    { ...options, headers: { ...headers, host: "localhost" } },
    (reply) => {
      if (status === "lose") return void incoming.socket.destroy();
      outgoing.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(outgoing);
    },
  );
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
});
await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
atEnd(() => {
  door.closeAllConnections();
  door.close();
});
const uri = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;

async function mirror(env: Readonly<Record<string, string>> = {}, again = true) {
  if (again) await retryDeliveries(db, MIRROR, clock.now());
  const given = { MLFLOW_TRACKING_URI: uri, ...env };
  return mirrorRuns(db, { ...context, env: given }, 30_000, realEffects);
}

type WireRun = Readonly<{
  info: Readonly<Record<string, unknown>>;
  data: Readonly<Record<"params" | "tags" | "metrics", { key: string; value: unknown }[]>>;
  inputs: Readonly<{ dataset_inputs?: unknown[] }>;
}>;

async function mirrored(experiment: string): Promise<WireRun[]> {
  const found = await other.mlflow("GET", "experiments/get-by-name", {
    experiment_name: experiment,
  });
  if (found.status === 404) return [];
  const { experiment_id } = found.json<{ experiment: { experiment_id: string } }>().experiment;
  const reply = await other.mlflow("POST", "runs/search", { experiment_ids: [experiment_id] });
  return reply.json<{ runs?: WireRun[] }>().runs ?? [];
}

async function files(run: WireRun): Promise<unknown> {
  const fields = { run_id: run.info["run_id"] };
  const top = (await other.mlflow("GET", "artifacts/list", fields)).json()["files"];
  const path = "model";
  const below = (await other.mlflow("GET", "artifacts/list", { ...fields, path })).json()["files"];
  return [top, below];
}

const SEARCH_ALL = { experiment_ids: Array.from({ length: 20 }, (_, i) => String(i)) };
const id = (digit: string) => digit.repeat(32);

async function expectWhole(experiment: string, runId: string): Promise<void> {
  const runs = await mirrored(experiment);
  expect(runs).toHaveLength(1);
  const [run] = runs as [WireRun];
  expect(run.info).toMatchObject({
    run_name: "gbm-1",
    user_id: "ada",
    status: "FINISHED",
    start_time: Date.parse("2026-03-01T00:00:00Z"),
    end_time: Date.parse("2026-03-01T00:01:00Z"),
  });
  expect(run.data.params).toHaveLength(130);
  expect(run.data.tags).toContainEqual({ key: "duetmind.mirror_of", value: runId });
  expect(run.data.tags).toContainEqual({ key: "duetmind.model", value: "m" });
  expect(run.data.metrics.map(({ key, value }) => [key, value])).toEqual([
    ["auc", "NaN"],
    ["loss", 1 / 1500],
  ]);
  const history = await other.mlflow("GET", "metrics/get-history", {
    run_id: run.info["run_id"],
    metric_key: "loss",
  });
  expect(history.json<{ metrics: unknown[] }>().metrics).toHaveLength(1500);
  expect(run.inputs.dataset_inputs).toMatchObject([
    { tags: [{ key: "mlflow.data.context", value: "training" }], dataset: { name: "features" } },
  ]);
  const file_size = `model of ${runId}`.length;
  expect(await files(run)).toMatchObject([
    [
      { path: "metrics ü.json", is_dir: false },
      { path: "model", is_dir: true },
    ],
    [{ path: "model/MLmodel", is_dir: false, file_size }],
  ]);
}

test("a run is at the other server whole, and once, however often it is mirrored", async () => {
  gate = () => undefined;
  await register(id("1"), "whole");
  expect(await mirror()).toEqual([]);
  await expectWhole("whole", id("1"));
  await db.updateTable("delivery").set({ state: "waiting" }).where("target", "=", MIRROR).execute();
  asked.length = 0;
  expect(await mirror()).toEqual([]);
  expect(asked.filter((each) => !/get|search/.test(each))).toEqual([]);
  await expectWhole("whole", id("1"));
});

test("a server that is away, then busy, gets the run when it is back", async () => {
  await register(id("2"), "away");
  for (const status of [0, 503, 429]) {
    gate = () => status;
    const [rest] = await mirror();
    expect(rest).toMatchObject({ run_id: id("2"), state: "waiting" });
    expect(rest?.reason).toMatch(status === 0 ? /socket|closed|reset/i : `gate ${status}`);
  }
  expect(await mirrored("away")).toEqual([]);
  gate = () => undefined;
  // its time has not come yet
  expect(await mirror({}, false)).toMatchObject([{ state: "waiting", attempts: 3 }]);
  expect(await mirror()).toEqual([]);
  await expectWhole("away", id("2"));
});

test("cut off after any request, and gone on with, it is there once and whole", async () => {
  await register(id("3"), "cut");
  let limit = 1;
  for (let round = 0; ; round++) {
    let count = 0;
    gate = () => (++count > limit ? 0 : undefined);
    if ((await mirror()).length === 0) break;
    expect(round).toBeLessThan(40);
    limit++;
  }
  expect(limit).toBeGreaterThan(8);
  await expectWhole("cut", id("3"));
}, 120_000);

test("a create whose answer was lost makes no second run", async () => {
  await register(id("4"), "lost");
  gate = (_method, path) => (path.endsWith("runs/create") ? "lose" : undefined);
  expect(await mirror()).toMatchObject([{ run_id: id("4"), state: "waiting" }]);
  expect(await mirrored("lost")).toHaveLength(1);
  gate = () => undefined;
  expect(await mirror()).toEqual([]);
  await expectWhole("lost", id("4"));
});

test("a server that refuses is told with its words, and asked again only when told to", async () => {
  gate = () => 403;
  await register(id("5"), "refused");
  expect(await mirror()).toMatchObject([{ state: "failed", reason: expect.stringMatching("403") }]);
  asked.length = 0;
  expect(await mirror({}, false)).toHaveLength(1);
  expect(asked).toEqual([]);
  gate = () => undefined;
  expect(await mirror()).toEqual([]);
});

test("the project's own server has its runs already", async () => {
  gate = () => undefined;
  await register(id("6"), "own");
  // as if the other server were on the same database
  const experimentId = await ensureExperiment(other.database.kysely, "own", clock.now());
  const run = {
    runId: id("6"),
    experimentId,
    name: "gbm-1",
    user: "ada",
    status: "FINISHED",
  } as const;
  const times = { startedAt: null, endedAt: null, recordDigest: null };
  await insertRun(other.database.kysely, { ...run, ...times });
  expect(await mirror()).toEqual([]);
  expect(await mirrored("own")).toHaveLength(1);
});

test("logins are those of MLflow's clients", async () => {
  const at = (env: Readonly<Record<string, string>>) =>
    parseMirrorTarget({ MLFLOW_TRACKING_URI: "https://h.example/mlflow", ...env });
  const url = "https://h.example/mlflow";
  expect(at({})).toEqual({ url });
  expect(at({ MLFLOW_TRACKING_TOKEN: "t" })).toEqual({ url, token: "t" });
  const named = { MLFLOW_TRACKING_USERNAME: "ada", MLFLOW_TRACKING_PASSWORD: "pä" };
  const basic = `Basic ${Buffer.from("ada:pä").toString("base64")}`;
  expect(at({ MLFLOW_TRACKING_TOKEN: "t", ...named })).toEqual({
    url,
    username: "ada",
    password: "pä",
  });
  expect(parseMirrorTarget({ MLFLOW_TRACKING_URI: "http://a:b@h.example" })).toEqual({
    url: "http://h.example/",
    username: "a",
    password: "b",
  });
  gate = () => undefined;
  await register(id("7"), "login");
  expect(await mirror(named)).toMatchObject([
    { state: "failed", reason: expect.stringContaining("expected a valid API key") },
  ]);
  expect(login).toBe(basic);
  const made = { name: "mirror", scope: "write", expiresAt: null } as const;
  const { key } = await other.services.apiKeys.create(made, "tester");
  const password = { MLFLOW_TRACKING_USERNAME: "any", MLFLOW_TRACKING_PASSWORD: key };
  expect(await mirror(password)).toEqual([]);
  await register(id("8"), "login");
  expect(await mirror({ MLFLOW_TRACKING_TOKEN: key })).toEqual([]);
  // now that there is a key, whoever reads shows one too
  const authorization = `Bearer ${key}`;
  const found = await other.send("POST", "/api/2.0/mlflow/runs/search", SEARCH_ALL, {
    authorization,
  });
  const names = found.json<{ runs: WireRun[] }>().runs.flatMap(({ data }) => data.tags);
  for (const value of [id("7"), id("8")]) {
    expect(names).toContainEqual({ key: "duetmind.mirror_of", value });
  }
  for (const text of ["sqlite:///x.db", "databricks", "file:./mlruns"]) {
    expect(() => parseMirrorTarget({ MLFLOW_TRACKING_URI: text })).toThrow("MLFLOW_TRACKING_URI");
  }
});
