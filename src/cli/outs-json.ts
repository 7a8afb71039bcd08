import type { RecordedState } from "../reproduce/files/write-dvc-file.ts";

type OutResult = Readonly<{ shown: string; state: RecordedState; isChanged: boolean }>;

/** The document of cli.md, section 4: the outs, and how many were recorded anew. */
export function outsJson(outs: readonly OutResult[]) {
  return {
    files: outs.map(({ shown, state }) => ({
      path: shown,
      md5: state.md5,
      size: state.sizeBytes,
      nfiles: state.fileCount,
    })),
    changed: outs.filter(({ isChanged }) => isChanged).length,
  };
}
