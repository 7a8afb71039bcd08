import { resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import { createFolderStore } from "./folder-store.ts";
import type { ObjectStore } from "./object-store.ts";
import type { ArtifactsParams } from "./params.ts";

/** The object store that params.yaml names; a relative folder is relative to the project. */
export function openObjectStore(
  params: ArtifactsParams,
  projectRoot: string,
  effects: Effects,
): ObjectStore {
  return createFolderStore(resolve(projectRoot, params.url.slice("file:".length)), effects);
}
