import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { fillTemplate } from "../../reproduce/compare/plots/fill-template.ts";
import {
  collectDefinitions,
  type PlotQuery,
} from "../../reproduce/compare/plots/plot-definitions.ts";
import { readSources } from "../../reproduce/compare/plots/plot-sources.ts";
import { gatherPlots, type PlotData, type Plots } from "../../reproduce/compare/plots/plots.ts";
import { imageName, plotsJson } from "../../reproduce/compare/plots/plots-json.ts";
import type { ReadFailure } from "../../reproduce/compare/read-failure.ts";
import { readRevisions, requireGit, WORKSPACE } from "../../reproduce/compare/revisions.ts";
import { openViewData } from "../../reproduce/compare/view-data.ts";
import { configText } from "../../reproduce/files/dvc-config.ts";
import { pythonJsonAsGiven } from "../../reproduce/values/python-text.ts";
import { toJson } from "../../reproduce/values/to-json.ts";
import type { Value } from "../../reproduce/values/value.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import type { CliContext } from "../context.ts";
import { openCompared } from "../revision-options.ts";

type Options = Readonly<Record<string, unknown>>;

const show: CommandDefinition = {
  name: "show",
  summary: "Draw the plots of the workspace",
  examples: ["duetmind plots show", "duetmind plots show loss.csv -x step -y loss --json"],
  configure(program) {
    program.argument("[targets...]", "files of plots, or ids of dvc.yaml; default: all");
    configurePlots(program);
  },
  run: ({ args, options }, context) => runPlots(args, [WORKSPACE], options, context),
};

const diff: CommandDefinition = {
  name: "diff",
  summary: "Draw the plots of several revisions into one another",
  examples: ["duetmind plots diff", "duetmind plots diff v1 v2 --targets loss.csv"],
  configure(program) {
    program
      .argument("[revisions...]", "revisions of git; one is compared with the workspace")
      .option("--targets <paths...>", "files of plots, or ids of dvc.yaml; default: all");
    configurePlots(program);
  },
  run: ({ args, options }, context) =>
    runPlots(
      (options["targets"] as readonly string[] | undefined) ?? [],
      args,
      options,
      context,
      true,
    ),
};

function configurePlots(program: Command): void {
  program
    .option("-t, --template <name>", "a template of DVC's, or a file of Vega-Lite with anchors")
    .option("-x <field>", "the field of the x axis")
    .option("-y <field>", "the field of the y axis")
    .option("--no-header", "the first line of a CSV or TSV file is data")
    .option("--title <text>", "the title")
    .option("--x-label <text>", "the label of the x axis")
    .option("--y-label <text>", "the label of the y axis")
    .option("-o, --out <dir>", "the folder of the page and of images; default: dvc_plots")
    .option("--html <file>", "the file of the page; default: index.html in that folder")
    .option("--svg", "write each plot as a file of SVG too")
    .option("--split", "with --json: keep what viewers fill in apart")
    .option("--show-vega", "print the specification of the one plot that is asked for");
}

export const command: CommandDefinition = {
  name: "plots",
  summary: "Draw what stages wrote for plots: a page, SVG, or Vega-Lite as JSON",
  examples: ["duetmind plots show", "duetmind plots diff HEAD~1 --json"],
  subcommands: [show, diff],
};

