/** An out or an object, as documents name it. */
export type ShownFile = Readonly<{
  shown: string;
  md5: string;
  sizeBytes: number | null;
  fileCount: number | null;
}>;

/** The document of cli.md, section 4: what a command looked at, and how much of it changed. */
export function filesJson(files: readonly ShownFile[], changed: number) {
  return {
    files: files.map(({ shown, md5, sizeBytes, fileCount }) => ({
      path: shown,
      md5,
      size: sizeBytes,
      nfiles: fileCount,
    })),
    changed,
  };
}
