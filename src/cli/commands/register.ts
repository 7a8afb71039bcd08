import { toTable } from "../../core/text-table.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { registerRecords } from "../../pipelines/register-records.ts";
import type { CommandDefinition } from "../command.ts";

export const command: CommandDefinition = {
  name: "register",
  summary: "Import the records of stages that ran elsewhere: a clone, a pull, a real dvc repro",
  examples: ["duetmind register", "duetmind register --json"],
  async run(_invocation, { cwd, env, effects }) {
    const project = await loadBaseProject(cwd, env, effects);
    const records = await registerRecords(project, effects, { trustKnown: false });
    const rows = records.flatMap(({ record, imported, registered }) =>
      registered.map((one) => [
        record.stage,
        one.kind.replace("_", " "),
        `${one.name}@${one.version}`,
        one.status ?? "",
        imported && one.created ? "new" : "there already",
      ]),
    );
    return {
      json: {
        schema_version: 1,
        records: records.map(({ record, imported, registered }) => ({
          stage: record.stage,
          path: record.path,
          digest: record.digest,
          imported,
          registered,
        })),
      },
      text:
        records.length === 0
          ? "no stage has written a record yet; next: duetmind reproduce"
          : toTable(["stage", "kind", "version", "status", ""], rows),
    };
  },
};
