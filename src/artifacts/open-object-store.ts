import { join, resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { stateFolder } from "../core/state-folder.ts";
import { createFolderStore } from "./folder-store.ts";
import type { ObjectStore } from "./object-store.ts";
import { type ArtifactsParams, DEFAULT_ARTIFACTS_URL } from "./params.ts";
import { isS3Address, toS3Address } from "./s3-address.ts";
import { openS3Bucket } from "./s3-bucket.ts";
import { createS3Store } from "./s3-store.ts";

/** The object store that params.yaml names; a relative folder is relative to the project. */
export function openObjectStore(
  params: ArtifactsParams,
  projectRoot: string,
  env: Environment,
  effects: Effects,
): ObjectStore {
  const { url, server_side_encryption, kms_key_id, ...connection } = params;
  if (url === DEFAULT_ARTIFACTS_URL) {
    return createFolderStore(join(stateFolder(projectRoot, env), "artifacts"), effects);
  }
  if (!isS3Address(url)) {
    return createFolderStore(resolve(projectRoot, url.slice("file:".length)), effects);
  }
  const { bucket, key } = toS3Address(url);
  const folder = key.replace(/\/+$/, "");
  const prefix = folder === "" ? "" : `${folder}/`;
  const incoming = join(stateFolder(projectRoot, env), "incoming");
  const encryption = {
    ...(server_side_encryption === undefined
      ? {}
      : { ServerSideEncryption: server_side_encryption }),
    ...(kms_key_id === undefined ? {} : { SSEKMSKeyId: kms_key_id }),
  };
  const opened = openS3Bucket({ bucket, connection, env, use: "STORAGE", encryption }, effects);
  return createS3Store({ bucket: opened, prefix, incoming }, effects);
}
