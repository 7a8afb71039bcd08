import { posix } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import type { DirectArtifacts } from "../../tracking/direct-artifacts.ts";
import type { Services } from "../services.ts";
import { int32, list, message, required, text } from "./message.ts";
import { proxyOf } from "./proxy-of.ts";
import { call, type MlflowRoute } from "./route.ts";

const part = message({ part_number: required(int32), etag: required(text) });
/** The folder is in the call's path; of the client's own path the name counts. */
const file = { "*": required(text), path: required(text) };
const upload = { ...file, upload_id: text };

/**
 * Calls that let the client move a file to or from the object store itself. Where it cannot, the client
 * knows by the first words of the message that it shall use the proxy.
 */
export const artifactTransferRoutes: readonly MlflowRoute[] = [
  call(
    { method: "POST", path: "/mlflow-artifacts/mpu/create/*", scope: "write" },
    message({ ...file, num_parts: int32 }),
    async ({ num_parts, ...given }, services) => {
      const direct = directOf(services, "upload");
      const { id, urls } = await direct.startUpload(pathOf(given), num_parts ?? 0);
      return {
        upload_id: id,
        credentials: urls.map((url, index) => ({ url, part_number: index + 1, headers: {} })),
      };
    },
  ),
  call(
    { method: "POST", path: "/mlflow-artifacts/mpu/complete/*", scope: "write" },
    message({ ...upload, parts: list(part) }),
    async ({ upload_id, parts, ...given }, services) => {
      const direct = directOf(services, "upload");
      const sent = parts.map(({ part_number, etag }) => ({ number: part_number, etag }));
      await direct.finishUpload(pathOf(given), upload_id ?? "", sent);
      return {};
    },
  ),
  call(
    { method: "POST", path: "/mlflow-artifacts/mpu/abort/*", scope: "write" },
    message(upload),
    async ({ upload_id, ...given }, services) => {
      await directOf(services, "upload").abortUpload(pathOf(given), upload_id ?? "");
      return {};
    },
  ),
  call(
    { method: "GET", path: "/mlflow-artifacts/presigned/*", scope: "read" },
    message({ "*": required(text) }),
    async ({ "*": path }, services) => {
      const direct = directOf(services, "download");
      const found = await services.artifacts.find(path);
      if (found === undefined) {
        throw new DuetMindError("NOT_FOUND", `No such artifact: '${path}'`);
      }
      if (found === "folder") {
        const refusal = `Artifact path refers to a directory, not a file: '${path}'`;
        throw new DuetMindError("BAD_INPUT", refusal);
      }
      return { url: await direct.addressOf(found), headers: {}, file_size: found.sizeBytes };
    },
  ),
];

function directOf(services: Services, direction: "upload" | "download"): DirectArtifacts {
  const { direct } = proxyOf(services);
  if (direct !== undefined) return direct;
  throw new DuetMindError(
    "NOT_SUPPORTED",
    `Multipart ${direction} is not supported for the current artifact repository: expected an object store that clients reach themselves, got one that only the server does`,
  );
}

function pathOf(given: Readonly<{ "*": string; path: string }>): string {
  return `${given["*"]}/${posix.basename(given.path)}`;
}
