import { expect, test } from "vitest";
import { openObjectStore } from "../../src/artifacts/open-object-store.ts";
import { artifactsParams } from "../../src/artifacts/params.ts";
import { systemClock } from "../../src/core/clock.ts";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createArtifacts } from "../../src/tracking/artifacts.ts";
import {
  atEnd,
  defaultDatabaseParams,
  temporaryFolder,
  testDatabaseEnv,
} from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";

type Report = Readonly<{ deleted: boolean; runs: { run_id: string }[] }>;

test("tracking gc only looks without --yes, and takes what is older than asked", async () => {
  const [cwd, env] = [temporaryFolder(), await testDatabaseEnv()];
  const database = await openDatabase({
    ...{ root: cwd, env, params: defaultDatabaseParams, effects: realEffects },
  });
  atEnd(() => database.close());
  const days = (n: number) => new Date(Date.now() - n * 24 * 3600 * 1000);
  const run = (run_id: string, age: number) => ({
    ...{ run_id, experiment_id: 0, run_name: run_id, status: "FINISHED" },
    ...{ artifact_uri: `mlflow-artifacts:/0/${run_id}/artifacts` },
    ...{ lifecycle_stage: "deleted", deleted_at: days(age) },
  });
  await database.kysely
    .insertInto("runs")
    .values([run("old", 31), run("young", 29), run("fresh", 0)])
    .execute();
  const gc = async (...more: string[]) => {
    const { json } = await runIn(cwd, ["tracking", "gc", "--json", ...more], env);
    const { deleted, runs } = json<Report>();
    return [deleted, runs.map(({ run_id }) => run_id)];
  };
  expect(await gc()).toEqual([false, ["old"]]);
  expect(await gc("--dry-run", "--older-than", "28d23h")).toEqual([false, ["old", "young"]]);
  expect(await gc("--yes")).toEqual([true, ["old"]]);
  expect(await gc("--yes", "--older-than", "0s")).toEqual([true, ["fresh", "young"]]);
  const text = await runIn(cwd, ["tracking", "gc"], env);
  expect([text.exitCode, text.stdout.trim()]).toEqual([0, "nothing to delete"]);
});

test("the bytes of what goes are freed, in the place of artifacts that is named", async () => {
  const [cwd, env] = [temporaryFolder(), await testDatabaseEnv()];
  const database = await openDatabase({
    ...{ root: cwd, env, params: defaultDatabaseParams, effects: realEffects },
  });
  atEnd(() => database.close());
  const params = artifactsParams.parse({ url: "file:kept" });
  const store = openObjectStore(params, cwd, {}, realEffects);
  const options = { isProxy: true, maxBytes: undefined };
  const artifacts = createArtifacts(database, store, options, systemClock);
  const bytes = async function* () {
    yield Buffer.from("12345");
  };
  const { digest } = await artifacts.put("0/r/artifacts/model.bin", bytes());
  await artifacts.delete("0/r");
  const gc = async (...more: string[]) => {
    const { stdout } = await runIn(cwd, ["tracking", "gc", "--older-than", "0s", ...more], env);
    return stdout.trim();
  };
  expect(await gc("--artifacts", "file:kept")).toContain("would free 5 bytes");
  expect(await gc("--yes")).toContain("1 contents are not in this place of artifacts: --artifacts");
  expect(await store.has(digest)).toBe(true);
  expect(await gc("--yes", "--artifacts", "file:kept")).toContain("freed 5 bytes");
  expect(await store.has(digest)).toBe(false);
  expect(await gc("--yes")).toBe("nothing to delete");
});

test.each([
  [["--artifacts", "ftp://x"], "--artifacts: url: expected a folder such as file:"],
  [["--older-than", "soon"], "--older-than: expected a time"],
  [["--older-than", ""], "--older-than: expected a time"],
  [["--older-than", "99999999d"], "--older-than: expected a time"],
  [["--yes", "--dry-run"], "expected --yes or --dry-run, got both"],
  [["--experiment-ids", "abc"], "Invalid experiment ID 'abc'"],
])("tracking gc %j is refused", async (argv, message) => {
  const env = await testDatabaseEnv();
  const run = await runIn(temporaryFolder(), ["tracking", "gc", ...argv], env);
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(message)]);
});
