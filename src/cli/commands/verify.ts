import { toTable } from "../../core/text-table.ts";
import { loadProject } from "../../pipelines/project.ts";
import { verifyModel } from "../../pipelines/verify.ts";
import { IDENTICAL } from "../../pipelines/verify-compare.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "verify",
  summary: "Rebuild a model from its recorded lineage and compare every byte",
  examples: ["duetmind verify alzheimer@1", "duetmind verify alzheimer --json"],
  configure: (command) => {
    command.argument("<model>", "NAME@VERSION, or NAME for the newest version");
  },
  async run({ args }, { cwd, env, effects }) {
    const project = await loadProject(cwd, env, effects);
    const verification = await verifyModel(project, args[0]!, effects);
    const { model, version, verdict, links } = verification;
    const broken = links.filter((link) => link.verdict !== IDENTICAL);
    return {
      json: { schema_version: 1, ...verification },
      text: [
        `${model}@${version}: ${verdict} (${links.length - broken.length} of ${links.length} links identical)`,
        toTable(
          ["link", "sha256", "verdict"],
          links.map((link) => [link.link, link.expected ?? "", link.verdict]),
        ),
      ].join("\n\n"),
      exitCode: verdict === IDENTICAL ? 0 : 1,
    };
  },
};
