import { resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { toBoxes } from "../../reproduce/compare/dag/boxes.ts";
import { type Dag, planDag } from "../../reproduce/compare/dag/dag.ts";
import {
  toDagJson,
  toDot,
  toMermaid,
  toMermaidBlock,
} from "../../reproduce/compare/dag/dag-text.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import { collectStages } from "../../reproduce/pipeline/collect.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "dag",
  summary: "Draw which stage needs which: boxes, mermaid, dot, JSON or a page",
  examples: ["duetmind dag", "duetmind dag train --mermaid", "duetmind dag --html dag.html"],
  configure(program) {
    program
      .argument("[target]", "a stage or an output; default: all of the repository")
      .option("--dot", "print the graph for Graphviz")
      .option("--mermaid", "print the graph for mermaid")
      .option("--md", "print the graph for mermaid in a block of Markdown")
      .option("-o, --outs", "outputs in place of stages")
      .option("--full", "all that is connected with the target, not only what it needs")
      .option("--collapse-foreach-matrix", "one node for all stages of a foreach or matrix")
      .option("--html <file>", "write a page with the graph as a picture");
  },
  async run({ args, options }, { cwd, env, effects }) {
    const [outs, collapse] = [options["outs"] === true, options["collapseForeachMatrix"] === true];
    if (outs && collapse) {
      throw new DuetMindError(
        "USAGE",
        "dag: expected one of --outs and --collapse-foreach-matrix, got both",
      );
    }
    const repository = await openRepository(cwd, env, effects);
    const stages = await collectStages(repository, effects);
    const dag = planDag(stages, repository.root, repository.cwd, {
      target: args[0] ?? null,
      outs,
      full: options["full"] === true,
      collapse,
    });
    const html = options["html"] as string | undefined;
    if (html !== undefined) {
      const { toDagHtml } = await import("../../reproduce/compare/dag/dag-html.ts");
      const title = args[0] === undefined ? "Pipeline" : `Pipeline: ${args[0]}`;
      await publishContent(effects.files, resolve(cwd, html), toDagHtml(dag, title));
      return { json: { ...toDagJson(dag), page: html }, text: `page: ${html}` };
    }
    return { json: toDagJson(dag), text: `${drawDag(dag, options)}\n`, isVerbatim: true };
  },
};

function drawDag(dag: Dag, options: Readonly<Record<string, unknown>>): string {
  if (options["dot"] === true) return toDot(dag);
  if (options["md"] === true) return toMermaidBlock(dag);
  return options["mermaid"] === true ? toMermaid(dag) : toBoxes(dag);
}
