import { z } from "zod";

export const DATA_FORMATS = ["csv", "tsv", "parquet", "json", "ndjson", "xlsx"] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

/** Of CSV and TSV; a byte order mark in the file goes before what is declared. */
export const ENCODINGS = [
  "utf-8",
  "utf-16",
  "utf-16le",
  "utf-16be",
  "latin-1",
  "windows-1252",
  "windows-1250",
  "windows-1251",
  "iso-8859-2",
  "iso-8859-15",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Longest record of a CSV file, in bytes, unless told. */
export const MAX_RECORD_BYTES = 2_000_000;

const character = z.string().length(1);

/** How a CSV or TSV file is written; the delimiter of .tsv is a tab unless told. */
export const csvParams = z.strictObject({
  delimiter: z.union([z.literal("auto"), z.string().min(1).max(4)]).optional(),
  quote: z.union([character, z.literal("")]).default('"'),
  escape: character.optional(),
  comment: character.optional(),
  header: z.boolean().default(true),
  columns: z.array(z.string().min(1)).min(1).optional(),
  nulls: z.array(z.string()).min(1).default([""]),
  encoding: z.enum(ENCODINGS).default("utf-8"),
  skip: z.int().nonnegative().default(0),
  max_record_bytes: z.int().min(MAX_RECORD_BYTES).max(134_217_728).optional(),
});
export type CsvParams = Readonly<z.infer<typeof csvParams>>;

/** How one file is read: the delimiter is known. */
export type CsvDialect = CsvParams & Readonly<{ delimiter: string }>;

/** Which cells of an Excel workbook are the table. */
export const excelParams = z.strictObject({
  sheet: z.union([z.string().min(1), z.int().min(1)]).optional(),
  range: z
    .string()
    .regex(/^[A-Z]{1,3}[1-9]\d*(:[A-Z]{1,3}[1-9]\d*)?$/, "expected cells such as B3 or B3:F100")
    .optional(),
  header: z.boolean().optional(),
  columns: z.array(z.string().min(1)).min(1).optional(),
  nulls: z.array(z.string()).optional(),
});
export type ExcelParams = Readonly<z.infer<typeof excelParams>>;

/** What a compressed file may become; past it, it is taken for a decompression bomb. */
export const decompressParams = z.strictObject({
  max_bytes: z.int().positive().optional(),
  max_ratio: z.number().min(1).optional(),
});
export type DecompressParams = Readonly<z.infer<typeof decompressParams>>;
