// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of dvc.yaml look like those of JavaScript
import { expect, test } from "vitest";
import type { DuetMindError } from "../../src/core/errors.ts";
import { checkPipeline } from "../../src/reproduce/pipeline/pipeline-schema.ts";
import { readValues } from "../../src/reproduce/values/read-values.ts";

function verdict(text: string): string {
  try {
    checkPipeline(readValues(text, "dvc.yaml", "DVC_YAML_SCHEMA"), "dvc.yaml");
    return "taken";
  } catch (error) {
    const { code, message, details } = error as DuetMindError;
    return `${code} ${message} [${details.path ?? `${details.line}:${details.column}`}]`;
  }
}

/** Each of these DVC 3.67.1 takes or refuses, at the same path. */
test.each([
  ["", "taken"],
  ["datasets: 3", "taken"],
  ["stages: {}\nvars: [a.yaml, {b: 1}]\nparams: [p.yaml]\nmetrics: [m.json]", "taken"],
  [
    "plots: [p.csv, {all: null}, {q: {x: {a.csv: n}, y: {a.csv: [u, v]}, title: T, template: linear}}]",
    "taken",
  ],
  ["artifacts: {m: {path: model, type: model, labels: [a], meta: {k: 1}, desc: d}}", "taken"],
  ["stages: {a: {matrix: {x: [1, b], y: text}, cmd: c}}", "taken"],
  ["stages: {a: {foreach: {k: 1}, do: {cmd: [c, d], wdir: w, frozen: true}}}", "taken"],
  ["stages: {a: {cmd: c, params: [k, {f: [k]}, {f: null}]}}", "taken"],
  [
    "stages: {a: {cmd: c, outs: [o, {p: {cache: false, persist: true, push: false, remote: r, checkpoint: true}}]}}",
    "taken",
  ],
  [
    "stages: {a: {cmd: c, plots: [{p: {x: a, header: false, x_label: l}}], metrics: [{m: {type: t}}]}}",
    "taken",
  ],
  ["- 1", "DVC_YAML_SCHEMA dvc.yaml: expected a mapping, got [1] [undefined:undefined]"],
  ["stages:", "DVC_YAML_SCHEMA dvc.yaml: stages: expected a mapping, got null [stages]"],
  [
    "stage: {}",
    'DVC_YAML_SCHEMA dvc.yaml: expected a known key, got "stage"; did you mean "stages"? [stage]',
  ],
  [
    "stages: {a: {cmd: c, outs: [{o: {cached: false}}]}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a.outs.0.o: expected a known key, got "cached"; did you mean "cache"? [stages.a.outs.0.o.cached]',
  ],
  [
    "stages: {a: {cmd: c, outs: [{o: {cache: '${x}'}}]}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a.outs.0.o.cache: expected true or false, got "${x}" [stages.a.outs.0.o.cache]',
  ],
  [
    "stages: {a: {cmd: c, metrics: [{m: {x: a}}]}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a.metrics.0.m: expected a known key, got "x" [stages.a.metrics.0.m.x]',
  ],
  [
    "stages: {a: {cmd: c, deps: a}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a.deps: expected a list of texts, got "a" [stages.a.deps]',
  ],
  [
    "stages: {a: {cmd: c, deps: [1]}}",
    "DVC_YAML_SCHEMA dvc.yaml: stages.a.deps.0: expected a text, got 1 [stages.a.deps.0]",
  ],
  [
    "stages: {a: {foreach: [1]}}",
    "DVC_YAML_SCHEMA dvc.yaml: stages.a.do: expected a stage, got nothing [stages.a.do]",
  ],
  [
    "stages: {a: {foreach: [1], do: {cmd: c}, desc: d}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a: expected a known key, got "desc" [stages.a.desc]',
  ],
  [
    "stages: {a: {matrix: {x: {k: 1}}, cmd: c}}",
    'DVC_YAML_SCHEMA dvc.yaml: stages.a.matrix.x: expected a list or a text, got {"k":1} [stages.a.matrix.x]',
  ],
  [
    "stages: {1: {cmd: c}}",
    "DVC_YAML_SCHEMA dvc.yaml: stages: expected keys that are texts, got 1 [stages]",
  ],
  [
    "plots: {p: {x: a}}",
    'DVC_YAML_SCHEMA dvc.yaml: plots: expected a list, got {"p":{"x":"a"}} [plots]',
  ],
  [
    "plots: [{}]",
    "DVC_YAML_SCHEMA dvc.yaml: plots.0: expected a path or a mapping of a plot's name to its properties, got {} [plots.0]",
  ],
  [
    "artifacts: {m: {type: model}}",
    "DVC_YAML_SCHEMA dvc.yaml: artifacts.m.path: expected a path, got nothing [artifacts.m.path]",
  ],
  ["vars: {a: 1}", 'DVC_YAML_SCHEMA dvc.yaml: vars: expected a list, got {"a":1} [vars]'],
  ["stages:\n  a:\n    cmd: [", "DVC_YAML_SCHEMA dvc.yaml:3:11: expected valid YAML, got "],
  [
    "stages: {a: {cmd: c, cmd: d}}",
    "DVC_YAML_SCHEMA dvc.yaml:1:22: expected valid YAML, got Map keys must be unique",
  ],
])("%s", (text, expected) => {
  expect(verdict(text)).toContain(expected);
});
