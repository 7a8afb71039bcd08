/** One file or folder as a command on data names it. */
export type DataFile = Readonly<{
  path: string;
  md5: string;
  sizeBytes: number | null;
  /** Of a folder. */
  fileCount: number | null;
}>;

/** What a command on data did: the files it looked after, and how many of them changed. */
export type DataReport = Readonly<{ files: readonly DataFile[]; changed: number }>;
