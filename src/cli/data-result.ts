import type { DataReport } from "../reproduce/data/data-report.ts";

/** The document of cli.md, section 4, of the commands on data. */
export function dataJson({ files, changed }: DataReport) {
  return {
    files: files.map(({ path, md5, sizeBytes, fileCount }) => ({
      path,
      md5,
      size: sizeBytes,
      nfiles: fileCount,
    })),
    changed,
  };
}
