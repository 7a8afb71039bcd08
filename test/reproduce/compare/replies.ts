import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../../../src/cli/run.ts";
import type { Environment } from "../../../src/core/environment.ts";
import { buildScenario, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

/** What real DVC said to one command line in a scenario. */
export type Reply = Readonly<{
  command: string;
  status: number;
  stdout: readonly string[];
  stderr: readonly string[];
}>;

const RECORDED = join(import.meta.dirname, "..", "..", "interop", "dvc-3.67.1", "compare");

export function readReplies(scenario: string): readonly Reply[] {
  return JSON.parse(readFileSync(join(RECORDED, `${scenario}.json`), "utf8")) as Reply[];
}

export type Said = Readonly<{ status: number; stdout: string; stderr: string }>;

/** A scenario's repository in which DuetMind is asked. */
export type Asked = Readonly<{
  folder: string;
  /** `inside`: the folder of the call, from the root. */
  ask(command: string, inside?: string, env?: Environment): Promise<Said>;
  remove(): void;
}>;

export function openScenario(scenario: string | Scenario): Asked {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-compare-"));
  buildScenario(folder, typeof scenario === "string" ? SCENARIOS[scenario]! : scenario);
  return {
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    async ask(command, inside = ".", env = {}) {
      const output = () => {
        let text = "";
        return { write: (more: string) => (text += more), read: () => text };
      };
      const [stdout, stderr] = [output(), output()];
      const status = await runCli({
        argv: command.split(" "),
        env: { PATH: process.env["PATH"], HOME: folder, ...env },
        cwd: join(folder, inside),
        stdout,
        stderr,
      });
      const plain = (text: string) => text.replaceAll(folder, "<root>");
      return { status, stdout: plain(stdout.read()), stderr: plain(stderr.read()) };
    },
  };
}
