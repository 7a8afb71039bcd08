import { DuetMindError } from "../../core/errors.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../values/value.ts";

/** What dvc.lock or a .dvc file says of a dep or an out. */
export type RecordedFile = Readonly<{
  /** 32 hex digits, with `.dir` for a folder; of something outside, its etag or checksum. */
  md5: string | null;
  /** Written by DVC 2.x: no `hash` key, and the md5 of a text is that of its lines ended by LF. */
  isLegacy: boolean;
  sizeBytes: number | null;
  fileCount: number | null;
  isExecutable: boolean;
}>;

/** Path as written → what is recorded of it. */
export type RecordedFiles = ReadonlyMap<string, RecordedFile>;

export function parseRecordedFiles(
  list: Value | undefined,
  place: string,
  file: string,
): RecordedFiles {
  const items = list ?? [];
  if (!isValueList(items)) throw recordFault(file, place, "a list", items);
  const files = new Map<string, RecordedFile>();
  for (const item of items) {
    const path = isValueMap(item) ? item.get("path") : undefined;
    if (!isValueMap(item) || typeof path !== "string")
      throw recordFault(file, place, "paths", item);
    files.set(path, recordedFile(item));
  }
  return files;
}

function recordedFile(item: ValueMap): RecordedFile {
  const md5 = item.get("md5");
  const other = md5 ?? item.get("etag") ?? item.get("checksum");
  return {
    md5: other === undefined || other === null ? null : String(other),
    isLegacy: md5 !== undefined && item.get("hash") === undefined,
    sizeBytes: toCount(item.get("size")),
    fileCount: toCount(item.get("nfiles")),
    isExecutable: item.get("isexec") === true,
  };
}

function toCount(value: Value | undefined): number | null {
  return typeof value === "bigint" || typeof value === "number" ? Number(value) : null;
}

/** Refuses a key that DVC's schema does not know. */
export function allowKeys(
  map: ValueMap,
  known: ReadonlySet<string>,
  place: string,
  file: string,
): void {
  for (const key of map.keys()) {
    if (known.has(String(key))) continue;
    const path = [place, String(key)].filter(Boolean).join(".");
    throw new DuetMindError(
      "DVC_YAML_SCHEMA",
      `${file}: ${path}: expected ${[...known].join(", ")}, got an unknown key`,
      { file, path },
    );
  }
}

export function recordFault(
  file: string,
  place: string,
  expected: string,
  got: Value | undefined,
): DuetMindError {
  const shown = got === undefined ? "nothing" : isValueMap(got) ? "a mapping" : String(got);
  return new DuetMindError(
    "DVC_YAML_SCHEMA",
    `${file}: ${place === "" ? "" : `${place}: `}expected ${expected}, got ${shown}`,
    { file, path: place },
  );
}
