import { beforeAll, expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { mlflow } = await testServer();

type Found = Readonly<{
  runs?: readonly Readonly<{ info: { run_name: string; run_id: string } }>[];
  experiments?: readonly Readonly<{ name: string }>[];
  next_page_token?: string;
}>;
let experiment_id: string;

beforeAll(async () => {
  const made = await mlflow("POST", "experiments/create", {
    ...{ name: "searched", tags: [{ key: "team", value: "a" }] },
  });
  ({ experiment_id } = made.json<{ experiment_id: string }>());
  for (const [i, run_name] of ["a", "b", "c", "d", "e"].entries()) {
    const run = await mlflow("POST", "runs/create", { experiment_id, run_name, start_time: i });
    const { run_id } = run.json<{ run: { info: { run_id: string } } }>().run.info;
    const metrics = [{ key: "auc", value: i / 10, timestamp: 1, step: i }];
    await mlflow("POST", "runs/log-batch", {
      run_id,
      metrics,
      params: [{ key: "i", value: `${i}` }],
    });
    if (run_name === "e") await mlflow("POST", "runs/delete", { run_id });
  }
});

async function search(fields: Record<string, unknown> = {}): Promise<Found> {
  const reply = await mlflow("POST", "runs/search", { experiment_ids: [experiment_id], ...fields });
  expect(reply.text).not.toContain("error_code");
  return reply.json<Found>();
}

async function names(fields: Record<string, unknown>): Promise<string> {
  return (await search(fields)).runs?.map(({ info }) => info.run_name).join("") ?? "";
}

test("a found run is the run that runs/get gives", async () => {
  const { runs } = await search({ filter: "params.i = '2'" });
  const { run_id } = runs![0]!.info;
  const got = await mlflow("GET", "runs/get", { run_id });
  expect({ run: runs![0] }).toEqual(got.json());
  expect(runs).toHaveLength(1);
});

test("runs are found by filter, order and view, the latest first", async () => {
  expect(await names({})).toBe("dcba");
  expect(await names({ filter: "metrics.auc >= 0.2", order_by: ["metrics.auc ASC"] })).toBe("cd");
  expect(await names({ run_view_type: "DELETED_ONLY" })).toBe("e");
  expect(await names({ run_view_type: 3 })).toBe("edcba");
  expect(await search({ filter: "metrics.auc > 5" })).toEqual({});
  expect(await search({ experiment_ids: [] })).toEqual({});
  expect(await search({ experiment_ids: ["4711"] })).toEqual({});
});

test("pages follow each other, and the last has no token", async () => {
  const fields = { max_results: 2, run_view_type: "ALL", order_by: ["params.i"] };
  let found = "";
  let token: string | undefined;
  do {
    const page = await search(token === undefined ? fields : { ...fields, page_token: token });
    found += page.runs!.map(({ info }) => info.run_name).join("");
    token = page.next_page_token;
  } while (token !== undefined);
  expect(found).toBe("abcde");
});

test.each([
  [{ max_results: 0 }, "It must be a positive integer"],
  [{ max_results: 50_001 }, "It must be at most 50000, got 50001"],
  [{ page_token: "x" }, "Invalid page token"],
  [{ filter: "metrics.auc" }, "filter"],
  [{ filter: "params.i = '1' OR params.i = '2'" }, ""],
  [{ order_by: ["metrics.auc", "metrics.auc"] }, ""],
  [{ run_view_type: "SOME" }, "parameter 'run_view_type'"],
  [{ experiment_ids: ["abc"] }, "Invalid experiment ID 'abc'"],
])("runs/search with %j is 400", async (fields, phrase) => {
  const reply = await mlflow("POST", "runs/search", { experiment_ids: ["0"], ...fields });
  expect([reply.status, reply.json()["error_code"]]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect((reply.json()["message"] as string).toLowerCase()).toContain(phrase.toLowerCase());
});

test("the edges of max_results pass", async () => {
  expect(await names({ max_results: 1 })).toBe("d");
  expect(await names({ max_results: 50_000 })).toBe("dcba");
});

test.each(["GET", "POST"] as const)("experiments are found by %s", async (method) => {
  const found = async (fields: Record<string, unknown>) => {
    const reply = await mlflow(method, "experiments/search", { max_results: 1000, ...fields });
    return reply.json<Found>();
  };
  const page = await found({ filter: "tags.team = 'a'", order_by: ["name ASC"] });
  expect(page.experiments).toHaveLength(1);
  const got = await mlflow("GET", "experiments/get", { experiment_id });
  expect({ experiment: page.experiments![0] }).toEqual(got.json());
  const first = await found({ max_results: 1 });
  const second = await found({ max_results: 1, page_token: first.next_page_token });
  expect([...first.experiments!, ...second.experiments!].map(({ name }) => name)).toEqual([
    "searched",
    "Default",
  ]);
  expect(second.next_page_token).toBeUndefined();
  expect(await found({ view_type: "DELETED_ONLY" })).toEqual({});
  for (const max_results of [0, 50_001]) {
    const reply = await mlflow(method, "experiments/search", { max_results });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("'max_results'")]);
  }
  expect((await mlflow(method, "experiments/search", {})).text).toContain(
    "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
  );
});
