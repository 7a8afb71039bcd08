import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Effects } from "../../src/core/effects.ts";
import { realEffects } from "../../src/core/effects.ts";
import { runReproduce } from "../../src/reproduce/run/reproduce.ts";
import type { ReproduceOptions } from "../../src/reproduce/run/reproduce-options.ts";

/** A folder with a dvc.yaml, for one test. */
export type TestProject = Readonly<{
  folder: string;
  write(path: string, content: string): void;
  read(path: string): string;
  has(path: string): boolean;
  /** Runs reproduce and returns each stage's state and reasons. */
  run(options?: Partial<ReproduceOptions>, effects?: Effects): Promise<Outcome>;
  remove(): void;
}>;

export type Outcome = Readonly<{
  ok: boolean;
  lockChanged: boolean;
  stages: Readonly<Record<string, string>>;
  failure?: string;
}>;

export function createProject(
  files: Readonly<Record<string, string>>,
  folder = mkdtempSync(join(tmpdir(), "duetmind-reproduce-")),
): TestProject {
  const at = (path: string) => join(folder, path);
  const write = (path: string, content: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    folder,
    write,
    read: (path) => readFileSync(at(path), "utf8"),
    has: (path) => existsSync(at(path)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
    async run(options = {}, effects = realEffects) {
      const report = await runReproduce({ ...defaults(folder), ...options }, effects);
      return {
        ok: report.ok,
        lockChanged: report.lockChanged,
        stages: Object.fromEntries(
          report.stages.map(({ stage, state, changes }) => [
            stage,
            [state, ...changes.map(({ what }) => what)].join(" | "),
          ]),
        ),
        ...(report.failure === undefined ? {} : { failure: report.failure }),
      };
    },
  };
}

function defaults(folder: string): ReproduceOptions {
  return {
    folder,
    targets: [],
    force: false,
    forceDownstream: false,
    singleItem: false,
    pipeline: false,
    allPipelines: false,
    downstream: false,
    recursive: false,
    glob: false,
    dry: false,
    onError: "stop",
    commit: true,
    runCache: true,
    allowMissing: false,
    confirm: null,
    bring: null,
    jobs: 2,
    env: { PATH: process.env["PATH"], SHELL: "/bin/sh" },
    installation: { node: process.execPath, script: "/nonexistent/duetmind.js" },
    output: "ignore",
    lockWaitMs: 0,
  };
}
