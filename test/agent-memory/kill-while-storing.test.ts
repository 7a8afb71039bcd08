import { expect, test } from "vitest";
import { temporaryFolder, testDatabaseEnv } from "../support/database.ts";
import { killWhileStoring } from "./kill-while-storing.ts";

test("kill -9 while storing: what was acknowledged is there, and nothing is there by half", async () => {
  const { DATABASE_URL } = await testDatabaseEnv();
  const { acknowledged, stored, lost, half } = await killWhileStoring(
    temporaryFolder(),
    DATABASE_URL,
    3,
  );
  expect({ lost, half }).toEqual({ lost: 0, half: 0 });
  expect(acknowledged).toBeGreaterThanOrEqual(3 * 30);
  expect(stored).toBeGreaterThanOrEqual(acknowledged);
}, 180_000);
