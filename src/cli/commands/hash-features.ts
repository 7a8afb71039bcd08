import { Option } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import {
  compareFiles,
  type FeatureHashes,
  type HashComparison,
  hashFile,
  hashProcessed,
} from "../../pipelines/features-hashes.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "hash-features",
  summary: "Print feature, fit and schema hash and data digest; explain a difference",
  examples: [
    "duetmind hash-features",
    "duetmind hash-features data/processed/features.parquet --json",
    "duetmind hash-features --compare old/feature-view.json data/processed/feature-view.json",
  ],
  configure(command) {
    command
      .argument("[file...]", "a feature-view.json or a data file; none: the project's")
      .addOption(new Option("--compare", "explain how two files differ"));
  },
  async run({ args, options }, { cwd, env, effects }) {
    if (options["compare"] === true) {
      const [a, b, ...more] = args;
      if (a === undefined || b === undefined || more.length > 0) {
        throw new DuetMindError(
          "USAGE",
          `hash-features --compare: expected two files, got ${args.length}`,
        );
      }
      const comparison = await compareFiles(cwd, [a, b], effects);
      return { json: { schema_version: 1, ...comparison }, text: comparisonText(comparison) };
    }
    if (args.length > 1) {
      throw new DuetMindError("USAGE", `hash-features: expected one file, got ${args.length}`, {
        hint: "compare two with --compare A B",
      });
    }
    const [file] = args;
    const hashes = file === undefined ? await ofProject() : await hashFile(cwd, file, effects);
    return { json: { schema_version: 1, ...hashes }, text: hashesText(hashes) };

    async function ofProject(): Promise<FeatureHashes> {
      const project = await loadBaseProject(cwd, env, effects);
      return hashProcessed(project.root, project.params.data.processed, effects);
    }
  },
};

function hashesText(hashes: FeatureHashes): string {
  return [
    hashes.file,
    ...lines(hashes).map(([label, digest]) => `${label.padEnd(14)}${digest}`),
  ].join("\n");
}

function lines(hashes: FeatureHashes): [string, string][] {
  return [
    ["feature hash", hashes.feature_hash],
    ["fit hash", hashes.fit_hash],
    ["schema hash", hashes.schema_hash],
    ["data digest", hashes.data_digest],
  ].filter((line): line is [string, string] => line[1] !== null);
}

function comparisonText({ same, a, b, differences }: HashComparison): string {
  if (same) return `${a.file} and ${b.file}: the same.`;
  const other = new Map(lines(b));
  const hashes = lines(a).map(
    ([label, digest]) => `${label}: ${digest === other.get(label) ? "same" : "differs"}`,
  );
  return [
    `${a.file} → ${b.file}`,
    ...hashes,
    ...differences.map(({ message }) => `- ${message}`),
  ].join("\n");
}
