import { join } from "node:path";
import {
  type ParamDependency,
  type ParamValues,
  readParamFile,
  selectParams,
} from "../../values/param-values.ts";
import type { Value } from "../../values/value.ts";

/** The files of parameters of a repository, each read once. */
export type ParamFiles = Readonly<{
  /** The values that a stage in a folder depends on; null where there is no file. */
  valuesOf(folder: string, dependency: ParamDependency): ParamValues;
}>;

export function openParamFiles(): ParamFiles {
  const known = new Map<string, Value>();
  return {
    valuesOf(folder, dependency) {
      const path = join(folder, dependency.file);
      const content = known.get(path) ?? readParamFile(folder, dependency.file);
      if (content !== null) known.set(path, content);
      return selectParams(dependency, content);
    },
  };
}
