import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";
import { toArtifactPath } from "../../tracking/artifact-path.ts";
import type { ArtifactPlace, ArtifactService } from "../../tracking/artifacts.ts";
import { int64, message, required, text } from "./message.ts";
import { readBody } from "./read-body.ts";
import { call, fieldsOfQuery, type MlflowRoute } from "./route.ts";
import { runFields, runIdOf } from "./run-fields.ts";
import { sendArtifact } from "./send-artifact.ts";
import { toWireFiles } from "./to-wire-files.ts";

const MAX_UPLOAD_BYTES = 10 * 2 ** 20;

const folderOfModel = message({ model_id: required(text), artifact_directory_path: text });
const fileOfRun = message({ ...runFields, path: required(text) });
const fileOfModel = message({ model_id: required(text), artifact_file_path: required(text) });
const fileOfVersion = message({
  name: required(text),
  version: required(text),
  path: required(text),
});
const upload = message({ ...runFields, path: text });
const presign = message({ ...runFields, path: required(text), expiration: int64 });

/** Calls on the files of runs and models by the names that those have (reference: mlflow.md, section 1). */
export const artifactRoutes: readonly MlflowRoute[] = [
  call(
    { method: "GET", path: "/mlflow/artifacts/list", scope: "read" },
    message({ ...runFields, path: text }),
    async ({ path, ...run }, { artifacts }) =>
      listing(artifacts, `runs:/${runIdOf(run)}`, path ?? ""),
  ),
  call(
    { method: "GET", path: "/mlflow/logged-models/:model_id/artifacts/directories", scope: "read" },
    folderOfModel,
    async ({ model_id, artifact_directory_path }, { artifacts }) =>
      listing(artifacts, `models:/${model_id}`, artifact_directory_path ?? ""),
  ),
  ...(["upload", "download"] as const).map((direction) =>
    call(
      { method: "POST", path: `/mlflow/artifacts/presigned-${direction}-url`, scope: "write" },
      presign,
      async (request, { artifacts }) => {
        const { uri } = await artifacts.resolve(`runs:/${runIdOf(request)}`);
        throw new DuetMindError(
          "BAD_INPUT",
          `Presigned ${direction} URLs are not for files that pass through the server, as those of ${uri} do.`,
          { hint: "send and read them by the calls of the artifact proxy" },
        );
      },
    ),
  ),
  {
    method: "GET",
    path: "/mlflow/logged-models/:model_id/artifacts/files",
    ajaxOnly: true,
    scope: "read",
    streams: true,
    async handle({ raw, reply }, { artifacts }) {
      const { model_id, artifact_file_path } = fieldsOfQuery(raw, fileOfModel);
      const { path } = await artifacts.resolve(`models:/${model_id}`, artifact_file_path);
      return sendArtifact(path, artifacts, raw, reply);
    },
  },
  {
    method: "GET",
    path: "/get-artifact",
    atRoot: true,
    scope: "read",
    streams: true,
    async handle({ raw, reply }, { artifacts }) {
      const { path: name, ...run } = fieldsOfQuery(raw, fileOfRun);
      const { path } = await artifacts.resolve(`runs:/${runIdOf(run)}`, name);
      return sendArtifact(path, artifacts, raw, reply);
    },
  },
  {
    method: "GET",
    path: "/model-versions/get-artifact",
    atRoot: true,
    scope: "read",
    streams: true,
    async handle({ raw, reply }, { artifacts, modelVersions }) {
      const { path: name, ...key } = fieldsOfQuery(raw, fileOfVersion);
      const checked = toArtifactPath(name);
      const { path } = await artifacts.resolve(await modelVersions.downloadUri(key), checked);
      return sendArtifact(path, artifacts, raw, reply);
    },
  },
  {
    method: "POST",
    path: "/mlflow/upload-artifact",
    ajaxOnly: true,
    scope: "write",
    streams: true,
    async handle({ raw }, { artifacts }) {
      const fields = fieldsOfQuery(raw, upload);
      const runId = specified(fields.run_uuid || fields.run_id, "run_uuid");
      const name = toArtifactPath(specified(fields.path, "path"));
      const bytes = await smallBody(raw, name);
      const { path } = await artifacts.resolve(`runs:/${runId}`, name);
      await artifacts.put(path, Readable.from([bytes]));
      return {};
    },
  },
];

/** What lies in a folder below a root, by paths from that root. */
async function listing(
  artifacts: ArtifactService,
  root: string,
  folder: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { path }: ArtifactPlace = await artifacts.resolve(root, folder);
  const { uri, path: rootPath } = await artifacts.resolve(root);
  const below = path.slice(rootPath.length).replace(/^\//, "");
  return { root_uri: uri, ...toWireFiles(await artifacts.list(path), below) };
}

async function smallBody(request: FastifyRequest, subject: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of readBody(request, subject)) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_UPLOAD_BYTES) {
      throw new DuetMindError("BAD_INPUT", "Artifact size is too large. Max size is 10MB.");
    }
  }
  return specified(sizeBytes === 0 ? undefined : Buffer.concat(chunks), "data");
}

/** What this call says of a field that is missing, in words of its own. */
function specified<T>(value: T | undefined, name: string): T {
  if (value !== undefined && value !== "") return value;
  throw new DuetMindError("BAD_INPUT", `Request must specify ${name}.`, { path: name });
}
