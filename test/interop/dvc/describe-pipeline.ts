import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { DuetMindError } from "../../../src/core/errors.ts";
import { parseConfig } from "../../../src/reproduce/files/dvc-config.ts";
import { parsePipeline } from "../../../src/reproduce/pipeline/pipeline.ts";
import type { PipelineStage } from "../../../src/reproduce/pipeline/stage.ts";
import { readParamFile, selectParams } from "../../../src/reproduce/values/param-values.ts";
import { pythonFloat } from "../../../src/reproduce/values/python-text.ts";
import { isValueList, isValueMap, type Value } from "../../../src/reproduce/values/value.ts";
import type { PipelineCase } from "./pipeline-case.ts";

/** What we make of a case, in the form that resolve.py gives; an error is only its code. */
export function describePipeline({ files, config }: PipelineCase): unknown {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-resolve-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const source = {
      cwd: folder,
      root: folder,
      config: { sections: parseConfig(config, "config"), remotes: new Map() },
      readText: (path: string) =>
        path.slice(folder.length + 1) in files ? readFileSync(path, "utf8") : null,
    };
    const paths = Object.keys(files)
      .filter((path) => path.endsWith("dvc.yaml"))
      .sort();
    const pipelines = paths.map((path) => parsePipeline(files[path]!, join(folder, path), source));
    return {
      stages: pipelines.flatMap(({ stages }) => stages.map((stage) => describe(stage, folder))),
      tops: pipelines.map(({ params, metrics, plots, artifacts }) => ({
        params: typedValue(params),
        metrics: typedValue(metrics),
        plots: typedValue(plots),
        artifacts: typedValue(artifacts),
      })),
    };
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    return { error: `${error.code} ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function describe(stage: PipelineStage, root: string): unknown {
  return {
    name: stage.name,
    address: stage.address,
    wdir: relative(root, stage.folder) || ".",
    cmd: stage.cmd,
    deps: stage.deps,
    params: stage.params.map(({ file, keys }) => [file, keys ?? []]),
    values: stage.params.map((dependency) => {
      const content = readParamFile(stage.folder, dependency.file);
      return [dependency.file, typedValue(selectParams(dependency, content) ?? new Map())];
    }),
    outs: stage.outs.map(({ path, kind, isCached, isPersistent, push, remote, plot }) => ({
      path,
      kind,
      cache: isCached,
      persist: isPersistent,
      push,
      remote,
      plot: plot === null || Object.keys(plot).length === 0 ? null : plot,
    })),
    frozen: stage.isFrozen,
    always_changed: stage.isAlwaysChanged,
    desc: typedValue(stage.definition().get("desc") ?? null),
    meta: typedValue(stage.definition().get("meta") ?? null),
    tracked: typedValue(stage.tracked),
    definition: typedValue(stage.definition()),
  };
}

/** Values with their types in sight: 1.0 is {"float": "1.0"}. */
export function typedValue(value: Value): unknown {
  if (typeof value === "number") return { float: pythonFloat(value) };
  if (typeof value === "bigint") return { int: String(value) };
  if (isValueList(value)) return value.map(typedValue);
  if (!isValueMap(value)) return value;
  return { map: [...value].map(([key, item]) => [typedValue(key), typedValue(item)]) };
}
