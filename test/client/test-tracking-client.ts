import { beforeAll, expect, test } from "vitest";
import {
  createTrackingClient,
  filter,
  LostMetricsError,
  orderBy,
  type TrackingClient,
} from "../../src/client/create-tracking-client.ts";

export type Peer = Readonly<{
  /** The address of a server that has nothing in it. */
  url: () => Promise<string>;
  /** What it makes of an infinite value. */
  infinity: number;
}>;

/** What the client does, against any tracking server. */
export function testTrackingClient(peer: Peer): void {
  let url: string;
  let client: TrackingClient;
  let experimentId: string;
  beforeAll(async () => {
    url = await peer.url();
    client = createTrackingClient({ url });
    const options = { tags: { team: "a" } };
    experimentId = (await client.experiments.getOrCreate("trials", options)).experimentId;
  });

  test("an experiment is made once, read, changed, hidden and found", async () => {
    const again = await client.experiments.getOrCreate("trials");
    expect(again).toEqual({
      experimentId,
      name: "trials",
      artifactLocation: `mlflow-artifacts:/${experimentId}`,
      lifecycleStage: "active",
      creationTime: expect.any(Date),
      lastUpdateTime: expect.any(Date),
      tags: { team: "a" },
    });
    const id = await client.experiments.create("passing");
    await client.experiments.rename(id, "past");
    await client.experiments.setTag(id, "k", "v");
    await client.experiments.delete(id);
    expect((await client.experiments.get(id)).lifecycleStage).toBe("deleted");
    await client.experiments.restore(id);
    const found = await client.experiments
      .search({
        filter: filter.tag("k").eq("v").and(filter.experiment("name").like("pa%")),
        orderBy: [orderBy.experiment("name").asc()],
        pageSize: 1,
      })
      .toArray();
    expect(found.map(({ name }) => name)).toEqual(["past"]);
    await client.experiments.deleteTag(id, "k");
    await expect(client.experiments.getByName("nobody")).rejects.toMatchObject({
      status: 404,
      errorCode: "RESOURCE_DOES_NOT_EXIST",
      message: "Could not find experiment with name 'nobody'",
    });
  });

  test("a run takes metrics, params, tags and datasets, and is read back whole", async () => {
    const run = await client.runs.start({
      experimentId,
      runName: "first",
      startTime: new Date(1000),
      tags: { a: "1" },
    });
    await run.logParams({ model: "gbm", rounds: 100, seed: 2n ** 60n, fast: true });
    await run.setTags({ b: "2" });
    await run.deleteTag("a");
    const big = 2n ** 60n;
    void run.logMetric("loss", 0.5, { step: 1, timestamp: new Date(5000) });
    void run.logMetric("loss", Number.NaN, { step: big, timestamp: 6000 });
    void run.logMetric("up", Number.POSITIVE_INFINITY, { step: -3, timestamp: 1 });
    await run.logMetrics({ x: 1, y: Number.NEGATIVE_INFINITY }, { timestamp: 2 });
    await run.logInputs([
      {
        name: "visits",
        digest: "d1",
        sourceType: "local",
        source: "{}",
        tags: { "mlflow.data.context": "training" },
      },
    ]);
    await run.end("FINISHED", { endTime: new Date(9000) });
    await run.end(); // a second end only flushes

    const read = await client.runs.get(run.info.runId);
    expect(read).toMatchObject({
      runName: "first",
      status: "FINISHED",
      startTime: new Date(1000),
      endTime: new Date(9000),
      params: { model: "gbm", rounds: "100", seed: String(big), fast: "true" },
      datasets: [{ name: "visits", tags: { "mlflow.data.context": "training" } }],
    });
    expect(read.tags).toMatchObject({ b: "2", "mlflow.runName": "first" });
    expect(read.tags["a"]).toBeUndefined();
    expect(read.metrics["loss"]).toMatchObject({ value: Number.NaN, step: big, timestamp: 6000 });
    expect(read.metrics["up"]).toMatchObject({ value: peer.infinity, step: -3 });
    expect(read.metrics["y"]!.value).toBe(-peer.infinity);
    const history = await client.runs.metricHistory(run.info.runId, "loss").toArray();
    expect(history.map(({ step }) => step)).toEqual([1, big]);
    const sample = await client.runs.sampleMetric({ runIds: [run.info.runId], key: "x" });
    expect(sample).toMatchObject([{ key: "x", value: 1, runId: run.info.runId }]);
  });

  test("2,500 points logged in a loop are all there after the end", async () => {
    const runId = await client.runs.track({ experimentId }, async (run) => {
      for (let step = 0; step < 2500; step++) await run.logMetric("loop", step, { step });
      return run.info.runId;
    });
    const points = await client.runs.metricHistory(runId, "loop").toArray();
    expect(points.map(({ value }) => value).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 2500 }, (_, i) => i),
    );
  });

  test("work that fails leaves a failed run and its error", async () => {
    let runId = "";
    const work = client.runs.track({ experimentId }, async (run) => {
      runId = run.info.runId;
      void run.logMetric("before", 1);
      throw new Error("diverged");
    });
    await expect(work).rejects.toThrow("diverged");
    const read = await client.runs.get(runId);
    expect([read.status, read.metrics["before"]?.value]).toEqual(["FAILED", 1]);
  });

  test("metrics that the server refuses are told of at the flush, by onError and by close", async () => {
    const told: Error[] = [];
    const careful = createTrackingClient({ url, onError: (error) => void told.push(error) });
    const run = await careful.runs.start({ experimentId });
    await careful.runs.delete(run.info.runId);
    void run.logMetric("late", 1);
    await expect(run.flush()).rejects.toMatchObject({
      status: 400,
      errorCode: "INVALID_PARAMETER_VALUE",
      message: expect.stringContaining("1 metric points not stored: The run"),
      metrics: [{ key: "late" }],
    });
    void run.logMetric("later", 1);
    await expect(careful.close()).rejects.toBeInstanceOf(LostMetricsError);
    expect(told).toHaveLength(2);
  });

  test.each([
    ["../up", 1, {}, "metric key"],
    ["", 1, {}, "metric key"],
    ["a%b", 1, {}, "metric key"],
    ["x".repeat(251), 1, {}, "metric key"],
    ["ok", 1, { step: 1.5 }, "step: expected an integer, got 1.5"],
    ["ok", 1, { step: 2n ** 63n }, "step: expected an integer"],
    ["ok", 1, { timestamp: -1 }, "timestamp: expected milliseconds from 0 on, got -1"],
    ["ok", 1, { timestamp: new Date(Number.NaN) }, "timestamp: expected milliseconds"],
  ])("the point %j %d %o is refused before it waits", async (key, value, options, message) => {
    const run = await client.runs.start({ experimentId });
    expect(() => run.logMetric(key, value, options)).toThrow(message);
    await run.end();
  });

  test("runs are found page by page, in order, by what was logged", async () => {
    const found = await client.experiments.getOrCreate("searched");
    for (let i = 0; i < 7; i++) {
      await client.runs.track(
        { experimentId: found.experimentId, tags: { quote: `it's "${i % 2}` } },
        async (run) => {
          await run.logParam("model", i % 2 === 0 ? "gbm" : "linear");
          await run.logMetric("auc", i / 10);
        },
      );
    }
    const search = {
      experimentIds: [found.experimentId],
      filter: filter.metric("auc").gte(0.1).and(filter.param("model").eq("gbm")),
      orderBy: [orderBy.metric("auc").desc()],
      pageSize: 2,
    };
    const values: (number | undefined)[] = [];
    for await (const run of client.runs.search(search)) values.push(run.metrics["auc"]?.value);
    expect(values).toEqual([0.6, 0.4, 0.2]);
    const pages: number[] = [];
    for await (const page of client.runs.search(search).pages()) pages.push(page.length);
    expect(pages).toEqual([2, 1]);
    expect(await client.runs.search(search).toArray(1)).toHaveLength(1);
  });

  test("a value is found as it was logged, whatever is in it", async () => {
    const quoted = await client.experiments.getOrCreate("quoted");
    const experimentIds = [quoted.experimentId];
    const values = [
      "it's",
      'say "x"',
      "a\\b",
      "100 %",
      "x' = 'y",
      "a AND b",
      "(1, 2)",
      "ü;--",
      "` `",
    ];
    for (const value of values) {
      const run = await client.runs.start({ experimentId: quoted.experimentId, runName: "r" });
      await run.logParam("a key.b/c", value);
      await run.end();
    }
    for (const value of values) {
      const found = await client.runs
        .search({ experimentIds, filter: filter.param("a key.b/c").eq(value) })
        .toArray();
      expect(found.map(({ params }) => params)).toEqual([{ "a key.b/c": value }]);
    }
  });

  test("runs are changed, deleted, restored and resumed", async () => {
    const { info } = await client.runs.start({ experimentId });
    const parent = info.runId;
    expect((await client.runs.update(parent, { runName: "named" })).runName).toBe("named");
    await client.runs.delete(parent);
    expect((await client.runs.get(parent)).lifecycleStage).toBe("deleted");
    await client.runs.restore(parent);
    const child = await client.runs.start({ experimentId, parentRunId: parent });
    await child.end("KILLED");
    const resumed = await client.runs.resume(child.info.runId);
    await resumed.logMetric("more", 1);
    await client.close();
    const read = await client.runs.get(child.info.runId);
    expect(read.tags["mlflow.parentRunId"]).toBe(parent);
    expect(read.metrics["more"]?.value).toBe(1);
  });

  test("files go up from every kind of body, and come back whole or in part", async () => {
    const run = await client.runs.start({ experimentId });
    const bytes = new Uint8Array(300_000).map((_, i) => i % 251);
    const stream = new Blob([bytes]).stream();
    await run.artifacts.upload("notes/größe & co.txt", "grüezi");
    await run.artifacts.upload("a.bin", bytes);
    await run.artifacts.upload("b.bin", new Blob([bytes]));
    await run.artifacts.upload("deep/er/c.bin", stream);
    expect(await run.artifacts.list()).toEqual([
      { path: "a.bin", isFolder: false, sizeBytes: 300_000 },
      { path: "b.bin", isFolder: false, sizeBytes: 300_000 },
      { path: "deep", isFolder: true, sizeBytes: 0 },
      { path: "notes", isFolder: true, sizeBytes: 0 },
    ]);
    const walked: string[] = [];
    for await (const file of run.artifacts.walk()) walked.push(file.path);
    expect(walked).toEqual(["a.bin", "b.bin", "deep/er/c.bin", "notes/größe & co.txt"]);
    const text = await run.artifacts.download("notes/größe & co.txt");
    expect(await text.text()).toBe("grüezi");
    const whole = await run.artifacts.download("deep/er/c.bin");
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(bytes);
    const part = await run.artifacts.download("a.bin", { range: { start: 10, end: 19 } });
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 20));
    await run.artifacts.delete("deep");
    expect(await run.artifacts.list("deep")).toEqual([]);
    await expect(run.artifacts.download("missing")).rejects.toMatchObject({ status: 404 });
    for (const path of ["../x", "/etc/passwd", "a\\b", ""]) {
      await expect(async () => run.artifacts.upload(path, "x")).rejects.toThrow("path: expected");
    }
    expect(() => client.artifacts("s3://bucket/x").walk()).not.toThrow();
    await expect(client.artifacts("s3://bucket/x").list()).rejects.toMatchObject({
      errorCode: "NOT_PROXIED",
    });
  });

  test("a logged model is made, filled, registered, found and given an alias and a stage", async () => {
    const run = await client.runs.start({ experimentId });
    const made = await client.loggedModels.create({
      experimentId,
      name: "gbm",
      modelType: "onnx",
      sourceRunId: run.info.runId,
      params: { depth: "3" },
      tags: { t: "1" },
    });
    await client.artifacts(made.artifactUri).upload("MLmodel", "flavors: {}");
    expect((await client.loggedModels.finalize(made.modelId)).status).toBe("LOGGED_MODEL_READY");
    await run.logOutputs([{ modelId: made.modelId, step: 0 }]);
    await run.logMetric("auc", 0.9, { modelId: made.modelId });
    await run.end();
    await client.loggedModels.setTags(made.modelId, { u: "2" });
    await client.loggedModels.deleteTag(made.modelId, "t");
    const read = await client.loggedModels.get(made.modelId);
    expect(read).toMatchObject({ name: "gbm", params: { depth: "3" }, tags: { u: "2" } });
    expect(read.metrics).toMatchObject([{ key: "auc", value: 0.9, runId: run.info.runId }]);
    expect((await client.runs.get(run.info.runId)).modelOutputs).toEqual([
      { modelId: made.modelId, step: 0 },
    ]);
    const search = {
      experimentIds: [experimentId],
      filter: filter.metric("auc").gt(0.8).and(filter.loggedModel("name").eq("gbm")),
      orderBy: [orderBy.metric("auc").desc(), orderBy.loggedModel("name").asc()],
    };
    expect((await client.loggedModels.search(search).toArray()).map((m) => m.modelId)).toEqual([
      made.modelId,
    ]);

    await client.registeredModels.getOrCreate("stroke", { description: "risk", tags: { a: "1" } });
    await client.registeredModels.getOrCreate("stroke");
    const source = `models:/${made.modelId}`;
    const version = { source, modelId: made.modelId, runId: run.info.runId };
    expect((await client.modelVersions.create("stroke", version)).version).toBe(1);
    await client.modelVersions.create("stroke", version);
    await client.modelVersions.setTag("stroke", 2, "k", "v");
    await client.modelVersions.update("stroke", 2, "second");
    await client.modelVersions.transitionStage("stroke", 1, "Staging");
    await client.registeredModels.setAlias("stroke", "champion", 2);
    expect(await client.modelVersions.getByAlias("stroke", "champion")).toMatchObject({
      name: "stroke",
      version: 2,
      stage: "None",
      description: "second",
      tags: { k: "v" },
      aliases: ["champion"],
      runId: run.info.runId,
    });
    const latest = await client.modelVersions.latest("stroke", ["Staging"]);
    expect(latest.map((each) => each.version)).toEqual([1]);
    expect(await client.modelVersions.downloadUri("stroke", 1)).toBe(made.artifactUri);
    const versions = await client.modelVersions
      .search({
        filter: filter.modelVersion("name").eq("stroke").and(filter.modelVersion("version").gte(1)),
        orderBy: [orderBy.modelVersion("version").asc()],
        pageSize: 1,
      })
      .toArray();
    expect(versions.map((each) => each.version)).toEqual([1, 2]);
    const models = await client.registeredModels
      .search({ filter: filter.tag("a").eq("1"), orderBy: [orderBy.registeredModel("name").asc()] })
      .toArray();
    expect(models).toMatchObject([
      { name: "stroke", description: "risk", aliases: { champion: 2 }, tags: { a: "1" } },
    ]);
    await client.modelVersions.deleteTag("stroke", 2, "k");
    await client.registeredModels.deleteAlias("stroke", "champion");
    await client.modelVersions.delete("stroke", 1);
    await client.registeredModels.setTag("stroke", "b", "2");
    await client.registeredModels.deleteTag("stroke", "a");
    await client.registeredModels.update("stroke", "other");
    expect(await client.registeredModels.rename("stroke", "stroke-risk")).toMatchObject({
      description: "other",
      tags: { b: "2" },
      aliases: {},
    });
    await client.registeredModels.delete("stroke-risk");
    await expect(client.registeredModels.get("stroke-risk")).rejects.toMatchObject({ status: 404 });
    await client.loggedModels.delete(made.modelId);
    await expect(client.loggedModels.get(made.modelId)).rejects.toMatchObject({ status: 404 });
  });
}
