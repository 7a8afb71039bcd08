import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { isTree, type Tree } from "../../core/layers.ts";
import { parseWith } from "../../core/parse.ts";

/** The keys of dvc.yaml, as strict as DVC's own schema. */
const annotation = {
  desc: z.string().optional(),
  type: z.string().optional(),
  labels: z.array(z.string()).optional(),
  meta: z.unknown().optional(),
};
const outFlags = z.strictObject({
  ...annotation,
  cache: z.boolean().optional(),
  persist: z.boolean().optional(),
  checkpoint: z.boolean().optional(),
  remote: z.string().optional(),
  push: z.boolean().optional(),
});
const plotFlags = z.strictObject({
  ...outFlags.shape,
  x: z.string().optional(),
  y: z.string().optional(),
  x_label: z.string().optional(),
  y_label: z.string().optional(),
  title: z.string().optional(),
  template: z.string().optional(),
  header: z.boolean().optional(),
});
const outs = z.array(z.union([z.string(), z.record(z.string(), outFlags)]));
const plotOuts = z.array(
  z.union([z.string(), z.record(z.string(), z.union([plotFlags, z.array(plotFlags)]))]),
);

const stage = z.strictObject({
  cmd: z.union([z.string().min(1), z.array(z.string()).min(1)], {
    error: "expected a command line or a list of them",
  }),
  wdir: z.string().optional(),
  deps: z.array(z.string()).default([]),
  params: z
    .array(z.union([z.string(), z.record(z.string(), z.array(z.string()).nullable())]))
    .default([]),
  outs: outs.default([]),
  metrics: outs.default([]),
  plots: plotOuts.default([]),
  frozen: z.boolean().default(false),
  always_changed: z.boolean().default(false),
  desc: z.string().optional(),
  meta: z.unknown().optional(),
});
const pipeline = z.strictObject({
  stages: z.record(z.string(), stage).default({}),
  params: z.array(z.string()).optional(),
  metrics: z.array(z.string()).optional(),
  plots: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).optional(),
  artifacts: z.record(z.string(), z.strictObject({ ...annotation, path: z.string() })).optional(),
});

export type StageDefinition = Readonly<z.infer<typeof stage>>;
export type PipelineDefinition = Readonly<z.infer<typeof pipeline>>;

const LATER_AT_TOP = ["vars", "datasets"];
const LATER_IN_STAGE = ["foreach", "do", "matrix", "vars"];

/** Checks the content of a dvc.yaml. */
export function parsePipelineDefinition(input: unknown, file: string): PipelineDefinition {
  const tree = input ?? {};
  if (isTree(tree)) refuseLaterKeys(tree, file);
  return parseWith(pipeline, tree, file, { code: "DVC_YAML_SCHEMA", file });
}

function refuseLaterKeys(tree: Tree, file: string): void {
  refuse(tree, LATER_AT_TOP, file, "");
  for (const [name, definition] of Object.entries(isTree(tree["stages"]) ? tree["stages"] : {})) {
    if (isTree(definition)) refuse(definition, LATER_IN_STAGE, file, `stages.${name}`);
  }
}

function refuse(tree: Tree, keys: readonly string[], file: string, place: string): void {
  const key = keys.find((name) => tree[name] !== undefined);
  if (key === undefined) return;
  const subject = place === "" ? file : `${file}: ${place}`;
  throw new DuetMindError(
    "DVC_YAML_SCHEMA",
    `${subject}: expected the keys that this version reads (plain stages with \${} from params.yaml), got "${key}"`,
    { file, path: place === "" ? key : `${place}.${key}` },
  );
}
