import { posix } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { decodeStable } from "../tracking/limits.ts";
import { assertPlainText, MAX_SOURCE } from "./registry-limits.ts";

/**
 * Where a client says a model version is. The server never opens a source that is not its own; but a
 * source in its artifacts must lie in those of the run or the logged model that the version names, so
 * that whoever reads the one may read the other (reference: mlflow.md, section 9).
 */
export type VersionSource =
  /** In the artifact proxy, at a path such as `0/<run>/artifacts/model`. */
  | Readonly<{ kind: "proxy"; path: string }>
  | Readonly<{ kind: "local"; path: string }>
  | Readonly<{ kind: "run"; runId: string; path: string }>
  | Readonly<{ kind: "logged-model"; modelId: string; path: string }>
  | Readonly<{ kind: "version"; name: string; version: string }>
  /** In a store that the client reaches by itself. */
  | Readonly<{ kind: "remote" }>;

export function parseVersionSource(source: string): VersionSource {
  assertPlainText(source, MAX_SOURCE, "Source");
  const decoded = decodeStable(source);
  if (/(^|[/\\:])\.\.([/\\]|$)/.test(decoded)) {
    throw invalidSource(
      source,
      "If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.",
    );
  }
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(decoded) ?? [];
  switch (scheme.toLowerCase()) {
    case "":
    case "file":
      return { kind: "local", path: localPath(scheme === "" ? decoded : rest) };
    case "mlflow-artifacts":
      return { kind: "proxy", path: withoutEnds(rest.replace(/^\/\/[^/]*/, "")) };
    case "runs": {
      const [runId = "", path] = firstPart(withoutEnds(rest));
      return { kind: "run", runId, path };
    }
    case "http":
    case "https":
      throw invalidSource(
        source,
        `'source' cannot use the '${scheme.toLowerCase()}' scheme: it would lead readers to a host that is not the artifact store.`,
      );
    case "models":
      return modelSource(withoutEnds(rest), source);
    default:
      return { kind: "remote" };
  }
}

function modelSource(rest: string, source: string): VersionSource {
  const [first, path] = firstPart(rest);
  if (/^m-[0-9a-f]{32}$/.test(first)) return { kind: "logged-model", modelId: first, path };
  if (/^\d+$/.test(path)) return { kind: "version", name: first, version: path };
  throw invalidSource(source, "Expected models:/NAME/VERSION or models:/m-ID.");
}

/** Whether a path of the same root is the folder, or lies in it. */
export function liesIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** An absolute path in its normal form; of a URI, what follows the host. */
export function localPath(given: string): string {
  return posix.normalize(given.replace(/^\/\/[^/]*(?=\/)/, "")).replace(/(?<=.)\/+$/, "");
}

export function invalidSource(source: string, reason: string): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `Invalid model version source: '${source.slice(0, 500)}'. ${reason}`,
  );
}

function withoutEnds(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

function firstPart(path: string): [string, string] {
  const slash = path.indexOf("/");
  return slash < 0 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
}
