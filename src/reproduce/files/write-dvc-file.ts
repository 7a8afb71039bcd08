import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import type { PathState } from "../cache/path-state.ts";
import {
  isValueList,
  isValueMap,
  type MapKey,
  type Value,
  type ValueMap,
} from "../values/value.ts";
import { writeValues } from "../values/write-values.ts";
import type { DvcFile } from "./dvc-file.ts";

/** The keys of an out that its content decides; all others are the user's. */
const CONTENT_KEYS = new Set<MapKey>([
  ...["md5", "etag", "checksum", "size", "nfiles", "isexec", "hash", "cloud", "files", "path"],
]);

/** The state of an out; a size that is not known is left out. */
export type RecordedState = Readonly<{
  md5: string;
  sizeBytes: number | null;
  fileCount: number | null;
  isExecutable: boolean;
}>;

export function toRecordedState(state: PathState): RecordedState {
  const { md5, sizeBytes, isExecutable } = state;
  return { md5, sizeBytes, isExecutable, fileCount: state.entries?.length ?? null };
}

/** One out as `dvc add` writes it: `md5`, `size`, `nfiles`, `isexec`, `hash`, `path`, then what was there. */
export function dvcFileOut(path: string, state: RecordedState, before?: ValueMap): ValueMap {
  const out = new Map<MapKey, Value>([["md5", state.md5]]);
  if (state.sizeBytes !== null) out.set("size", BigInt(state.sizeBytes));
  if (state.fileCount !== null) out.set("nfiles", BigInt(state.fileCount));
  if (state.isExecutable) out.set("isexec", true);
  out.set("hash", "md5").set("path", path);
  for (const [key, value] of before ?? []) if (!CONTENT_KEYS.has(key)) out.set(key, value);
  return out;
}

/** The content of a .dvc file with new states of its outs; the rest stays as it was read. */
export function withOuts(file: DvcFile, states: ReadonlyMap<string, RecordedState>): ValueMap {
  const outs = file.content.get("outs");
  const next = (isValueList(outs) ? outs : []).map((out): Value => {
    const path = isValueMap(out) ? out.get("path") : undefined;
    const state = typeof path === "string" ? states.get(path) : undefined;
    return isValueMap(out) && state !== undefined ? dvcFileOut(String(path), state, out) : out;
  });
  return new Map(file.content).set("outs", next);
}

export async function writeDvcFile(
  path: string,
  content: ValueMap,
  effects: Effects,
): Promise<void> {
  await publishContent(effects.files, path, writeValues(content));
}
