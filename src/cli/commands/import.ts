import type { Environment } from "../../core/environment.ts";
import { toTable } from "../../core/text-table.ts";
import { type ImportReport, importMlflow } from "../../pipelines/import-mlflow.ts";
import { differences } from "../../pipelines/import-mlflow-counts.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { openDatabase } from "../../store/database.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import { createMemoryAccess } from "../memory-access.ts";
import { reportTo } from "../report-error.ts";
import { createServices } from "../serve-services.ts";

export const command: CommandDefinition = {
  name: "import",
  summary: "Bring what another tool has kept",
  examples: ["duetmind import mlflow --from http://localhost:5000"],
  subcommands: [
    {
      name: "mlflow",
      summary: "Bring an MLflow server here: experiments, runs, models and their files",
      examples: [
        "duetmind import mlflow --from http://localhost:5000",
        "duetmind import mlflow --from https://mlflow.example.org --experiments trials,stroke --no-artifacts",
      ],
      configure: (command) => {
        command
          .requiredOption("--from <url>", "address of the server")
          .option("--experiments <names>", "comma list of experiments; default: all")
          .option("--no-artifacts", "leave files there");
      },
      async run({ options }, { cwd, env, effects, log }) {
        const project = await loadServerProject(cwd, env, effects);
        const { root, database: params, artifacts } = project;
        const database = await openDatabase({ root, env: project.env, params, effects });
        try {
          const services = createServices(
            {
              ...{ database, root, env: project.env, artifacts },
              memory: createMemoryAccess({
                ...{ database, root, env: project.env, params: project.memory, effects },
                report: reportTo(log),
              }),
              artifactRoot: "mlflow-artifacts:",
              servesArtifacts: true,
              maxArtifactBytes: undefined,
            },
            effects,
          );
          const report = await importMlflow(
            {
              from: { url: options["from"] as string, ...credentialsOf(project.env) },
              experiments: namesOf(options["experiments"]),
              withFiles: options["artifacts"] as boolean,
              actor: actorOf(project.env),
            },
            { database, experiments: services.experiments, artifacts: services.artifacts },
            effects,
          );
          return toResult(report);
        } finally {
          await database.close();
        }
      },
    },
  ],
};

function toResult(report: ImportReport): CommandResult {
  const wrong = differences(report.counts);
  const { from, counts, failures } = report;
  const isSame = wrong.length === 0 && failures.length === 0;
  const verdict = isSame
    ? `all of ${from} is here`
    : `not all of ${from} is here: ${[
        ...wrong.map(
          ({ what, there, here }) => `${what.replaceAll("_", " ")} (${here} of ${there})`,
        ),
        ...failures.map(({ what, reason }) => `${what}: ${reason}`),
      ].join("; ")}`;
  return {
    json: { schema_version: 1, from, counts, failures, complete: isSame },
    text: [
      toTable(
        ["", "there", "here"],
        counts.map(({ what, there, here }) => [
          what.replaceAll("_", " "),
          String(there),
          String(here),
        ]),
      ),
      verdict,
    ].join("\n\n"),
    exitCode: isSame ? 0 : 1,
  };
}

/** The variables by which MLflow's own clients are told who asks. */
function credentialsOf(env: Environment) {
  const token = env["MLFLOW_TRACKING_TOKEN"];
  const username = env["MLFLOW_TRACKING_USERNAME"];
  const password = env["MLFLOW_TRACKING_PASSWORD"];
  return {
    ...(token === undefined ? {} : { token }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

function namesOf(value: unknown): string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}
