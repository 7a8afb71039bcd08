import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";

const { send, database } = await testServer();
const url = "/api/v1/api-keys";
const admin = await send("POST", url, { name: "admin", scope: "admin" });
const authorization = `Bearer ${admin.json<{ key: string }>().key}`;

function post(body: unknown, key: string) {
  return send("POST", url, body, { authorization, "idempotency-key": key });
}

test("a request repeated with its key gets the first reply and does nothing", async () => {
  const body = { name: "robot", scope: "read" };
  const first = await post(body, "k1");
  const second = await post(body, "k1");
  expect(first.status).toBe(201);
  expect([second.status, second.text]).toEqual([first.status, first.text]);
  const list = (await send("GET", url, undefined, { authorization })).json<{
    items: { name: string }[];
  }>();
  expect(list.items.filter(({ name }) => name === "robot")).toHaveLength(1);
});

test("a reply that shows a key is kept sealed, and a job's keeps its place", async () => {
  const made = (await post({ name: "sealed", scope: "read" }, "k-sealed")).json<{ key: string }>();
  const rows = await database.kysely.selectFrom("idempotent_reply").selectAll().execute();
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(made.key);
  const start = () =>
    send(
      "POST",
      "/api/v1/jobs",
      { kind: "tracking-gc" },
      { authorization, "idempotency-key": "j" },
    );
  const [first, second] = [await start(), await start()];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.headers["location"]).toBe(first.headers["location"]);
  expect(second.text).toBe(first.text);
});

test("the same key with another body is a conflict; another key is another request", async () => {
  await post({ name: "a", scope: "read" }, "k2");
  expect((await post({ name: "b", scope: "read" }, "k2")).json()).toMatchObject({
    status: 409,
    code: "CONFLICT",
  });
  expect((await post({ name: "b", scope: "read" }, "k3")).status).toBe(201);
});

test("a request that failed may be sent again with its key", async () => {
  const past = { name: "late", scope: "read", expires_at: "2020-01-01T00:00:00Z" };
  expect((await post(past, "k4")).status).toBe(400);
  expect((await post({ name: "late", scope: "read" }, "k4")).status).toBe(201);
});

test("two at once are done once", async () => {
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => post({ name: "once", scope: "read" }, "k5")),
  );
  expect(replies.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
  expect(replies.every(({ status }) => status === 201 || status === 409)).toBe(true);
  const made = await database.kysely
    .selectFrom("api_key")
    .select("id")
    .where("name", "=", "once")
    .execute();
  expect(made).toHaveLength(1);
});

test("a text that no database can hold is refused", async () => {
  for (const name of ["a\0", "\ud800", "\\\ud800"]) {
    expect((await send("POST", url, { name, scope: "read" }, { authorization })).status).toBe(400);
  }
  const kept = { name: "\\u0000 😀", scope: "read" };
  expect((await send("POST", url, kept, { authorization })).json()).toMatchObject(kept);
});

test("a body that is no JSON, of another type, or with unknown fields is refused by its field", async () => {
  const headers = { authorization, "content-type": "application/json" };
  expect((await send("POST", url, "{", headers)).json()).toMatchObject({ status: 400 });
  const xml = { authorization, "content-type": "text/xml" };
  expect((await send("POST", url, "<a/>", xml)).json()).toMatchObject({ status: 415 });
  const unknown = await send("POST", url, { name: 5, scope: "all", nmae: "x" }, { authorization });
  expect(unknown.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)).toEqual([
    ...["name", "scope", "nmae"],
  ]);
});
