import { basename, extname, join, resolve } from "node:path";
import type { Command } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { countMissing } from "../../table/count-missing.ts";
import { type Engine, openEngine } from "../../table/engine.ts";
import type { Relation } from "../../table/relation.ts";
import { listFiles } from "../../table/source-files.ts";
import { hasSensitive, openMask } from "../../validation/mask.ts";
import { orderedQuery } from "../../validation/output-sql.ts";
import { type OpenReference, openReferencedFile } from "../../validation/plan-foreign-key.ts";
import { writeQuarantine } from "../../validation/quarantine.ts";
import { readContract } from "../../validation/read-contract.ts";
import type { ValidationReport } from "../../validation/report.ts";
import type { ReportWithData } from "../../validation/report-html.ts";
import { toReportText } from "../../validation/report-text.ts";
import { validateRelation } from "../../validation/validate-relation.ts";
import { writeData, writtenFormatOf } from "../../validation/write-data.ts";
import { checkOutputs } from "../check-outputs.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import type { CliContext } from "../context.ts";
import { dataPath, withDataFile } from "../data-file.ts";
import { parseValidateOptions, type ValidateArguments } from "../validate-options.ts";

/** A scan of good data needs a fifth of it, 5,000 columns of text most; what is more spills to disk. */
const MEMORY_LIMIT_MB = 1024;

export const command: CommandDefinition = {
  name: "validate",
  summary: "Check data against its contract, or every contract of params.yaml",
  examples: [
    "duetmind validate",
    "duetmind validate --schema patients.yaml --data patients.csv --json",
    "duetmind validate --schema patients.yaml --data patients.csv --quarantine bad.csv",
    "duetmind validate --schema patients.yaml --data patients.csv --html report.html",
    "duetmind validate --infer patients.csv > patients.yaml",
  ],
  configure: (command: Command) => {
    command
      .option("--schema <file>", "contract in Pandera's YAML or JSON")
      .option(
        "--data <file>",
        "data: .csv, .tsv, .json, .ndjson (.gz, .zst), .parquet, .xlsx; - is stdin",
      )
      .option("--types <json>", 'types that content does not tell: {"seen": "datetime64[ns]"}')
      .option("--format <format>", "format of the data where its name does not tell it")
      .option("--rows <count>", "read the first rows only", "all")
      .option("--max-cases <count>", "cases listed for each check, or all", "1000")
      .option("--output <file>", "write the data as the contract leaves it, when it is valid")
      .option("--quarantine <file>", "write the bad rows with their reasons (mode 0600)")
      .option("--html <file>", "write the report as a page with pictures")
      .option("--infer <file>", "propose a contract for a data file");
  },
  async run({ options }, context) {
    const asked = parseValidateOptions(options);
    const engine = await openEngine({ memoryLimitMb: MEMORY_LIMIT_MB });
    try {
      if (asked.kind === "infer") return await infer(engine, asked.data, asked, context);
      if (asked.kind === "project") return await validateProject(engine, asked, context);
      return await validateFile(engine, asked, context);
    } finally {
      engine.close();
    }
  },
};

async function validateFile(
  engine: Engine,
  asked: Extract<ValidateArguments, { kind: "file" }>,
  context: CliContext,
): Promise<CommandResult> {
  const { cwd, env, effects } = context;
  await keepInputs(engine, asked, cwd);
  const contract = await readContract(resolve(cwd, asked.schema), effects, asked.schema);
  return withDataFile(engine, { ...asked, mayBeEmpty: true, cwd }, async (relation) => {
    const validation = await validateRelation(engine, contract, relation, {
      schemaName: basename(asked.schema, extname(asked.schema)),
      maxCases: asked.maxCases,
      now: effects.clock.now(),
      openReference: fileOpener(context),
      ...(hasSensitive(contract) ? { mask: await openMask(cwd, env, effects) } : {}),
    });
    const { report } = validation;
    const written: string[] = [];
    if (asked.quarantine !== undefined) {
      const path = resolve(cwd, asked.quarantine);
      await writeQuarantine(engine, relation, validation, path, writtenFormatOf(path), effects);
      written.push(`bad rows: ${asked.quarantine}`);
    }
    if (asked.output !== undefined && report.valid) {
      const path = resolve(cwd, asked.output);
      const query = orderedQuery(validation.output);
      const format = writtenFormatOf(path);
      await effects.files.publish(path, (temporary) => writeData(engine, query, temporary, format));
      written.push(`data: ${asked.output}`);
    }
    if (asked.output !== undefined && !report.valid) {
      written.push(`${asked.output} was not written: the data is not valid`);
    }
    if (asked.html !== undefined) {
      const shown = [await withMissing(engine, report, relation)];
      written.push(await writeReport(shown, asked.html, context));
    }
    return toResult(report, [toReportText(report), ...written].join("\n"));
  });
}

