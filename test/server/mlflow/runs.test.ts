import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow, database } = await testServer();

type Info = Record<string, unknown> & { run_id: string };
type Run = { info: Info; data: Record<string, unknown>; inputs: unknown; outputs?: unknown };

async function create(fields: Record<string, unknown> = {}): Promise<Run> {
  const reply = await mlflow("POST", "runs/create", { experiment_id: "0", ...fields });
  expect(reply.text).not.toContain("error_code");
  return reply.json<{ run: Run }>().run;
}

async function get(run_id: string): Promise<Run> {
  return (await mlflow("GET", "runs/get", { run_id })).json<{ run: Run }>().run;
}

test("a run is made and read back with every field of MLflow's", async () => {
  const made = await create({
    user_id: "ann",
    run_name: "first",
    start_time: 1_700_000_000_123,
    tags: [{ key: "b", value: "2" }, { key: "a" }],
  });
  const id = made.info.run_id;
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  const expected = {
    info: {
      run_id: id,
      run_uuid: id,
      run_name: "first",
      experiment_id: "0",
      user_id: "ann",
      status: "RUNNING",
      start_time: 1_700_000_000_123,
      artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
      lifecycle_stage: "active",
    },
    data: {
      tags: [
        { key: "a", value: "" },
        { key: "b", value: "2" },
        { key: "mlflow.runName", value: "first" },
      ],
    },
    inputs: {},
  };
  expect(made).toEqual(expected);
  expect(await get(id)).toEqual({ ...expected, outputs: {} });
  const byOldName = await mlflow("GET", "runs/get", { run_uuid: id });
  expect(byOldName.json<{ run: Run }>().run.info.run_id).toBe(id);
  const audit = database.kysely.selectFrom("audit_event").select(["action", "actor"]);
  expect(await audit.where("object_id", "=", id).execute()).toEqual([
    { action: "run.create", actor: "tester" },
  ]);
});

test("a run without a name gets one, and the start time 0", async () => {
  for (const fields of [{}, { run_name: "" }, { tags: [{ key: "mlflow.runName", value: "" }] }]) {
    const { info, data } = await create(fields);
    expect(info["run_name"]).toMatch(/^[a-z]+-[a-z]+-\d{1,4}$/);
    expect(info["start_time"]).toBe(0);
    expect(info["end_time"]).toBeUndefined();
    expect(data["tags"]).toEqual([{ key: "mlflow.runName", value: info["run_name"] }]);
  }
});

test("the tag mlflow.runName names a run, and must not contradict run_name", async () => {
  const tags = [{ key: "mlflow.runName", value: "tagged" }];
  expect((await create({ tags })).info["run_name"]).toBe("tagged");
  expect((await create({ tags, run_name: "tagged" })).info["run_name"]).toBe("tagged");
  const both = await mlflow("POST", "runs/create", { experiment_id: "0", tags, run_name: "other" });
  expect(both.status).toBe(400);
  expect(both.json()["message"]).toBe(
    "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='other', mlflow.runName='tagged').",
  );
});

test.each([
  [{}, 400, "BAD_REQUEST"],
  [{ experiment_id: "" }, 400, "BAD_REQUEST"],
  [{ experiment_id: "abc" }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "4711" }, 404, "RESOURCE_DOES_NOT_EXIST"],
  [{ experiment_id: "0", tags: [{ key: "k" }, { key: "k" }] }, 400, "BAD_REQUEST"],
  [{ experiment_id: "0", tags: [{ value: "k" }] }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "0", tags: [{ key: "a//b" }] }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "0", user_id: "a\0b" }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "0", start_time: 8_640_000_000_000_001 }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "0", start_time: -210_866_803_200_001 }, 400, "INVALID_PARAMETER_VALUE"],
  [{ experiment_id: "0", start_time: 1.5 }, 400, "INVALID_PARAMETER_VALUE"],
])("runs/create with %j is %i %s", async (fields, status, code) => {
  const reply = await mlflow("POST", "runs/create", fields);
  expect([reply.status, reply.json()["error_code"]]).toEqual([status, code]);
});

test.each([8_640_000_000_000_000, -210_866_803_200_000, -1])(
  "a start time of %i ms comes back",
  async (start_time) => {
    const { info } = await create({ start_time });
    expect((await get(info.run_id)).info["start_time"]).toBe(start_time);
  },
);

test("update sets what is given, by name or number, and keeps the rest", async () => {
  const { info } = await create({ run_name: "before" });
  const run_id = info.run_id;
  const changed = await mlflow("POST", "runs/update", { run_id, status: "FAILED", end_time: 5 });
  expect(changed.json()).toEqual({ run_info: { ...info, status: "FAILED", end_time: 5 } });
  await mlflow("POST", "runs/update", { run_id, status: 3, run_name: "" });
  await mlflow("POST", "runs/update", { run_uuid: run_id, run_name: "after" });
  const run = await get(run_id);
  expect(run.info).toEqual({ ...info, run_name: "after", status: "FINISHED", end_time: 5 });
  expect(run.data["tags"]).toEqual([{ key: "mlflow.runName", value: "after" }]);
  const unknown = await mlflow("POST", "runs/update", { run_id, status: "DONE" });
  expect(unknown.json()["message"]).toContain(`Invalid value "DONE" for parameter 'status'`);
});

