import { DuetMindError } from "../../core/errors.ts";

/** A place in a dvc.yaml, as messages name it. */
export type Place = Readonly<{ file: string; path: string }>;

export function templateError(
  { file, path }: Place,
  problem: string,
  hint?: string,
): DuetMindError {
  return new DuetMindError("DVC_YAML_TEMPLATE", `${file}: ${path}: ${problem}`, {
    file,
    path,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function inside(place: Place, key: string): Place {
  return { file: place.file, path: `${place.path}.${key}` };
}