/** What is read must still be there afterwards. */
async function keepInputs(
  engine: Engine,
  asked: Extract<ValidateArguments, { kind: "file" }>,
  cwd: string,
): Promise<void> {
  const { schema, data, format, output, quarantine, html } = asked;
  if (output === undefined && quarantine === undefined && html === undefined) return;
  const read = data === "-" ? [] : await listFiles(engine, dataPath(data, cwd), format);
  const outputs = { "--output": output, "--quarantine": quarantine, "--html": html };
  checkOutputs(outputs, [schema, ...read.map(({ path }) => path)], cwd);
}

/** Files beside the working folder need no project; datasets are those of the project there. */
function fileOpener({ cwd, env, effects }: CliContext): OpenReference {
  return async (engine, reference) => {
    if ("file" in reference) {
      return openReferencedFile(engine, { file: resolve(cwd, reference.file) });
    }
    const { referenceOpener } = await import("../../pipelines/open-reference.ts");
    const { loadBaseProject } = await import("../../pipelines/project.ts");
    return referenceOpener(await loadBaseProject(cwd, env, effects), effects)(engine, reference);
  };
}

function toResult(report: ValidationReport, text: string): CommandResult {
  return { json: report, text, exitCode: report.valid ? 0 : 1 };
}

async function validateProject(
  engine: Engine,
  { maxCases, html }: ValidateArguments,
  context: CliContext,
): Promise<CommandResult> {
  const { cwd, env, effects } = context;
  // a file alone starts without what only a project needs
  const { contractTargets } = await import("../../pipelines/contract-targets.ts");
  const { referenceOpener } = await import("../../pipelines/open-reference.ts");
  const { loadBaseProject } = await import("../../pipelines/project.ts");
  const project = await loadBaseProject(cwd, env, effects);
  const targets = contractTargets(project);
  if (targets.length === 0) {
    throw new DuetMindError("BAD_INPUT", "params.yaml: contracts: expected a contract, got none", {
      file: "params.yaml",
      path: "contracts",
      hint: "propose one with: duetmind validate --infer FILE > contracts/NAME.yaml",
    });
  }
  const reports: ValidationReport[] = [];
  const shown: ReportWithData[] = [];
  const texts: string[] = [];
  const skipped: { schema: string; next: string }[] = [];
  for (const { name, contract: path, open, held, missing } of targets) {
    const written = await readContract(join(project.root, path), effects, path);
    if (missing !== undefined) {
      skipped.push({ schema: name, next: missing });
      texts.push(`${name}: no data yet; make it with: ${missing}`);
      continue;
    }
    const relation = await open(engine, effects);
    const contract = await held(written, relation, engine, effects);
    const { report } = await validateRelation(engine, contract, relation, {
      schemaName: name,
      maxCases,
      now: effects.clock.now(),
      openReference: referenceOpener(project, effects),
      ...(hasSensitive(contract)
        ? { mask: await openMask(project.root, project.env, effects) }
        : {}),
    });
    reports.push(report);
    if (html !== undefined) shown.push(await withMissing(engine, report, relation));
    texts.push(toReportText(report));
  }
  if (html !== undefined) texts.push(await writeReport(shown, html, context));
  const valid = reports.every((report) => report.valid);
  return { json: { valid, reports, skipped }, text: texts.join("\n\n"), exitCode: valid ? 0 : 1 };
}

/** The report with what its page shows beside it: the missing values of each column. */
async function withMissing(
  engine: Engine,
  report: ValidationReport,
  relation: Relation,
): Promise<ReportWithData> {
  const counts = await countMissing(engine, relation);
  const columns = relation.columns.map(({ name }, i) => ({ name, missing: counts[i]! }));
  return { report, columns };
}

async function writeReport(
  reports: readonly ReportWithData[],
  path: string,
  { cwd, effects }: CliContext,
): Promise<string> {
  const { toReportHtml } = await import("../../validation/report-html.ts");
  await publishContent(effects.files, resolve(cwd, path), toReportHtml(reports));
  return `page: ${path}`;
}

async function infer(
  engine: Engine,
  data: string,
  asked: ValidateArguments,
  { cwd }: CliContext,
): Promise<CommandResult> {
  const { inferContract } = await import("../../validation/infer-contract.ts");
  const { toContractJson } = await import("../../validation/contract-json.ts");
  const { toContractYaml } = await import("../../validation/write-contract.ts");
  const source = { data, format: asked.format, types: asked.types, rows: asked.rows, cwd };
  return withDataFile(engine, source, async (relation) => {
    const name = data === "-" ? undefined : basename(data).replace(/\..*$/, "");
    const named = name === undefined ? {} : { name };
    const { contract, sensitive } = await inferContract(engine, relation, named);
    const comments = new Map(
      [...sensitive].map(([column, kind]) => [
        column,
        `sensitivity: ${kind} # keeps values out of reports`,
      ]),
    );
    return { json: toContractJson(contract), text: toContractYaml(contract, { comments }) };
  });
}
