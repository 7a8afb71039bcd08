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
