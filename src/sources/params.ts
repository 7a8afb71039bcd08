import { z } from "zod";
import { isS3Address } from "../artifacts/s3-address.ts";
import { csvParams, DATA_FORMATS, decompressParams, excelParams } from "../table/source-params.ts";
import { databaseSourceParams } from "./database-params.ts";
import { httpParams } from "./http-params.ts";
import { incrementalParams } from "./incremental-params.ts";
import { s3Params, sourcePath } from "./s3-params.ts";

/** How the rows of a source are read, once its files are on this machine. */
const readParams = {
  format: z.enum(DATA_FORMATS).optional(),
  csv: csvParams.prefault({}),
  excel: excelParams.optional(),
  decompress: decompressParams.optional(),
  types: z.record(z.string().min(1), z.string().min(1)).default({}),
  key: z.array(z.string().min(1)).min(1).optional(),
  /** The dataset grows by parts; without it every ingest reads the whole source. */
  incremental: incrementalParams.optional(),
};

/** Where the rows come from: exactly one of these. */
const ORIGINS = ["path", "http", "database"] as const;

export const sourceParams = z
  .strictObject({
    /** A file, a folder or a glob, relative to params.yaml, or of keys in a bucket: s3://BUCKET/KEY. */
    path: sourcePath.optional(),
    /** How the bucket is reached; credentials come from the environment. */
    s3: s3Params.optional(),
    http: httpParams.optional(),
    database: databaseSourceParams.optional(),
    ...readParams,
  })
  .superRefine((source, context) => {
    if (source.s3 !== undefined && !isS3Address(source.path ?? "")) {
      const message = "expected a path of s3://BUCKET/KEY beside it";
      context.addIssue({ code: "custom", message, path: ["s3"] });
    }
    const given = ORIGINS.filter((origin) => source[origin] !== undefined);
    if (given.length === 1) return;
    const got = given.length === 0 ? "none" : given.join(" and ");
    const message = `expected one of ${ORIGINS.join(", ")}, got ${got}`;
    context.addIssue({ code: "custom", message });
  });
export type SourceParams = Readonly<z.infer<typeof sourceParams>>;

const SOURCE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `sources:` of params.yaml; the name of a source is also the name of its dataset and its file. */
export const sourcesParams = z
  .record(
    z.string().regex(SOURCE_NAME, 'expected a name of letters, digits, "_" and "-"'),
    sourceParams,
  )
  .default({});
export type SourcesParams = Readonly<Record<string, SourceParams>>;
