import { resolve } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { nearestHint } from "../core/nearest.ts";
import { openSource } from "../table/source.ts";
import type { OpenReference } from "../validation/plan-foreign-key.ts";
import type { BaseProject } from "./project.ts";
import { openRaw } from "./raw-relation.ts";

/** Opens what foreign keys name: raw datasets of the project, and files by their paths beside params.yaml. */
export function referenceOpener(project: BaseProject, effects: Effects): OpenReference {
  return async (engine, reference) => {
    if ("file" in reference) {
      const path = resolve(project.root, reference.file);
      return openSource(engine, { path, mayBeEmpty: true });
    }
    checkDataset(project, reference.dataset);
    return (await openRaw(engine, project, reference.dataset, effects)).relation;
  };
}

/** Throws BAD_INPUT for a name that is no source of the project. */
export function checkDataset({ params }: BaseProject, name: string): void {
  const names = Object.keys(params.sources);
  if (names.includes(name)) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `table_checks.foreign_key: expected a dataset of params.yaml, got "${name}"`,
    nearestHint(name, names),
  );
}
