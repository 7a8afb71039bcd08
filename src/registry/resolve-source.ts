import { DuetMindError } from "../core/errors.ts";
import type { Database } from "../store/database.ts";
import { proxyPath } from "../tracking/proxy-path.ts";
import { toVersionNumber } from "./registry-limits.ts";
import { findModelUri, noVersion } from "./registry-version-queries.ts";
import { invalidSource, liesIn, localPath, parseVersionSource } from "./version-source.ts";
import { findRunArtifactUri } from "./version-source-queries.ts";

/** What a version names as its origin. */
export type Origins = Readonly<{
  runId: string | undefined;
  loggedModel: Readonly<{ modelId: string; artifactUri: string }> | undefined;
}>;

/**
 * The URI at which the bytes of a source are, once it is sure that the run or the logged model that is
 * named holds them. Sources that only the client can reach are their own URI.
 */
export async function resolveSource(
  db: Database,
  given: string,
  origins: Origins,
): Promise<string> {
  const source = parseVersionSource(given);
  const { runId, loggedModel } = origins;
  switch (source.kind) {
    case "remote":
      return given;
    case "version": {
      const uri = await findModelUri(db, source.name, toVersionNumber(source.version));
      if (uri === undefined) throw noVersion(source.name, source.version);
      return uri;
    }
    case "logged-model":
      if (loggedModel?.modelId !== source.modelId) throw unidentified(given, "model_id");
      return join(loggedModel.artifactUri, source.path);
    case "run": {
      if (runId !== source.runId) throw unidentified(given, "run_id");
      // The run may be on another server: who says so is believed.
      const folder = await findRunArtifactUri(db, runId);
      return folder === undefined ? given : join(folder, source.path);
    }
    case "proxy": {
      const folders = await foldersOf(db, origins);
      if (folders.some((uri) => holds(proxyPath(uri), source.path))) return given;
      throw unidentified(given, "run_id or model_id");
    }
    case "local": {
      const folders = await foldersOf(db, origins);
      if (folders.some((uri) => holds(asLocalPath(uri), source.path))) return given;
      throw invalidSource(
        given,
        "To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.",
      );
    }
  }
}

async function foldersOf(db: Database, { runId, loggedModel }: Origins): Promise<string[]> {
  return [
    ...(runId === undefined ? [] : [await requireArtifactUri(db, runId)]),
    ...(loggedModel === undefined ? [] : [loggedModel.artifactUri]),
  ];
}

async function requireArtifactUri(db: Database, runId: string): Promise<string> {
  const uri = await findRunArtifactUri(db, runId);
  if (uri !== undefined) return uri;
  throw new DuetMindError("NOT_FOUND", `Run with id=${runId} not found`);
}

function holds(folder: string | undefined, path: string): boolean {
  return folder !== undefined && liesIn(path, folder);
}

/** The path of a file: URI, or of a bare path; undefined for what lies elsewhere. */
function asLocalPath(uri: string): string | undefined {
  if (/^file:/i.test(uri)) return localPath(uri.slice("file:".length));
  return /^[a-z][a-z0-9+.-]+:/i.test(uri) ? undefined : localPath(uri);
}

function unidentified(source: string, parameter: string): DuetMindError {
  return invalidSource(
    source,
    `The ${parameter} must identify the resource that contains the source.`,
  );
}

function join(root: string, path: string): string {
  return path === "" ? root : `${root}/${path}`;
}
