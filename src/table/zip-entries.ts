/**
 * The files inside a ZIP archive, by its central directory, for a look at a workbook before a library
 * takes it apart in memory. Sizes and contents are held to what the directory says.
 * Format: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16; ZIP64 is not read.
 */
import { inflateRawSync } from "node:zlib";

export type ZipEntry = Readonly<{
  name: string;
  /** Once decompressed. */
  size: number;
  compressedSize: number;
  method: number;
  /** Of its local header. */
  offset: number;
}>;

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const DEFLATED = 8;

/** Undefined for what is no ZIP archive. */
export function readZipEntries(archive: Buffer): ZipEntry[] | undefined {
  const end = findEnd(archive);
  if (end === undefined) return undefined;
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY_SIGNATURE) return undefined;
    const nameBytes = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString("utf8", at + 46, at + 46 + nameBytes),
      method: archive.readUInt16LE(at + 10),
      compressedSize: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(archive: Buffer): number | undefined {
  const first = Math.max(0, archive.length - END_BYTES - 0xffff); // a comment may follow
  for (let at = archive.length - END_BYTES; at >= first; at--) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  return undefined;
}

/** The content of an entry; throws where it is longer than the directory says, or damaged. */
export function readZipEntry(archive: Buffer, entry: ZipEntry): Buffer {
  const { offset, compressedSize, size, method } = entry;
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const stored = archive.subarray(start, start + compressedSize);
  return method === DEFLATED
    ? inflateRawSync(stored, { maxOutputLength: Math.max(1, size) })
    : stored;
}
