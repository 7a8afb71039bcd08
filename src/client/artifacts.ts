import { type Fields, int64At, listAt, textAt } from "./fields.ts";
import { invalidArgument, TrackingError } from "./tracking-error.ts";
import type { Transport } from "./transport.ts";

/** A file or folder; `path` is below the root that was asked. */
export type ArtifactInfo = Readonly<{ path: string; isFolder: boolean; sizeBytes: number }>;

/** What can be uploaded. A stream is sent as it comes and cannot be sent again after a failure. */
export type ArtifactBody = Blob | Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array>;

/**
 * The files of a run or a logged model, through the server.
 *
 * @example
 * const files = client.artifacts(run.artifactUri);
 * await files.upload("notes/result.json", JSON.stringify({ auc: 0.93 }));
 * const text = await (await files.download("notes/result.json")).text();
 */
export type Artifacts = Readonly<{
  upload(path: string, body: ArtifactBody): Promise<void>;
  /** The reply, with the file as its body: `.text()`, `.arrayBuffer()`, or `.body` as a stream. */
  download(
    path: string,
    options?: Readonly<{ range?: Readonly<{ start: number; end?: number }> }>,
  ): Promise<Response>;
  /** What is in a folder, itself not opened further. */
  list(folder?: string): Promise<readonly ArtifactInfo[]>;
  /** Every file below a folder. */
  walk(folder?: string): AsyncIterable<ArtifactInfo>;
  /** A file, or a folder with all in it. */
  delete(path: string): Promise<void>;
}>;

/** The files below an artifact URI. */
export type ArtifactsClient = (artifactUri: string) => Artifacts;

const BASE = "/api/2.0/mlflow-artifacts/artifacts";

export function createArtifactsClient(transport: Transport): ArtifactsClient {
  return (artifactUri) => {
    const at = (path: string) => {
      const whole = [rootOf(artifactUri), ...partsOf(path)].map(encodeURIComponent).join("/");
      return `${BASE}/${whole.replaceAll("%2F", "/")}`;
    };

    async function list(folder = ""): Promise<readonly ArtifactInfo[]> {
      const parts = partsOf(folder);
      const path = [rootOf(artifactUri), ...parts].join("/");
      const reply = await transport.json({ method: "GET", path: BASE, query: { path } });
      return listAt(reply, "files").map((file) => toArtifactInfo(file, parts));
    }

    async function* walk(folder = ""): AsyncGenerator<ArtifactInfo> {
      for (const each of await list(folder)) {
        if (each.isFolder) yield* walk(each.path);
        else yield each;
      }
    }

    return {
      async upload(path, bytes) {
        if (partsOf(path).length === 0) throw invalidArgument("path: expected a file, got none");
        const headers = { "content-type": "application/octet-stream" };
        await transport.json({ method: "PUT", path: at(path), bytes, headers });
      },
      download(path, { range } = {}) {
        const headers =
          range === undefined ? {} : { range: `bytes=${range.start}-${range.end ?? ""}` };
        return transport.file({ method: "GET", path: at(path), headers });
      },
      list,
      walk,
      async delete(path) {
        if (partsOf(path).length === 0) throw invalidArgument("path: expected a file, got none");
        await transport.json({ method: "DELETE", path: at(path) });
      },
    };
  };
}

/** `mlflow-artifacts:/0/…` and `mlflow-artifacts://host/0/…` are below the server's own proxy. */
function rootOf(artifactUri: string): string {
  const root = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*?)\/*$/.exec(artifactUri)?.[1];
  if (root === undefined) {
    const message = `artifact URI: expected mlflow-artifacts:/…, which the server hands out, got ${artifactUri}`;
    throw new TrackingError(0, "NOT_PROXIED", message);
  }
  return root;
}

/** A path below the root; `..` would leave it, and a backslash is a separator on some machines. */
function partsOf(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || path.startsWith("/") || /[\\\0]/.test(path)) {
    throw invalidArgument(`path: expected a path below the root, got ${JSON.stringify(path)}`);
  }
  return parts;
}

function toArtifactInfo(file: Fields, folder: readonly string[]): ArtifactInfo {
  return {
    path: [...folder, textAt(file, "path")].join("/"),
    isFolder: file["is_dir"] === true,
    sizeBytes: Number(int64At(file, "file_size")),
  };
}
