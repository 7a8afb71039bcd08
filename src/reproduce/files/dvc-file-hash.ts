import { createHash } from "node:crypto";
import { pythonJson } from "../values/python-text.ts";
import { isValueList, isValueMap, type MapKey, type Value } from "../values/value.ts";
import type { DvcFile } from "./dvc-file.ts";

/**
 * The md5 that an import records of its own file: of its content as sorted JSON, without what does not
 * change what it brings. Null for a file that is no import: it records none.
 */
export function hashDvcFile(file: DvcFile): string | null {
  if (file.deps.length !== 1 || file.outs.length !== 1) return null;
  const kept = [...file.content()].filter(
    ([key, value]) => !OF_THE_FILE.has(key) && !(key === "wdir" && value === "."),
  );
  return createHash("md5")
    .update(pythonJson(strip(new Map(kept))))
    .digest("hex");
}

const OF_THE_FILE = new Set<MapKey>(["md5", "meta", "desc"]);
const EVERYWHERE = new Set<MapKey>([
  ...["desc", "type", "labels", "meta", "locked", "frozen", "metric", "persist"],
  ...["isexec", "size", "nfiles"],
]);

/** What DVC does not write, because it is so by default. */
const DEFAULTS = new Map<MapKey, boolean>([
  ["cache", true],
  ["push", true],
  ["always_changed", false],
]);

function strip(value: Value): Value {
  if (isValueList(value)) return value.map(strip);
  if (!isValueMap(value)) return value;
  const kept = [...value].filter(
    ([key, item]) => !EVERYWHERE.has(key) && DEFAULTS.get(key) !== item,
  );
  return new Map(kept.map(([key, item]) => [key, strip(item)]));
}
