/**
 * Brings another tracking server here: `duetmind import mlflow --from URL`. It is read by the client,
 * page by page, and written by the same queries as everything else.
 *
 * Nothing says how far an import came but what is here: ids stay, so that each thing is known again,
 * and carries where it came from (written with it) and how much of it is here (written last). A killed
 * import is started again and goes on; one that is done finds nothing to do.
 *
 * Order: experiments, then their runs with files, then logged models (whose metrics need runs), then
 * the registry (whose versions need both).
 */
import {
  createTrackingClient,
  type TrackingClient,
  type TrackingClientOptions,
  TrackingError,
} from "../client/create-tracking-client.ts";
import type { Effects } from "../core/effects.ts";
import { DuetMindError, type ErrorCode } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { countImportedModels } from "../registry/import-count-queries.ts";
import type { OpenedDatabase } from "../store/database.ts";
import type { ArtifactService } from "../tracking/artifacts.ts";
import type { ExperimentService } from "../tracking/experiments.ts";
import { countImported } from "../tracking/import-count-queries.ts";
import { type Comparison, createTally, type Tally } from "./import-mlflow-counts.ts";
import { importExperiments } from "./import-mlflow-experiments.ts";
import { importLoggedModels } from "./import-mlflow-logged-models.ts";
import { importModels } from "./import-mlflow-models.ts";
import { importRuns } from "./import-mlflow-runs.ts";

export type ImportRequest = Readonly<{
  /** Where to read from, and as whom. */
  from: TrackingClientOptions;
  /** All when undefined; then only the versions that came from these are taken from the registry. */
  experiments: readonly string[] | undefined;
  withFiles: boolean;
  actor: string;
}>;

/** Where to write to. */
export type ImportTarget = Readonly<{
  database: OpenedDatabase;
  experiments: ExperimentService;
  artifacts: ArtifactService;
}>;

/** Something that could not be brought here; the rest was. */
export type ImportFailure = Readonly<{ what: string; reason: string }>;

export type ImportReport = Readonly<{
  from: string;
  counts: readonly Comparison[];
  failures: readonly ImportFailure[];
}>;

/** What every part of an import works with. */
export type ImportJob = Readonly<{
  client: TrackingClient;
  target: ImportTarget;
  /** The address of the server, without a password. */
  origin: string;
  withFiles: boolean;
  actor: string;
  tally: Tally;
  effects: Effects;
  /** Does one thing of many: what is wrong with it is noted, and the others go on. */
  attempt(what: string, work: () => Promise<void>): Promise<void>;
}>;

export async function importMlflow(
  request: ImportRequest,
  target: ImportTarget,
  effects: Effects,
): Promise<ImportReport> {
  const failures: ImportFailure[] = [];
  const tally = createTally();
  const job: ImportJob = {
    client: openClient(request.from),
    target,
    origin: originOf(request.from.url),
    withFiles: request.withFiles,
    actor: request.actor,
    tally,
    effects,
    async attempt(what, work) {
      throwIfInterrupted(effects.signal);
      try {
        await work();
      } catch (error) {
        if (isGone(error) || !isKnown(error)) throw error;
        failures.push({ what, reason: error.message });
      }
    },
  };
  try {
    const experiments = await importExperiments(job, request.experiments);
    await importRuns(job, experiments);
    await importLoggedModels(job, experiments);
    const names = await importModels(job, experiments, request.experiments !== undefined);
    const { kysely } = target.database;
    const ids = experiments.map(({ id }) => id);
    const here = {
      experiments: experiments.length,
      ...(await countImported(kysely, ids, job.origin)),
      ...(await countImportedModels(kysely, names, job.origin)),
    };
    return { from: job.origin, counts: tally.compare(here), failures };
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    const isRefused = error.status === 401 || error.status === 403;
    throw new DuetMindError(
      isRefused ? "SOURCE_REFUSED" : "SOURCE_UNAVAILABLE",
      `${job.origin}: expected a tracking server that answers, got ${error.errorCode}: ${error.message}`,
      {
        cause: error,
        hint: isRefused
          ? "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
          : "what came so far stays; run the same command to go on",
      },
    );
  }
}

function openClient(from: TrackingClientOptions): TrackingClient {
  try {
    return createTrackingClient(from);
  } catch (error) {
    if (!(error instanceof TrackingError)) throw error;
    throw new DuetMindError("USAGE", `--from: ${error.message}`, { cause: error });
  }
}

/** What is wrong is not this one thing: the server is away or lets nobody in, or we cannot write. */
function isGone(error: unknown): boolean {
  if (error instanceof DuetMindError) return OURS.has(error.code);
  if (!(error instanceof TrackingError)) return false;
  const { status, errorCode } = error;
  return status === 401 || status === 403 || status >= 500 || GONE.has(errorCode);
}

const GONE = new Set(["CONNECTION_FAILED", "TIMEOUT"]);
const OURS = new Set<ErrorCode>([
  ...(["INTERRUPTED", "DATABASE_UNAVAILABLE", "STORAGE_UNAVAILABLE"] as const),
  ...(["DISK_FULL", "NOT_WRITABLE"] as const),
]);

function isKnown(error: unknown): error is TrackingError | DuetMindError {
  return error instanceof TrackingError || error instanceof DuetMindError;
}

function originOf(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
