import { setTimeout as delay } from "node:timers/promises";
import type { KyselyPlugin } from "kysely";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { DuetMindError } from "../../src/core/errors.ts";
import { createJobs, type Job, type JobService } from "../../src/events/jobs.ts";
import { atEnd, testDatabase } from "../support/database.ts";
import { heldClock } from "../support/held-clock.ts";

const database = await testDatabase();
const jobs = createJobs(
  database,
  {
    count: async (request, { progress, log }) => {
      const { to } = request as { to: number };
      for (let i = 1; i <= to; i++) progress(i, to, "steps");
      log("counted");
      return { counted: to };
    },
    wait: (_request, { signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve(null))),
    refuse: async () => {
      throw new DuetMindError("NOT_FOUND", "thing: expected one, got none");
    },
    break: async () => {
      throw new TypeError("secret detail");
    },
  },
  systemClock,
);
atEnd(() => jobs.close());

async function finished(service: JobService, id: string): Promise<Job> {
  for (;;) {
    const job = await service.get(id);
    if (job.state !== "queued" && job.state !== "running") return job;
    await delay(10);
  }
}

test("a job is told at once and holds its progress, log and result when it is done", async () => {
  const started = await jobs.start("count", { to: 3 }, "ann");
  expect(started).toMatchObject({ kind: "count", actor: "ann" });
  expect(await finished(jobs, started.id)).toMatchObject({
    state: "succeeded",
    progress: { done: 3, total: 3, unit: "steps" },
    log_tail: "counted\n",
    result: { counted: 3 },
    error: null,
  });
});

test("a job that fails says why; of a bug it says only that it is one", async () => {
  const refused = await finished(jobs, (await jobs.start("refuse", {}, "ann")).id);
  expect(refused).toMatchObject({ state: "failed", error: { code: "NOT_FOUND" } });
  const broken = await finished(jobs, (await jobs.start("break", {}, "ann")).id);
  expect(broken).toMatchObject({ state: "failed", error: { code: "INTERNAL" } });
  expect(JSON.stringify(broken)).not.toContain("secret detail");
});

test("a job that is cancelled ends, and stays cancelled", async () => {
  const { id } = await jobs.start("wait", {}, "ann");
  expect((await jobs.cancel(id)).state).toBe("cancelled");
  expect((await finished(jobs, id)).state).toBe("cancelled");
  expect((await jobs.cancel(id)).state).toBe("cancelled");
});

test("a job whose server died is failed when its lease is over", async () => {
  const { id } = await jobs.start("wait", {}, "ann");
  // another server's clock says that the lease is over, however often this one renews it
  const later = { ...systemClock, now: () => new Date(Date.now() + 3_600_000) };
  expect(await createJobs(database, {}, later).get(id)).toMatchObject({
    state: "failed",
    error: { code: "INTERRUPTED" },
  });
});

test("a job that waits for its turn keeps its lease, so that nobody takes it for dead", async () => {
  const started: Job[] = [];
  for (let i = 0; i < 3; i++) started.push(await jobs.start("wait", {}, "ann"));
  const leaseOf = async () => {
    const row = await database.kysely
      .selectFrom("job")
      .select(["leased_until", "state"])
      .where("id", "=", started[2]!.id)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe("queued");
    return row.leased_until!.getTime();
  };
  const start = await leaseOf();
  while ((await leaseOf()) === start) await delay(20);
  for (const { id } of started) await jobs.cancel(id);
});

test("jobs that still wait when the server closes never begin, and are cancelled without an error", async () => {
  const began: unknown[] = [];
  const closing = createJobs(
    database,
    {
      wait: (request, { signal }) => {
        began.push(request);
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    },
    systemClock,
  );
  const started: Job[] = [];
  for (let i = 0; i < 4; i++) started.push(await closing.start("wait", { i }, "ann"));
  while (began.length < 2) await delay(5);
  await closing.close();
  expect(began).toHaveLength(2);
  for (const { id } of started) {
    expect(await jobs.get(id)).toMatchObject({ state: "cancelled", error: null });
  }
});

test("work that ends while the database is away is written down when it is back", async () => {
  let refusals = 0;
  const away: KyselyPlugin = {
    transformQuery({ node }) {
      if (refusals === 0 || node.kind !== "UpdateQueryNode") return node;
      refusals -= 1;
      throw new Error("the database is away");
    },
    transformResult: async ({ result }) => result,
  };
  const clock = heldClock(new Date().toISOString());
  const cut = createJobs(
    { ...database, kysely: database.kysely.withPlugin(away) },
    {
      cut: async () => {
        refusals = 3;
        return "done";
      },
    },
    clock,
  );
  const { id } = await cut.start("cut", {}, "ann");
  expect(await finished(cut, id)).toMatchObject({ state: "succeeded", result: "done" });
  expect(clock.slept).toContain(1000);
});

test("an unknown kind and an unknown job are refused", async () => {
  await expect(jobs.start("dance", {}, "ann")).rejects.toThrow(/expected the kind count or wait/);
  await expect(jobs.get("nothing")).rejects.toThrow(/got none/);
});
