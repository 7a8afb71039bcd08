import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { z } from "zod";
import { fixedClock } from "../../../src/core/clock.ts";
import { realEffects } from "../../../src/core/effects.ts";
import { findRecords } from "../../../src/pipelines/register-find.ts";
import { registerRecord } from "../../../src/pipelines/register-records.ts";
import { API_ROUTES } from "../../../src/server/v1/add-api.ts";
import { toOpenApi } from "../../../src/server/v1/open-api.ts";
import { projectWithRecords, writeStages } from "../../pipelines/register-project.ts";
import { testServer } from "../../support/server.ts";

const server = await testServer();
const { send } = server;
const effects = { ...realEffects, clock: fixedClock("2026-11-23T10:00:05Z") };
const project = projectWithRecords();
for (const words of ["first", "second"]) {
  writeStages(project, words);
  for (const record of await findRecords(project, effects)) {
    await registerRecord(project, record, server.database.kysely, effects);
  }
}

/** The reply of a route, held against the schema that its page shows. */
async function get(path: string, route: string) {
  const reply = await send("GET", `/api/v1${path}`);
  expect(reply.status, reply.text).toBe(200);
  const found = API_ROUTES.find((each) => each.method === "GET" && each.path === route)!;
  return (
    found.reply as z.ZodType<{ items: Record<string, unknown>[] } & Record<string, unknown>>
  ).parse(reply.json());
}

test("lists name what is registered, the newest version first", async () => {
  const datasets = await get("/datasets?count=true", "/datasets");
  expect(datasets.items.map(({ name, version }) => `${name}@${version}`)).toEqual([
    ...["patients@2", "patients@1", "risk.features@2", "risk.features@1"],
    ...["risk.labels@2", "risk.labels@1", "risk.split@2", "risk.split@1"],
  ]);
  expect(datasets).toMatchObject({ count: 8, next_page_token: null });
  const views = await get("/feature-views", "/feature-views");
  expect(views.items.map(({ name }) => name)).toContain("risk");
  const models = await get("/models", "/models");
  expect(models.items).toMatchObject([{ name: "risk", latest_version: 2, version_count: 2 }]);
  const versions = await get("/models/risk/versions", "/models/{name}/versions");
  expect(versions.items.map(({ version }) => version)).toEqual([2, 1]);
  const runs = await get("/stage-runs?order_by=stage", "/stage-runs");
  expect(runs.items.map(({ stage }) => stage)).toEqual([
    ...["data", "data", "features", "features", "train", "train"],
  ]);
});

test("each thing has a page of its own, which fits its schema", async () => {
  const dataset = "/datasets/{name}/versions/{version}";
  expect(await get("/datasets/patients/versions/2", dataset)).toMatchObject({ name: "patients" });
  await get("/feature-views/risk/versions/1", "/feature-views/{name}/versions/{version}");
  await get("/models/risk", "/models/{name}");
  const card = await get("/models/risk/versions/1", "/models/{name}/versions/{version}");
  expect(card).toMatchObject({ model: "risk", version: 1 });
  const { items } = await get("/stage-runs?filter=stage = 'train'", "/stage-runs");
  const digest = items[0]!["digest"];
  expect(await get(`/stage-runs/${digest}`, "/stage-runs/{digest}")).toMatchObject({
    stage: "train",
    record: { stage: "train" },
  });
});

test("pages follow each other, and a token goes only with its own query", async () => {
  const seen: unknown[] = [];
  let token = "";
  do {
    const query = `limit=3${token === "" ? "" : `&page_token=${token}`}`;
    const page = await get(`/datasets?${query}`, "/datasets");
    seen.push(...page.items.map(({ name, version }) => `${name}@${version}`));
    token = (page["next_page_token"] as string | null) ?? "";
    if (seen.length === 3) {
      const other = await send("GET", `/api/v1/datasets?limit=3&order_by=name&page_token=${token}`);
      expect(other.json()).toMatchObject({ status: 400, code: "BAD_INPUT" });
    }
  } while (token !== "");
  expect(new Set(seen).size).toBe(8);
});

test.each([
  ["/datasets?limit=0", 400, "limit"],
  ["/datasets?limit=1001", 400, "limit"],
  ["/datasets?what=1", 400, "what"],
  ["/datasets?filter=nothing = 'x'", 400, undefined],
  ["/datasets?order_by=file_path", 400, undefined],
  ["/datasets/nobody/versions/1", 404, undefined],
  ["/datasets/patients/versions/9", 404, undefined],
  ["/datasets/patients/versions/x", 400, "version"],
  ["/models/nobody/versions", 404, undefined],
  ["/feature-views/risk/versions/9", 404, undefined],
  ["/stage-runs/sha256:0", 404, undefined],
] as const)("%s is a problem with status %i", async (path, status, fault) => {
  const reply = await send("GET", `/api/v1${path}`);
  expect(reply.status).toBe(status);
  expect(reply.headers["content-type"]).toContain("application/problem+json");
  const problem = reply.json();
  expect(problem).toMatchObject({
    status,
    code: expect.any(String),
    request_id: expect.any(String),
  });
  if (fault !== undefined) {
    expect(problem["errors"]).toMatchObject([
      { path: fault, expected: expect.any(String), got: expect.any(String) },
    ]);
  }
});

test("a reader that has the reply already gets 304; a writer of an older state gets 412", async () => {
  const first = await send("GET", "/api/v1/models/risk");
  const etag = first.headers["etag"] as string;
  const again = await send("GET", "/api/v1/models/risk", undefined, { "if-none-match": etag });
  expect([again.status, again.text]).toEqual([304, ""]);
  const write = { description: "predicts risk" };
  const fresh = await send("PATCH", "/api/v1/models/risk", write, { "if-match": etag });
  expect(fresh.json()).toMatchObject(write);
  const stale = await send(
    "PATCH",
    "/api/v1/models/risk",
    { description: null },
    { "if-match": etag },
  );
  expect(stale.json()).toMatchObject({ status: 412, code: "PRECONDITION_FAILED" });
  expect((await send("GET", "/api/v1/models/risk")).json()).toMatchObject(write);
});

test("of writers at once who have read the same, one changes it and the others are refused", async () => {
  const etag = (await send("GET", "/api/v1/models/risk")).headers["etag"] as string;
  const replies = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      send("PATCH", "/api/v1/models/risk", { description: `writer ${i}` }, { "if-match": etag }),
    ),
  );
  const statuses = replies.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([200, 412, 412, 412, 412, 412]);
});

test("the page of the routes is the committed one", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/openapi.json"), "utf8");
  // written by scripts/write-open-api.ts
  expect(JSON.parse(page)).toEqual(JSON.parse(JSON.stringify(toOpenApi(API_ROUTES))));
});

test("every route names one permission and a summary", () => {
  for (const { method, path, permission, summary } of API_ROUTES) {
    expect(permission, `${method} ${path}`).toMatch(/^([a-z-]+:(read|write|admin)|memory:forget)$/);
    expect(permission.split(":")[1] === "read", `${method} ${path}`).toBe(
      (method === "GET" && !path.startsWith("/api-keys")) || path.endsWith("/searches"),
    );
    expect(summary).not.toBe("");
  }
});
