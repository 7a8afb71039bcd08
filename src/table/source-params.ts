import { z } from "zod";

export const DATA_FORMATS = ["csv", "tsv", "parquet", "json", "ndjson"] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

const character = z.string().length(1);

/** How a CSV or TSV file is written; the delimiter of .tsv is a tab unless told. */
export const csvParams = z.strictObject({
  delimiter: z.string().min(1).max(4).optional(),
  quote: z.union([character, z.literal("")]).default('"'),
  header: z.boolean().default(true),
  columns: z.array(z.string().min(1)).min(1).optional(),
  nulls: z.array(z.string()).min(1).default([""]),
  encoding: z.enum(["utf-8", "utf-16", "latin-1"]).default("utf-8"),
  skip: z.int().nonnegative().default(0),
});
export type CsvParams = Readonly<z.infer<typeof csvParams>>;

/** How one file is read: the delimiter is known. */
export type CsvDialect = CsvParams & Readonly<{ delimiter: string }>;

export const sourceParams = z.strictObject({
  path: z.string().min(1),
  format: z.enum(DATA_FORMATS).optional(),
  csv: csvParams.prefault({}),
  types: z.record(z.string().min(1), z.string().min(1)).default({}),
  key: z.array(z.string().min(1)).min(1).optional(),
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
