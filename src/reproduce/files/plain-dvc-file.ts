import { plainValue } from "../values/plain-value.ts";
import { readValues } from "../values/read-values.ts";
import type { ValueMap } from "../values/value.ts";
import type { DvcFile } from "./dvc-file.ts";
import type { LockEntry } from "./lock-file.ts";

/**
 * The .dvc file of one out as `dvc add` writes it. A repository may have thousands of them, and one
 * regular expression takes a tenth of the time of the reader of any YAML:
 *
 *     outs:
 *     - md5: ba8d2b9408ed255ee92a112fe7ba59be      not what YAML takes for a number, as 12e34 or 0b10
 *       size: 3
 *       nfiles: 2                                  of a folder
 *       isexec: true
 *       hash: md5                                  since DVC 3
 *       path: data.csv                             without quotes, and no other value's spelling
 *
 * test/reproduce/plain-dvc-file.test.ts holds it against the other reader.
 */
const PLAIN =
  /^outs:\n- md5: ((?!0b)(?=[0-9e]*[a-df])[0-9a-f]{32}(?:\.dir)?)\n {2}size: (\d+)\n(?: {2}nfiles: (\d+)\n)?( {2}isexec: true\n)?( {2}hash: md5\n)? {2}path: ([\w./][\w./ -]*)\n$/;

/** Undefined for a text of any other shape. */
export function readPlainDvcFile(text: string, path: string): DvcFile | undefined {
  const found = PLAIN.exec(text);
  if (found === null) return undefined;
  const out = found[6]!;
  if (out.endsWith(" ") || plainValue(out) !== out) return undefined;
  const recorded = {
    md5: found[1]!,
    isLegacy: found[5] === undefined,
    sizeBytes: Number(found[2]),
    fileCount: found[3] === undefined ? null : Number(found[3]),
    isExecutable: found[4] !== undefined,
  };
  return {
    path,
    folder: path.slice(0, path.lastIndexOf("/")) || "/",
    md5: null,
    isFrozen: false,
    isAlwaysChanged: false,
    deps: [],
    outs: [{ path: out, isCached: true, isPersistent: false, push: true, remote: null }],
    recorded: { cmd: null, deps: NO_DEPS, params: NO_PARAMS, outs: new Map([[out, recorded]]) },
    content: () => readValues(text, path, "DVC_YAML_SCHEMA") as ValueMap,
  };
}

const NO_DEPS: LockEntry["deps"] = new Map();
const NO_PARAMS: LockEntry["params"] = new Map();