async function runPlots(
  targets: readonly string[],
  revisions: readonly string[],
  options: Options,
  context: CliContext,
  isDiff = false,
): Promise<CommandResult> {
  if (options["showVega"] === true && targets.length !== 1) {
    throw new DuetMindError("USAGE", `--show-vega: expected one target, got ${targets.length}`);
  }
  const { repository, git, plan } = await openCompared(context);
  const hasCommits = !isDiff || requireGit(git).hasCommits();
  const names =
    isDiff && hasCommits ? comparedRevisions(revisions, requireGit(git).isDirty()) : revisions;
  const query: PlotQuery = { targets, props: parseProps(options) };
  const data = new Map<string, PlotData>();
  const failed = new Map<string, ReadFailure>();
  for (const name of hasCommits ? inOrder(names) : []) {
    const [revision] = plan({ revisions: [name] }).filter((each) => each.name === name);
    const [result] = (
      await readRevisions(revision === undefined ? [] : [revision], (view) => {
        const values = openViewData(view, repository);
        const definitions = collectDefinitions(view, values, query, repository);
        return { definitions, sources: readSources(view, values, definitions, query, repository) };
      })
    ).values();
    if (result === undefined) continue;
    if ("failure" in result) failed.set(name, result.failure);
    else data.set(name, result.data);
  }
  const plots = gatherPlots(data, repository);
  warn(plots, failed, context);
  const out =
    (options["out"] as string | undefined) ?? configText(repository.config, "plots", "out_dir");
  const folder = resolve(context.cwd, out ?? "dvc_plots");
  if (options["showVega"] === true) return showVega(plots);
  if (!context.json) return writePage(plots, folder, options, context);
  await writeImages(plots, folder, context);
  const json = plotsJson(plots, { split: options["split"] === true, imageFolder: folder, failed });
  return { json: toJson(json), jsonText: pythonJsonAsGiven(json), text: "" };
}

/** None: the workspace, against the last commit where it differs; one: against the workspace. */
function comparedRevisions(asked: readonly string[], isDirty: boolean): readonly string[] {
  if (asked.length > 1) return asked;
  return [...asked, ...(asked.length === 0 && isDirty ? ["HEAD"] : []), WORKSPACE];
}

function inOrder(names: readonly string[]): readonly string[] {
  const unique = [...new Set(names)];
  if (!unique.includes(WORKSPACE)) return unique;
  return [WORKSPACE, ...unique.filter((name) => name !== WORKSPACE)];
}

function parseProps(options: Options): ReadonlyMap<string, Value> {
  const names = {
    template: "template",
    x: "x",
    y: "y",
    title: "title",
    x_label: "xLabel",
    y_label: "yLabel",
  };
  const given = Object.entries(names).flatMap(([name, option]) => {
    const value = options[option];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  const props = new Map<string, Value>(given);
  return options["header"] === false ? props.set("header", false) : props;
}

function warn(plots: Plots, failed: ReadonlyMap<string, ReadFailure>, { log }: CliContext): void {
  for (const { name, revision, failure } of plots.failures) {
    log.write(`warning: the plot "${name}" of revision '${revision}': ${failure.message}\n`);
  }
  for (const [revision, { message }] of failed) {
    log.write(`warning: plots of revision '${revision}' could not be read: ${message}\n`);
  }
}

function showVega(plots: Plots): CommandResult {
  const plot = plots.plots.find(({ kind }) => kind === "points");
  if (plot?.kind !== "points" || plot.points.length === 0) return { json: {}, text: "" };
  const { content } = fillTemplate(plot, false);
  const text = pythonJsonAsGiven(content);
  return { json: toJson(content), jsonText: text, text };
}

async function writeImages(plots: Plots, folder: string, { effects }: CliContext): Promise<void> {
  for (const plot of plots.plots) {
    if (plot.kind !== "images") continue;
    for (const image of plot.images) {
      await publishContent(effects.files, join(folder, imageName(image)), image.bytes);
    }
  }
}

async function writePage(
  plots: Plots,
  folder: string,
  options: Options,
  { cwd, effects, log }: CliContext,
): Promise<CommandResult> {
  if (plots.plots.length === 0) {
    log.write("warning: no plots were found: no page is written\n");
    return { json: {}, text: "" };
  }
  const { plotsPage } = await import("../../reproduce/compare/plots/plots-html.ts");
  const html = options["html"] as string | undefined;
  const path = html === undefined ? join(folder, "index.html") : resolve(cwd, html);
  await publishContent(effects.files, path, plotsPage(plots));
  if (options["svg"] === true) {
    const { drawPlot } = await import("../../reproduce/compare/plots/chart.ts");
    for (const plot of plots.plots) {
      if (plot.kind !== "points" || plot.points.length === 0) continue;
      const name = `${plot.name.replaceAll("/", "_")}.svg`;
      await publishContent(effects.files, join(folder, name), drawPlot(plot));
    }
  }
  return { json: {}, text: pathToFileURL(path).href };
}
