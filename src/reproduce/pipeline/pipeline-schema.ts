import { DuetMindError } from "../../core/errors.ts";
import { isValueMap, type Value, type ValueMap } from "../values/value.ts";
import {
  anything,
  byType,
  type Check,
  type Fault,
  flag,
  listOf,
  recordOf,
  shapeOf,
  text,
  unexpected,
} from "./check.ts";

/** The schema of dvc.yaml, as strict as DVC's own (schema.py of 3.67). */
const texts = listOf(text, "a list of texts");
const annotation = { desc: text, type: text, labels: texts, meta: anything };
const outFlags = {
  ...annotation,
  cache: flag,
  persist: flag,
  checkpoint: flag,
  remote: text,
  push: flag,
};
const plotFlags = {
  ...outFlags,
  x: text,
  y: text,
  x_label: text,
  y_label: text,
  title: text,
  template: text,
  header: flag,
};

const PATH_OR_FLAGS = "a path or a mapping of a path to its flags";
const outs = listOf(byType(PATH_OR_FLAGS, { text: anything, map: recordOf(shapeOf(outFlags)) }));
const plotOuts = listOf(
  byType(PATH_OR_FLAGS, { text: anything, map: recordOf(shapeOf(plotFlags)) }),
);

const variables = listOf(
  byType("a file or a mapping of variables", { text: anything, map: anything }),
);

const COMMAND = "a command line or a list of them";
const command = byType(COMMAND, {
  text: (value) => (value === "" ? unexpected(COMMAND, value) : null),
  list: (value) =>
    (value as readonly Value[]).length === 0 ? unexpected(COMMAND, value) : texts(value),
});

/** The keys of one file; no keys at all: the whole file. */
const paramKeys = byType("a list of keys", { null: anything, list: texts });

const stageKeys: Readonly<Record<string, Check>> = {
  matrix: recordOf(byType("a list or a text", { text: anything, list: anything })),
  cmd: command,
  wdir: text,
  deps: texts,
  params: listOf(
    byType("a key or a mapping of a file to its keys", {
      text: anything,
      map: recordOf(paramKeys),
    }),
  ),
  vars: variables,
  frozen: flag,
  meta: anything,
  desc: text,
  always_changed: flag,
  outs,
  metrics: outs,
  plots: plotOuts,
};
const stage = shapeOf(stageKeys, { cmd: COMMAND });
const group = shapeOf(
  {
    foreach: byType("a list, a mapping or a text", {
      text: anything,
      list: anything,
      map: anything,
    }),
    do: stage,
  },
  { foreach: "a list, a mapping or a text", do: "a stage" },
);
const stageOrGroup: Check = (value) =>
  isValueMap(value) && (value.has("foreach") || value.has("do")) ? group(value) : stage(value);

const plotSource = byType("a text, a list of them or a mapping", {
  text: anything,
  list: texts,
  map: recordOf(byType("a text or a list of them", { text: anything, list: texts })),
});
const plotDefinition = byType("a mapping of a plot's properties", {
  null: anything,
  map: shapeOf({
    x: byType("a text or a mapping", { text: anything, map: recordOf(text) }),
    y: plotSource,
    x_label: text,
    y_label: text,
    title: text,
    template: text,
  }),
});

const PLOT = "a path or a mapping of a plot's name to its properties";
const plotsByName = recordOf(plotDefinition);
const namedPlot: Check = (value) =>
  isValueMap(value) && value.size === 0 ? unexpected(PLOT, value) : plotsByName(value);

const pipeline = shapeOf({
  datasets: anything,
  plots: listOf(byType(PLOT, { text: anything, map: namedPlot })),
  stages: recordOf(stageOrGroup),
  vars: variables,
  params: texts,
  metrics: texts,
  artifacts: recordOf(shapeOf({ ...annotation, path: text }, { path: "a path" })),
});

/** Checks the content of a dvc.yaml; an empty file has no stages. */
export function checkPipeline(content: Value, file: string): ValueMap {
  const tree = content === null || content === "" ? new Map() : content;
  const fault = pipeline(tree);
  if (fault !== null) throw schemaError(fault, file);
  return tree as ValueMap; // the schema takes mappings only
}

function schemaError({ path, unknownKey, message, hint }: Fault, file: string): DuetMindError {
  const subject = path.length === 0 ? file : `${file}: ${path.join(".")}`;
  const place = [...path, ...(unknownKey === undefined ? [] : [unknownKey])].join(".");
  return new DuetMindError("DVC_YAML_SCHEMA", `${subject}: ${message}`, {
    file,
    ...(place === "" ? {} : { path: place }),
    ...(hint === undefined ? {} : { hint }),
  });
}
