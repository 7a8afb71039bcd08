import { createRequire } from "node:module";
import type { Pair, Scalar, YAMLMap } from "yaml";

/** Loaded at first use, as readValues loads it. */
const yaml = () => createRequire(import.meta.url)("yaml") as typeof import("yaml");

/**
 * The text of a dvc.yaml without one of its stages; null where nothing is left. Only the lines from the
 * stage's name to its last value go: comments before and after it stay, and all else as it is written.
 */
export function dropStage(text: string, name: string): string | null {
  const { parseDocument, isMap } = yaml();
  const document = parseDocument(text);
  const stages = document.get("stages") as YAMLMap;
  const pairs = stages.items as readonly Pair<Scalar, { range?: readonly number[] }>[];
  if (pairs.length === 1) {
    if (isMap(document.contents) && document.contents.items.length === 1) return null;
    document.delete("stages");
    return document.toString({ lineWidth: 0 });
  }
  const pair = pairs.find(({ key }) => String(key.value) === name)!;
  if (stages.flow === true) {
    stages.delete(pair.key);
    return document.toString({ lineWidth: 0 });
  }
  const start = text.lastIndexOf("\n", pair.key.range![0]) + 1;
  const end = text.indexOf(
    "\n",
    Math.max(start, (pair.value?.range?.[1] ?? pair.key.range![1]) - 1),
  );
  return text.slice(0, start) + (end === -1 ? "" : text.slice(end + 1));
}
