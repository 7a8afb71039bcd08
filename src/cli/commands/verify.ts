import { toTable } from "../../core/text-table.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { verifyModel } from "../../pipelines/verify.ts";
import { IDENTICAL, type VerifiedLink } from "../../pipelines/verify-compare.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "verify",
  summary: "Rebuild a model from its recorded lineage and compare every byte",
  examples: ["duetmind verify alzheimer@1", "duetmind verify alzheimer --json"],
  configure: (command) => {
    command.argument("<model>", "NAME@VERSION, or NAME for the newest version");
  },
  async run({ args }, { cwd, env, effects }) {
    const project = await loadBaseProject(cwd, env, effects);
    const verification = await verifyModel(project, args[0]!, effects);
    const { model, version, verdict, links } = verification;
    const broken = links.filter((link) => link.verdict !== IDENTICAL);
    return {
      json: { schema_version: 1, ...verification },
      text: [
        `${model}@${version}: ${verdict} (${links.length - broken.length} of ${links.length} links identical)`,
        toTable(["link", "files", "verdict"], summarise(links)),
      ].join("\n\n"),
      exitCode: verdict === IDENTICAL ? 0 : 1,
    };
  },
};

/** One line for each stage whose files are all identical, one for each file that is not. */
function summarise(links: readonly VerifiedLink[]): string[][] {
  const stages = new Map<string, VerifiedLink[]>();
  for (const link of links) {
    const stage = link.link.replace(/: .*$/s, "");
    stages.set(stage, [...(stages.get(stage) ?? []), link]);
  }
  return [...stages].flatMap(([stage, all]) => {
    const broken = all.filter(({ verdict }) => verdict !== IDENTICAL);
    if (broken.length === 0) return [[stage, String(all.length), IDENTICAL]];
    return broken.map(({ link, verdict }) => [link, "1", verdict]);
  });
}
