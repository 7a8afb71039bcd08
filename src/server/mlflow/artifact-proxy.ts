import { DuetMindError } from "../../core/errors.ts";
import type { ArtifactService } from "../../tracking/artifacts.ts";
import type { Services } from "../services.ts";
import { message, text } from "./message.ts";
import { readBody } from "./read-body.ts";
import { call, type MlflowRequest, type MlflowRoute } from "./route.ts";
import { sendArtifact } from "./send-artifact.ts";
import { toWireFiles } from "./to-wire-files.ts";

const FILE = "/mlflow-artifacts/artifacts/*";

/** Calls that hand the client over to an object store's own addresses; its answer to 501 is the proxy. */
const handedOver = (
  [
    ["POST", "mpu/create"],
    ["POST", "mpu/complete"],
    ["POST", "mpu/abort"],
    ["GET", "presigned"],
  ] as const
).map(
  ([method, name]): MlflowRoute => ({
    method,
    path: `/mlflow-artifacts/${name}/*`,
    scope: method === "GET" ? "read" : "write",
    async handle(_request, services) {
      proxyOf(services);
      throw new DuetMindError(
        "NOT_SUPPORTED",
        `${name}: expected an object store that clients reach themselves, got one that only the server does`,
      );
    },
  }),
);

/** Calls by which clients move files through the server (reference: mlflow.md, section 1, artifact proxy). */
export const artifactProxyRoutes: readonly MlflowRoute[] = [
  {
    method: "PUT",
    path: FILE,
    scope: "write",
    streams: true,
    async handle(request, services) {
      const path = pathOf(request);
      if (path.endsWith("/")) {
        const detail = "Artifact path must include a filename (cannot end with '/').";
        return request.reply.code(400).send({ detail });
      }
      await proxyOf(services).put(path, readBody(request.raw, path));
      return request.reply.send();
    },
  },
  {
    method: "GET",
    path: FILE,
    scope: "read",
    streams: true,
    handle: async (request, services) =>
      sendArtifact(pathOf(request), proxyOf(services), request.raw, request.reply),
  },
  {
    method: "DELETE",
    path: FILE,
    scope: "write",
    streams: true,
    async handle(request, services) {
      await proxyOf(services).delete(pathOf(request));
      return {};
    },
  },
  call(
    { method: "GET", path: "/mlflow-artifacts/artifacts", scope: "read" },
    message({ path: text }),
    async ({ path }, services) => toWireFiles(await proxyOf(services).list(path ?? ""), ""),
  ),
  ...handedOver,
];

function proxyOf({ artifacts }: Services): ArtifactService {
  if (artifacts.isProxy) return artifacts;
  throw new DuetMindError(
    "STORAGE_UNAVAILABLE",
    "artifact proxy: expected a server that serves artifacts, got one started with --no-serve-artifacts",
  );
}

function pathOf({ raw }: MlflowRequest): string {
  return (raw.params as Readonly<{ "*": string }>)["*"];
}
