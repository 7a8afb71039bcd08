import { Option } from "commander";
import { loadProject } from "../../pipelines/project.ts";
import { registerAfterStage } from "../../pipelines/register-after-stage.ts";
import { runTrain } from "../../pipelines/train-stage.ts";
import { toTrainText } from "../../pipelines/train-text.ts";
import type { CommandDefinition } from "../command.ts";
import { setOption } from "../options.ts";

export const command: CommandDefinition = {
  name: "train",
  summary: "Train, measure and register a model from data/processed",
  examples: ["duetmind train", "duetmind train --fail-on rejected --json"],
  configure: (command) => {
    command
      .addOption(
        new Option("--fail-on <what>", "exit 1 when the model is rejected").choices(["rejected"]),
      )
      .addOption(setOption());
  },
  async run({ options }, { cwd, env, effects }) {
    const set = options["set"] as readonly string[];
    const project = await loadProject(cwd, env, effects, { set });
    const startedAt = effects.clock.now();
    const result = await runTrain(project, effects);
    const after = await registerAfterStage(
      project,
      {
        ...{ stage: "train", recordPath: result.recordPath },
        journal: { command: "duetmind train", startedAt },
      },
      effects,
    );
    const { record, decision, metrics, onnx } = result;
    const version = after.registered.find(({ kind }) => kind === "model");
    const next =
      version === undefined
        ? "next: duetmind register"
        : `registered: ${version.name}@${version.version}\nnext: duetmind show ${version.name}@${version.version}`;
    const isRejected = decision.status === "rejected";
    return {
      json: {
        ...{
          schema_version: 1,
          model: record.model,
          algorithm: record.algorithm,
          task: record.task,
        },
        ...{ rows: record.rows, training: record.training, metrics, decision },
        onnx_check: { runtime: onnx.runtime, rows: onnx.rows, max_difference: onnx.maxDifference },
        ...{ record: result.recordPath, deferred: after.deferred, registered: after.registered },
      },
      text: `${toTrainText(result)}\n${after.deferred ? "" : next}`,
      exitCode: isRejected && options["failOn"] === "rejected" ? 1 : 0,
    };
  },
};
