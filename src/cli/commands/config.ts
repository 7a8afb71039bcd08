import { toTable } from "../../core/text-table.ts";
import { KNOWN_VARIABLES } from "../../pipelines/environment-settings.ts";
import { effectiveSettings, loadBaseProject } from "../../pipelines/project.ts";
import type { CommandDefinition } from "../command.ts";
import { setOption } from "../options.ts";

export const command: CommandDefinition = {
  name: "config",
  summary: "Print the effective settings and where each came from",
  examples: ["duetmind config", "duetmind config --set split.seed=7 --json"],
  configure: (command) => {
    command.addOption(setOption());
  },
  async run({ options }, { cwd, env, effects }) {
    const set = options["set"] as readonly string[];
    const project = await loadBaseProject(cwd, env, effects, { set });
    const settings = effectiveSettings(project);
    const variables = KNOWN_VARIABLES.filter(({ name }) => project.env[name] !== undefined).map(
      ({ name, secret }) => ({
        path: name,
        value: secret ? "***" : project.env[name],
        origin: env[name] === undefined ? ".env" : "environment",
      }),
    );
    const rows = [...settings, ...variables];
    return {
      json: { schema_version: 1, root: project.root, settings: rows },
      text: toTable(
        ["setting", "value", "from"],
        rows.map(({ path, value, origin }) => [path, toText(value), origin]),
      ),
    };
  },
};

function toText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
