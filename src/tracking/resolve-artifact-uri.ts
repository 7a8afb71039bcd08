import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { noRun } from "./active-run.ts";
import { toArtifactPath } from "./artifact-path.ts";
import { noLoggedModel } from "./logged-model-queries.ts";
import { proxyPath } from "./proxy-path.ts";

/** A place that a URI names: as the URI where its files are, and as a path of the artifact proxy. */
export type ArtifactPlace = Readonly<{ uri: string; path: string }>;

/**
 * Where the files are that a URI of MLflow's names: `runs:/<id>/model`, `models:/m-<id>`, or
 * `mlflow-artifacts:/0/<id>/artifacts`, with or without a host. NOT_SUPPORTED for files that clients
 * keep elsewhere, which do not pass through this server.
 */
export async function resolveArtifactUri(db: Database, uri: string): Promise<ArtifactPlace> {
  const [, runId, runPath] = /^runs:\/+([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  if (runId !== undefined) return below(await rootOfRun(db, runId), runPath!);
  const [, modelId, modelPath] = /^models:\/+(m-[^/]+)\/?(.*)$/s.exec(uri) ?? [];
  if (modelId !== undefined) return below(await rootOfModel(db, modelId), modelPath!);
  return { uri, path: proxyPathOf(uri) };
}

/** A place below another; the path is held to the rules of the proxy by itself. */
export function below({ uri, path }: ArtifactPlace, given: string): ArtifactPlace {
  const rest = toArtifactPath(given);
  return rest === "" ? { uri, path } : { uri: `${uri}/${rest}`, path: `${path}/${rest}` };
}

function proxyPathOf(uri: string): string {
  const path = proxyPath(uri);
  if (path !== undefined) return toArtifactPath(path);
  throw new DuetMindError(
    "NOT_SUPPORTED",
    `artifacts: expected files that this server keeps (mlflow-artifacts:), got ${uri}`,
    { hint: "read them where they are, with the client that wrote them" },
  );
}

async function rootOfRun(db: Database, runId: string): Promise<ArtifactPlace> {
  const found = await db
    .selectFrom("runs")
    .select("artifact_uri")
    .where("run_id", "=", runId)
    .executeTakeFirst();
  if (found === undefined) throw noRun(runId);
  return { uri: found.artifact_uri, path: proxyPathOf(found.artifact_uri) };
}

async function rootOfModel(db: Database, modelId: string): Promise<ArtifactPlace> {
  const found = await db
    .selectFrom("logged_models")
    .select("artifact_uri")
    .where("model_id", "=", modelId)
    .where("lifecycle_stage", "=", "active")
    .executeTakeFirst();
  if (found === undefined) throw noLoggedModel(modelId);
  return { uri: found.artifact_uri, path: proxyPathOf(found.artifact_uri) };
}
