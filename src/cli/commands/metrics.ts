import { failedRevisions, pathsFrom, valuesJson } from "../../reproduce/compare/file-values.ts";
import { readMetrics } from "../../reproduce/compare/metrics.ts";
import { hideWorkspace, readRevisions } from "../../reproduce/compare/revisions.ts";
import { tableText } from "../../reproduce/compare/table.ts";
import { valuesTable } from "../../reproduce/compare/value-table.ts";
import { pythonJsonAsGiven } from "../../reproduce/values/python-text.ts";
import { toJson } from "../../reproduce/values/to-json.ts";
import type { CommandDefinition } from "../command.ts";
import { openCompared, parsePrecision, warnOfFailures } from "../revision-options.ts";
import { configureValueDiff, runValueDiff } from "../value-diff.ts";

const show: CommandDefinition = {
  name: "show",
  summary: "Print the metrics of the workspace, or of many revisions",
  examples: ["duetmind metrics show", "duetmind metrics show --all-tags --md"],
  configure(program) {
    program
      .argument("[targets...]", "files of metrics; default: those of stages and of dvc.yaml")
      .option("-a, --all-branches", "of every branch")
      .option("-T, --all-tags", "of every tag")
      .option("-A, --all-commits", "of every commit")
      .option("-R, --recursive", "targets may be folders, which they always may")
      .option("--md", "print a table in Markdown")
      .option("--precision <n>", "digits after the point; default: 5");
  },
  async run({ args, options }, context) {
    const precision = parsePrecision(options);
    const [allBranches, allTags, allCommits] = [
      options["allBranches"] === true,
      options["allTags"] === true,
      options["allCommits"] === true,
    ];
    const { repository, git, plan } = await openCompared(context);
    const revisions = plan({ revisions: [], allBranches, allTags, allCommits });
    const all = await readRevisions(revisions, (view) => readMetrics(view, args, repository));
    const shown = pathsFrom(repository.root, repository.cwd);
    const textOf = (each: NonNullable<ReturnType<typeof all.get>>) =>
      pythonJsonAsGiven(valuesJson(new Map([["", each]]), shown));
    const results = hideWorkspace(all, git, (a, b) => textOf(a) === textOf(b));
    warnOfFailures("metrics", results, failedRevisions(results), context);
    const json = valuesJson(results, shown);
    const withRevision = allBranches || allTags || allCommits;
    const table = valuesTable(results, shown, { withRevision, precision });
    return {
      json: toJson(json),
      jsonText: pythonJsonAsGiven(json),
      text: tableText(table, options["md"] === true),
      isVerbatim: true,
    };
  },
};

const diff: CommandDefinition = {
  name: "diff",
  summary: "Compare the metrics of two revisions",
  examples: ["duetmind metrics diff", "duetmind metrics diff v1 v2 --md --precision 3"],
  configure(program) {
    configureValueDiff(program, "metrics");
    program
      .option("-R, --recursive", "targets may be folders, which they always may")
      .option("--precision <n>", "digits after the point; default: 5");
  },
  run(invocation, context) {
    const precision = parsePrecision(invocation.options);
    return runValueDiff(
      { what: "metrics", title: "Metric", precision, withChange: true, read: readMetrics },
      invocation,
      context,
    );
  },
};

export const command: CommandDefinition = {
  name: "metrics",
  summary: "Show and compare the metrics that stages wrote",
  examples: ["duetmind metrics show", "duetmind metrics diff HEAD~1"],
  subcommands: [show, diff],
};
