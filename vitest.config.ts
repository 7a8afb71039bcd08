import { defineConfig } from "vitest/config";

const shared = {
  globalSetup: ["test/support/build-once.ts"],
  setupFiles: ["test/support/fixed-seed.ts"],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

/** `unit` needs npm only. `interop` starts real peers, and runs the database tests on PostgreSQL. */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/summary-reporter.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.interop.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          name: "interop",
          globalSetup: [...shared.globalSetup, "test/interop/postgresql-server.ts"],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          include: [
            "test/**/*.interop.test.ts",
            "test/{store,audit,search,tracking,registry,access,events,server,agent-memory}/**/*.test.ts",
            "test/pipelines/{register,verify}*.test.ts",
          ],
        },
      },
    ],
  },
});