test("the tag mlflow.runName renames a run, alone and in a batch; an empty one does not", async () => {
  const { run_id } = (await create({ run_name: "a" })).info;
  const tag = (value: string) => ({ key: "mlflow.runName", value });
  const names: unknown[] = [];
  const look = async () => {
    const { info, data } = await get(run_id);
    expect(data["tags"]).toEqual([tag(info["run_name"] as string)]);
    names.push(info["run_name"]);
  };
  await mlflow("POST", "runs/set-tag", { run_id, ...tag("b") });
  await look();
  await mlflow("POST", "runs/log-batch", { run_id, tags: [tag("x"), tag("c")] });
  await look();
  await mlflow("POST", "runs/set-tag", { run_id, ...tag("") });
  await look();
  expect(names).toEqual(["b", "c", "c"]);
});

test("a deleted run is read but not written, until it is restored; both calls may come twice", async () => {
  const { run_id } = (await create()).info;
  for (const call of ["delete", "delete"]) {
    expect((await mlflow("POST", `runs/${call}`, { run_id })).json()).toEqual({});
  }
  expect((await get(run_id)).info["lifecycle_stage"]).toBe("deleted");
  const point = { key: "m", value: 1, timestamp: 1 };
  const writes: [string, object][] = [
    ["update", { status: "FINISHED" }],
    ["log-metric", point],
    ["log-parameter", { key: "p", value: "1" }],
    ["log-batch", { metrics: [point] }],
    ["log-batch", {}],
    ["set-tag", { key: "t", value: "1" }],
    ["delete-tag", { key: "mlflow.runName" }],
  ];
  for (const [path, fields] of writes) {
    const reply = await mlflow("POST", `runs/${path}`, { run_id, ...fields });
    expect([path, reply.status, reply.json()["message"]]).toEqual([
      path,
      400,
      `The run ${run_id} must be in the 'active' state. Current state is deleted.`,
    ]);
  }
  await mlflow("POST", "runs/restore", { run_id });
  await mlflow("POST", "runs/restore", { run_id });
  const { info, data } = await get(run_id);
  expect([info["lifecycle_stage"], info["status"]]).toEqual(["active", "RUNNING"]);
  expect(Object.keys(data)).toEqual(["tags"]);
  for (const [path, fields] of writes) {
    expect((await mlflow("POST", `runs/${path}`, { run_id, ...fields })).status).toBe(200);
  }
  const audit = database.kysely.selectFrom("audit_event").select("action").orderBy("at");
  expect(await audit.where("object_id", "=", run_id).execute()).toEqual([
    { action: "run.create" },
    { action: "run.delete" },
    { action: "run.restore" },
  ]);
});

test("a run of a deleted experiment is restored and takes writes", async () => {
  const made = await mlflow("POST", "experiments/create", { name: "gone" });
  const { experiment_id } = made.json<{ experiment_id: string }>();
  const { run_id } = (await create({ experiment_id })).info;
  await mlflow("POST", "experiments/delete", { experiment_id });
  expect((await get(run_id)).info["lifecycle_stage"]).toBe("deleted");
  const refused = await mlflow("POST", "runs/create", { experiment_id });
  expect(refused.status).toBe(400);
  expect(refused.json()["message"]).toContain("must be in the 'active' state");
  await mlflow("POST", "runs/restore", { run_id });
  const write = await mlflow("POST", "runs/set-tag", { run_id, key: "t", value: "1" });
  expect(write.status).toBe(200);
});

test("a run keeps its files below its experiment's artifact location", async () => {
  const made = await mlflow("POST", "experiments/create", {
    name: "elsewhere",
    artifact_location: "s3://bucket/a/",
  });
  const { info } = await create(made.json());
  expect(info["artifact_uri"]).toBe(`s3://bucket/a/${info.run_id}/artifacts`);
});

test.each(["nobody", "../etc", "a b", "x".repeat(3000), "'; DROP TABLE runs; --"])(
  "a run called %j is 404 to every call",
  async (run_id) => {
    const fields = { run_id, key: "k", value: "1", timestamp: 1 };
    const replies = [
      await mlflow("GET", "runs/get", { run_id }),
      ...(await Promise.all(
        ["update", "delete", "restore", "set-tag", "delete-tag", "log-metric", "log-parameter"].map(
          (path) => mlflow("POST", `runs/${path}`, fields),
        ),
      )),
    ];
    for (const reply of replies) {
      expect([reply.status, reply.json()["error_code"], reply.json()["message"]]).toEqual([
        404,
        "RESOURCE_DOES_NOT_EXIST",
        `Run with id=${run_id} not found`,
      ]);
    }
  },
);

test.each(["get", "update", "delete", "restore", "set-tag", "log-batch"])(
  "runs/%s wants run_id",
  async (path) => {
    const method = path === "get" ? "GET" : "POST";
    const reply = await mlflow(method, `runs/${path}`, { run_id: "", key: "k" });
    expect([reply.status, reply.json()["message"]]).toEqual([
      400,
      "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.",
    ]);
  },
);
