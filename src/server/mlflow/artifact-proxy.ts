import { message, text } from "./message.ts";
import { proxyOf } from "./proxy-of.ts";
import { readBody } from "./read-body.ts";
import { call, type MlflowRequest, type MlflowRoute } from "./route.ts";
import { sendArtifact } from "./send-artifact.ts";
import { toWireFiles } from "./to-wire-files.ts";

const FILE = "/mlflow-artifacts/artifacts/*";

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
];

function pathOf({ raw }: MlflowRequest): string {
  return (raw.params as Readonly<{ "*": string }>)["*"];
}
