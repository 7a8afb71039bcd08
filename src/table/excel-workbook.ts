import { DuetMindError } from "../core/errors.ts";
import { readZipEntries, readZipEntry, type ZipEntry } from "./zip-entries.ts";

/** All XML of a workbook that is read: the library holds it in memory, several times over. */
const MAX_XML_BYTES = 256 * 2 ** 20;

export type ErrorCell = Readonly<{ cell: string; error: string }>;

/** What a workbook says of a sheet before its values are read. */
export type SheetFacts = Readonly<{
  name: string;
  /** The library reads these as empty. */
  errorCells: readonly ErrorCell[];
}>;

/** Checks that bytes are a workbook within the limit, and looks up one sheet: by name or place from 1. */
export function inspectWorkbook(
  file: string,
  content: Buffer,
  sheet: string | number = 1,
): SheetFacts {
  const entries = readZipEntries(content) ?? [];
  const find = (name: string) => entries.find((entry) => entry.name === name);
  const workbook = find("xl/workbook.xml");
  const links = find("xl/_rels/workbook.xml.rels");
  if (workbook === undefined || links === undefined) throw notWorkbook(file, content);
  checkSize(file, entries);
  const read = (entry: ZipEntry) => readText(file, content, entry);
  const sheets = elements(read(workbook), "sheet");
  const found =
    typeof sheet === "number" ? sheets[sheet - 1] : sheets.find(({ name }) => name === sheet);
  if (found === undefined) {
    const got = sheets.map(({ name }) => `"${name}"`).join(", ");
    throw new DuetMindError(
      "BAD_INPUT",
      `${file}: expected the sheet ${JSON.stringify(sheet)}, got ${got}`,
      { file, path: "excel.sheet" },
    );
  }
  const link = elements(read(links), "Relationship").find(({ Id }) => Id === found["r:id"]);
  const target = link?.["Target"]?.replace(/^\/?(xl\/)?/, "xl/");
  const entry = target === undefined ? undefined : find(target);
  if (entry === undefined) throw notWorkbook(file, content);
  return { name: found["name"] ?? "", errorCells: findErrorCells(read(entry)) };
}

function checkSize(file: string, entries: readonly ZipEntry[]): void {
  const size = entries
    .filter(({ name }) => /\.(xml|rels)$/.test(name))
    .reduce((sum, entry) => sum + entry.size, 0);
  if (size <= MAX_XML_BYTES) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${file}: expected a workbook of at most ${MAX_XML_BYTES} bytes when decompressed, got ${size}`,
    { file, hint: "save the sheet as CSV, which is read in bounded memory" },
  );
}

function readText(file: string, content: Buffer, entry: ZipEntry): string {
  try {
    return readZipEntry(content, entry).toString("utf8");
  } catch (cause) {
    throw new DuetMindError(
      "FILE_UNREADABLE",
      `${file}: expected a whole Excel workbook, got damaged bytes in ${entry.name}`,
      { file, cause },
    );
  }
}

/** Office keeps workbooks with a password, and those before 2007, in a file of its older kind. */
function notWorkbook(file: string, content: Buffer): DuetMindError {
  const isCompound = content.length >= 8 && content.readUInt32BE(0) === 0xd0cf11e0;
  const isEncrypted = content.includes(Buffer.from("EncryptedPackage", "utf16le"));
  const got = !isCompound
    ? "something else, or only a part of one"
    : isEncrypted
      ? "one that is protected by a password"
      : "one of the older format .xls";
  return new DuetMindError(
    "FILE_UNREADABLE",
    `${file}: expected an Excel workbook (.xlsx), got ${got}`,
    {
      file,
      ...(isCompound ? { hint: "save it as .xlsx without a password" } : {}),
    },
  );
}

/** The attributes of each element of a name, with or without a prefix. */
function elements(xml: string, name: string): Record<string, string>[] {
  const tags = xml.match(new RegExp(`<(?:\\w+:)?${name}\\s[^>]*>`, "g")) ?? [];
  return tags.map((tag) =>
    Object.fromEntries(
      [...tag.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map((match) => [
        match[1]!,
        unescapeXml(match[2] ?? match[3]!),
      ]),
    ),
  );
}

function findErrorCells(xml: string): ErrorCell[] {
  const cells: ErrorCell[] = [];
  for (const match of xml.matchAll(/<c\s([^>]*\bt="e"[^>]*)>(.*?)<\/c>/gs)) {
    const cell = match[1]!.match(/\br="([A-Z]+\d+)"/)?.[1];
    const error = match[2]!.match(/<v>([^<]*)<\/v>/)?.[1];
    if (cell !== undefined && error !== undefined) cells.push({ cell, error: unescapeXml(error) });
  }
  return cells;
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
  };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
