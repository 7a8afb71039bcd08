import { expect, test } from "vitest";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { type ServedCommand, serve } from "../support/served.ts";

const KEYS = 7;

async function call<T>(server: ServedCommand, path: string, body: unknown): Promise<T> {
  const reply = await fetch(`${server.url}/api/2.0/mlflow/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** Logs batches of one step until the server is gone; gives the steps that were acknowledged. */
async function write(server: ServedCommand, runId: string, writer: number): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let step = writer; ; step += 100) {
    const metrics = Array.from({ length: KEYS }, (_, i) => ({
      key: `m${(i + step) % KEYS}`, // every writer in an order of its own
      value: step,
      timestamp: 1,
      step,
    }));
    try {
      await call(server, "runs/log-batch", { run_id: runId, metrics });
    } catch {
      return acknowledged;
    }
    acknowledged.push(step);
  }
}

test("a server that is killed under load loses nothing it acknowledged and keeps no part of a batch", async () => {
  const folder = temporaryFolder();
  const env = await testDatabaseEnv();
  let server = await serve(folder, [], env);
  const { run } = await call<{ run: { info: { run_id: string } } }>(server, "runs/create", {
    experiment_id: "0",
  });
  const runId = run.info.run_id;
  let acknowledged: number[] = [];
  for (let round = 0; round < 3; round++) {
    const writers = Array.from({ length: 8 }, (_, i) =>
      write(server, runId, round * 1_000_000 + i),
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server.stop("SIGKILL");
    acknowledged = [...acknowledged, ...(await Promise.all(writers)).flat()];
    server = await serve(folder, [], env);
  }
  expect(acknowledged.length).toBeGreaterThan(10);
  const keysOfStep = new Map<number, number>();
  for (let i = 0; i < KEYS; i++) {
    const query = `run_id=${runId}&metric_key=m${i}`;
    const reply = await fetch(`${server.url}/api/2.0/mlflow/metrics/get-history?${query}`);
    const { metrics } = (await reply.json()) as { metrics: { step: number }[] };
    for (const { step } of metrics) keysOfStep.set(step, (keysOfStep.get(step) ?? 0) + 1);
  }
  expect(acknowledged.filter((step) => keysOfStep.get(step) !== KEYS)).toEqual([]);
  expect([...keysOfStep].filter(([, keys]) => keys !== KEYS)).toEqual([]);
  await server.stop();
});

test("two servers on one database see each other's writes", async () => {
  const env = await testDatabaseEnv();
  const folder = temporaryFolder();
  const [first, second] = await Promise.all([serve(folder, [], env), serve(folder, [], env)]);
  const made = await call<{ experiment_id: string }>(first!, "experiments/create", {
    name: "shared",
  });
  const reply = await fetch(
    `${second!.url}/api/2.0/mlflow/experiments/get?experiment_id=${made.experiment_id}`,
  );
  expect(reply.status).toBe(200);
  const names = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      call(i % 2 === 0 ? first! : second!, "experiments/create", { name: "once" }).then(
        () => 1,
        () => 0,
      ),
    ),
  );
  expect(names.reduce<number>((sum, each) => sum + each, 0)).toBe(1);
  await first!.stop();
  // the embedded database goes to the server that is left
  await call(second!, "experiments/create", { name: "after the owner left" });
  await second!.stop();
});
