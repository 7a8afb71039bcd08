import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { publishContent } from "../../core/files.ts";
import { loadBaseProject } from "../../pipelines/project.ts";
import { openRaw } from "../../pipelines/raw-relation.ts";
import { type Engine, openEngine } from "../../table/engine.ts";
import { NO_MASK, type Profile, type ProfileMask, profileRelation } from "../../table/profile.ts";
import { toProfileHtml } from "../../table/profile-html.ts";
import { toProfileText } from "../../table/profile-text.ts";
import { openMask } from "../../validation/mask.ts";
import { isSensitiveColumn } from "../../validation/match-column.ts";
import { readContract } from "../../validation/read-contract.ts";
import type { CommandDefinition } from "../command.ts";
import type { CliContext } from "../context.ts";
import { withDataFile } from "../data-file.ts";
import { parseDataOptions } from "../validate-options.ts";

/** A scan needs a third of it, 5,000 columns of text most; what is more spills to disk. */
const MEMORY_LIMIT_MB = 1024;

export const command: CommandDefinition = {
  name: "profile",
  summary: "Describe the columns of a file or dataset, and say what stands out",
  examples: [
    "duetmind profile patients.csv",
    "duetmind profile visits --html visits.html",
    "duetmind profile patients.parquet --schema contracts/patients.yaml --json",
  ],
  configure: (command) => {
    command
      .argument("<data>", "a file, or a dataset of params.yaml; - is stdin")
      .option("--schema <file>", "contract whose sensitive columns are masked")
      .option("--types <json>", 'types that content does not tell: {"seen": "datetime64[ns]"}')
      .option("--format <format>", "format of the data where its name does not tell it")
      .option("--html <file>", "write a page with pictures");
  },
  async run({ args, options }, context) {
    const data = args[0]!;
    const asked = parseDataOptions(options);
    const engine = await openEngine({ memoryLimitMb: MEMORY_LIMIT_MB });
    try {
      const schema = options["schema"] as string | undefined;
      const profile =
        data === "-" || existsSync(resolve(context.cwd, data)) || /[./*]/.test(data)
          ? await profileFile(
              engine,
              { ...asked, data, rows: Number.POSITIVE_INFINITY },
              schema,
              context,
            )
          : await profileDataset(engine, data, schema, context);
      const html = options["html"] as string | undefined;
      if (html !== undefined) {
        const page = toProfileHtml(profile, basename(data));
        await publishContent(context.effects.files, resolve(context.cwd, html), page);
      }
      const written = html === undefined ? "" : `\npage: ${html}`;
      return { json: profile, text: `${toProfileText(profile, data)}${written}` };
    } finally {
      engine.close();
    }
  },
};

type Asked = Omit<Parameters<typeof withDataFile>[1], "cwd">;

async function profileFile(
  engine: Engine,
  file: Asked,
  schema: string | undefined,
  context: CliContext,
): Promise<Profile> {
  const { cwd } = context;
  const mask =
    schema === undefined ? NO_MASK : await maskBy(resolve(cwd, schema), schema, cwd, context);
  return withDataFile(engine, { ...file, cwd }, (relation) =>
    profileRelation(engine, relation, mask),
  );
}

async function profileDataset(
  engine: Engine,
  name: string,
  schema: string | undefined,
  context: CliContext,
): Promise<Profile> {
  const { cwd, env, effects } = context;
  const project = await loadBaseProject(cwd, env, effects);
  if (!Object.hasOwn(project.params.sources, name)) {
    const known = Object.keys(project.params.sources).join(", ");
    throw new DuetMindError(
      "NOT_FOUND",
      `${name}: expected a file, or a dataset of params.yaml (${known === "" ? "none" : known}), got neither`,
    );
  }
  const own = project.params.contracts.raw[name];
  const path = schema === undefined ? own : schema;
  const root = schema === undefined ? project.root : cwd;
  const mask =
    path === undefined ? NO_MASK : await maskBy(join(root, path), path, project.root, context);
  const { relation } = await openRaw(engine, project, name, effects);
  return profileRelation(engine, relation, mask);
}

async function maskBy(
  path: string,
  shownAs: string,
  root: string,
  { env, effects }: CliContext,
): Promise<ProfileMask> {
  const contract = await readContract(path, effects, shownAs);
  const isSensitive = (column: string) => isSensitiveColumn(contract, column);
  return { isSensitive, mask: await openMask(root, env, effects) };
}
