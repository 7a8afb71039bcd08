import { existsSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { type PathReader, type PathState, readPathState } from "../cache/path-state.ts";
import { resolvePath, type Stage, stageSubject } from "../pipeline/stage.ts";
import { lookUp, type ParamValues, readParamFile, selectParams } from "../values/param-values.ts";
import type { InputStates } from "./decide.ts";

/** Reads the deps and params of a stage as they stand now. */
export function readInputs(stage: Stage, repository: PathReader): InputStates {
  if (stage.isFrozen) return { deps: new Map(), params: new Map() };
  const deps = stage.deps.map(
    (path) => [path, readPathState(resolvePath(stage, path), repository)] as const,
  );
  const params = stage.params.map((dependency): readonly [string, ParamValues] => {
    const content = readParamFile(stage.folder, dependency.file);
    if (content !== null) {
      const missing = dependency.keys?.find((key) => lookUp(content, key) === undefined);
      if (missing !== undefined) throw missingKey(stage, dependency.file, missing);
    }
    return [dependency.file, selectParams(dependency, content)];
  });
  return { deps: new Map(deps), params: new Map(params) };
}

/** Refuses a stage whose deps or parameter files are not there. */
export function requireInputs(stage: Stage, now: InputStates): void {
  const states = [...now.deps, ...now.params];
  const missing = states.find(([, state]) => state === null)?.[0];
  if (missing !== undefined) throw missingFile(stage, missing);
}

/** Refuses, before anything runs, deps that are not there and that no stage makes. */
export function requireSources(stage: Stage, isMade: (path: string) => boolean): void {
  if (stage.isFrozen) return;
  for (const path of [...stage.deps, ...stage.params.map(({ file }) => file)]) {
    const absolute = resolvePath(stage, path);
    if (!existsSync(absolute) && !isMade(absolute)) throw missingFile(stage, path);
  }
}

/** Reads the outs of a stage as they stand now. */
export function readOuts(
  stage: Stage,
  repository: PathReader,
): ReadonlyMap<string, PathState | null> {
  return new Map(
    stage.outs.map(
      ({ path }) => [path, readPathState(resolvePath(stage, path), repository)] as const,
    ),
  );
}

function missingFile(stage: Stage, path: string): DuetMindError {
  return new DuetMindError(
    "FILE_NOT_FOUND",
    `${stageSubject(stage)}: expected its dep "${path}", got nothing at this path`,
    { file: join(path), path: `stages.${stage.name}.deps` },
  );
}

function missingKey(stage: Stage, file: string, key: string): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    `${file}: expected the key ${key}, which stage ${stage.name} of dvc.yaml depends on, got nothing`,
    { file, path: key },
  );
}
