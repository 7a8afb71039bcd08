import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../interop/free-port.ts";
import { testDatabaseEnv } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";
import { testServer } from "../support/server.ts";
import { projectWithRecords } from "./register-project.ts";

test("a command that registers never fails for the other server, and the run gets there later", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  const away = { ...project.env, MLFLOW_TRACKING_URI: `http://127.0.0.1:${await freePort()}` };
  const registered = await runIn(project.root, ["register"], away);
  expect(registered.exitCode).toBe(0);
  expect(registered.stderr).toMatch(
    /not mirrored to MLFLOW_TRACKING_URI yet: 1 runs \(.*ECONNREFUSED.*tracking mirror/,
  );
  const still = await runIn(project.root, ["tracking", "mirror", "--json"], away);
  expect(still.exitCode).toBe(1);
  expect(still.json()).toMatchObject({
    mirrored: 0,
    waiting: [{ state: "waiting", reason: expect.stringContaining("ECONNREFUSED") }],
  });

  const other = await testServer();
  await other.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = other.app.server.address() as AddressInfo;
  const back = { ...project.env, MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` };
  const mirrored = await runIn(project.root, ["tracking", "mirror"], back);
  expect([mirrored.exitCode, mirrored.stdout]).toEqual([0, "1 of 1 runs mirrored\n"]);
  const again = await runIn(project.root, ["tracking", "mirror", "--json"], back);
  expect(again.json()).toEqual({ schema_version: 1, mirrored: 0, waiting: [] });

  const { experiment } = (
    await other.mlflow("GET", "experiments/get-by-name", { experiment_name: "study" })
  ).json<{ experiment: { experiment_id: string } }>();
  const found = await other.mlflow("POST", "runs/search", {
    experiment_ids: [experiment.experiment_id],
  });
  const { runs } = found.json<{
    runs: { info: { status: string }; data: { tags: unknown[] } }[];
  }>();
  expect(runs).toMatchObject([{ info: { status: "FINISHED" } }]);
  expect(runs[0]!.data.tags).toContainEqual({ key: "duetmind.model", value: "risk" });
});

test("without MLFLOW_TRACKING_URI nothing waits, and tracking mirror says what it needs", async () => {
  const project = projectWithRecords(await testDatabaseEnv());
  const registered = await runIn(project.root, ["register"], project.env);
  expect(registered.stderr).not.toContain("mirror");
  const refused = await runIn(project.root, ["tracking", "mirror"], project.env);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("expected MLFLOW_TRACKING_URI to name a server, got none");
  const env = { ...project.env, MLFLOW_TRACKING_URI: "http://127.0.0.1:1" };
  const nothing = await runIn(project.root, ["tracking", "mirror"], env);
  expect([nothing.exitCode, nothing.stdout]).toEqual([0, "every run is mirrored\n"]);
  const wrong = await runIn(project.root, ["tracking", "mirror", "--timeout", "soon"], env);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    2,
    expect.stringContaining("1 to 86400 seconds"),
  ]);
});
