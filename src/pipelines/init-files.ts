import { VERSION } from "../core/version.ts";

/** The texts of a new project's files. */

export type PipelineFacts = Readonly<{
  /** Command and out of a stage that makes the data; absent where a file is given. */
  sample?: Readonly<{ command: string; out: string }>;
  sourcePath: string;
  rawContract: string;
  outputContracts: readonly string[];
  model: string;
  /** Dotted keys of params.yaml that are there to depend on. */
  sections: readonly string[];
}>;

/** What a stage calls: found in a clone, a local and a global install, by DVC and by `reproduce`. */
export const STAGE_COMMAND = "npx --no -- duetmind";

/** dvc.yaml: the only place that orders the stages. */
export function toPipelineYaml(facts: PipelineFacts): string {
  const has = (names: readonly string[]) => names.filter((name) => facts.sections.includes(name));
  const stages = [
    ...(facts.sample === undefined
      ? []
      : [
          stageYaml("sample", {
            desc: "Synthetic data; put your own file in its place and delete this stage",
            cmd: facts.sample.command,
            outs: [facts.sample.out],
          }),
        ]),
    stageYaml("data", {
      desc: "Ingest the source and hold it to its contract",
      cmd: `${STAGE_COMMAND} data`,
      deps: [facts.rawContract, facts.sourcePath],
      params: has(["duetmind", "sources", "contracts.raw"]),
      outs: ["data/raw"],
    }),
    stageYaml("features", {
      desc: "Build features, labels and split",
      cmd: `${STAGE_COMMAND} features`,
      deps: [...facts.outputContracts, facts.rawContract, "data/raw"].sort(),
      params: has(["duetmind", "sources", "contracts", "features", "split", "model.slices"]),
      outs: ["data/processed"],
    }),
    stageYaml("train", {
      desc: "Train, evaluate and decide on the thresholds",
      cmd: `${STAGE_COMMAND} train`,
      deps: ["data/processed"],
      params: has(["duetmind", "model", "thresholds"]),
      outs: [`models/${facts.model}`],
    }),
  ];
  return `# duetmind reproduce runs what changed; dvc repro reads the same file
stages:
${stages.join("")}metrics:
  - models/${facts.model}/metrics.json
`;
}

function stageYaml(
  name: string,
  stage: Readonly<
    Record<"desc" | "cmd", string> & Partial<Record<"deps" | "params" | "outs", readonly string[]>>
  >,
): string {
  const lists = (["deps", "params", "outs"] as const).flatMap((key) => {
    const items = stage[key] ?? [];
    return items.length === 0 ? [] : [`    ${key}:`, ...items.map((item) => `      - ${item}`)];
  });
  return `${[`  ${name}:`, `    desc: ${stage.desc}`, `    cmd: ${stage.cmd}`, ...lists].join("\n")}\n`;
}

/** The first lines of params.yaml; editors complete the file from the schema. */
export function paramsHead(schemaPath: string): string {
  return `# yaml-language-server: $schema=${schemaPath}\nduetmind: ${VERSION}\n`;
}

/** Everything here can be made again from the source, and the source may be private. */
export const PROJECT_GITIGNORE = `.duetmind/
.dvc/cache/
.dvc/tmp/
/data/
/models/
.env
node_modules/
`;
