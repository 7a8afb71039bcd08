import type { ArtifactEntry } from "../../tracking/artifacts.ts";

/** The files of a folder as MLflow's clients read them: no size for folders and for empty files. */
export function toWireFiles(entries: readonly ArtifactEntry[], folder: string): object {
  if (entries.length === 0) return {};
  return {
    files: entries.map(({ name, isFolder, sizeBytes }) => ({
      path: folder === "" ? name : `${folder}/${name}`,
      is_dir: isFolder,
      ...(sizeBytes === 0 ? {} : { file_size: sizeBytes }),
    })),
  };
}
