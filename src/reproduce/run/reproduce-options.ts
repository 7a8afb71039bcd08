import type { Environment } from "../../core/environment.ts";
import type { Change } from "./decide.ts";
import type { Installation } from "./launcher.ts";
import type { StageOutput } from "./run-stage.ts";
import type { OnError } from "./scheduler.ts";

/** What a person asks of `reproduce`: DVC's flags by their names. */
export type ReproduceOptions = Readonly<{
  /** Where the command was called: targets are relative to it. */
  folder: string;
  targets: readonly string[];
  force: boolean;
  /** Stages after one that ran run too, changed or not. */
  forceDownstream: boolean;
  singleItem: boolean;
  pipeline: boolean;
  allPipelines: boolean;
  downstream: boolean;
  recursive: boolean;
  glob: boolean;
  dry: boolean;
  onError: OnError;
  /** Puts outs into the cache. */
  commit: boolean;
  /** Looks for a run of the same command with the same inputs. */
  runCache: boolean;
  /** Data that is not there is no reason to run a stage that did not change. */
  allowMissing: boolean;
  /** Asks a person whether a stage is to run; null: it runs. */
  confirm: ((stage: string) => Promise<boolean>) | null;
  /** Tries to bring recorded outs, by their absolute paths, that are not there; null: they stay away. */
  bring: ((paths: readonly string[]) => Promise<void>) | null;
  /** How many stages may run at a time. */
  jobs: number;
  env: Environment;
  installation: Installation;
  output: StageOutput;
  /** How long to wait for another run that has the same paths. */
  lockWaitMs: number;
}>;

export type StageState = "ran" | "unchanged" | "restored" | "failed" | "blocked" | "would_run";

export type StageReport = Readonly<{
  stage: string;
  state: StageState;
  changes: readonly Change[];
  exitCode: number | null;
  seconds: number | null;
}>;

export type ReproduceReport = Readonly<{
  ok: boolean;
  dry: boolean;
  stages: readonly StageReport[];
  lockChanged: boolean;
  /** What went wrong in the stages that failed. */
  failure?: string;
}>;
