import { relative } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import { forgetKnownRecords } from "../../pipelines/register-known.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { backUp } from "../../store/back-up.ts";
import { dumpSchema } from "../../store/dump-schema.ts";
import { embeddedPaths } from "../../store/embedded-paths.ts";
import {
  type MigrationStep,
  migrateDown,
  migrateUp,
  migrationStatus,
  resetSchema,
} from "../../store/migrate.ts";
import { type OwnerConnection, withOwnerConnection } from "../../store/owner-connection.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import type { CliContext } from "../context.ts";

/** Runs with a connection that may change the schema; a folder without a project has a database too. */
async function onDatabase(
  context: CliContext,
  act: (owner: OwnerConnection, root: string) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { effects } = context;
  const { root, env, database } = await loadServerProject(context.cwd, context.env, effects);
  const beforeRestore = () => forgetKnownRecords(root);
  const options = { root, env, params: database, effects, beforeRestore };
  return withOwnerConnection(options, (owner) => act(owner, root));
}

const migrate: CommandDefinition = {
  name: "migrate",
  summary: "apply the migrations that the database lacks",
  examples: ["duetmind db migrate"],
  run: (_invocation, context) =>
    onDatabase(context, async ({ connection, kind }) => {
      const applied = await migrateUp(connection, context.effects.clock.now());
      return {
        json: { database: kind, applied: applied.map(({ name }) => name) },
        text: stepsText("applied", applied, "nothing to apply: the database is current"),
      };
    }),
};

const rollback: CommandDefinition = {
  name: "rollback",
  summary: "take back the last migration, and the data that it holds",
  examples: ["duetmind db rollback", "duetmind db rollback --steps 2"],
  configure(command: Command) {
    command.option("--steps <count>", "how many migrations", parseCount, 1);
  },
  run: ({ options }, context) =>
    onDatabase(context, async ({ connection, kind }) => {
      const undone = await migrateDown(connection, options["steps"] as number);
      const again =
        kind === "embedded" && undone.length > 0
          ? "\nthe next command that opens the embedded database applies them again"
          : "";
      return {
        json: { database: kind, rolled_back: undone.map(({ name }) => name) },
        text: `${stepsText("rolled back", undone, "nothing to roll back")}${again}`,
      };
    }),
};

const status: CommandDefinition = {
  name: "status",
  summary: "say whether the database has every migration",
  examples: ["duetmind db status --json"],
  run: (_invocation, context) =>
    onDatabase(context, async ({ connection, kind }) => {
      const { applied, pending } = await migrationStatus(connection);
      const names = pending.map(({ name }) => name);
      const next =
        pending.length === 0 ? "" : `\npending  ${names.join(", ")}\nnext     duetmind db migrate`;
      return {
        json: {
          database: kind,
          current: pending.length === 0,
          applied: applied.map(({ name }) => name),
          pending: names,
        },
        text: `database ${kind}\napplied  ${applied.length}${next}`,
      };
    }),
};

const history: CommandDefinition = {
  name: "history",
  summary: "list the migrations that were applied, and when",
  examples: ["duetmind db history"],
  run: (_invocation, context) =>
    onDatabase(context, async ({ connection, kind }) => {
      const { applied } = await migrationStatus(connection);
      const lines = applied.map(
        ({ name, applied_at, duetmind }) =>
          `${applied_at.toISOString()}  ${name}  duetmind ${duetmind}`,
      );
      return {
        json: { database: kind, migrations: applied },
        text: lines.length === 0 ? "no migration was applied yet" : lines.join("\n"),
      };
    }),
};

const dump: CommandDefinition = {
  name: "dump",
  summary: "print the schema as SQL, in the form of infra/schema.sql, or take a backup",
  examples: ["duetmind db dump > schema.sql", "duetmind db dump --backup"],
  configure(command: Command) {
    command.option("--backup", "dump every row of the embedded database to .duetmind/backup");
  },
  run: ({ options }, context) =>
    onDatabase(context, async ({ connection, kind }, root) => {
      if (options["backup"] === true) return takeBackup({ connection, kind }, root, context);
      const { pending } = await migrationStatus(connection);
      if (kind === "embedded" && pending.length > 0) {
        await migrateUp(connection, context.effects.clock.now());
      }
      const schema = await dumpSchema(connection);
      return { json: { database: kind, schema }, text: schema };
    }),
};

async function takeBackup(
  { connection, kind }: OwnerConnection,
  root: string,
  { env, effects }: CliContext,
): Promise<CommandResult> {
  if (kind === "postgresql") {
    throw new DuetMindError(
      "USAGE",
      "db dump --backup: expected the embedded database, got a PostgreSQL server",
      { hint: "use pg_dump, or the backups of the server" },
    );
  }
  const { path, rows } = await backUp(embeddedPaths(root, env), connection, effects);
  const file = relative(root, path);
  return { json: { database: kind, file, rows }, text: `${rows} rows → ${file}` };
}

const reset: CommandDefinition = {
  name: "reset",
  summary: "delete all metadata and build the schema again",
  examples: ["duetmind db reset --yes"],
  configure(command: Command) {
    command.option("--yes", "really delete every run, version and audit event");
  },
  async run({ options }, context) {
    if (options["yes"] !== true) {
      throw new DuetMindError("USAGE", "db reset: expected --yes, got nothing", {
        hint: "it deletes every run, version and audit event; the files stay",
      });
    }
    return onDatabase(context, async ({ connection, kind }, root) => {
      const applied = await resetSchema(connection, context.effects.clock.now());
      // Else the next stage would believe that its record is registered.
      await forgetKnownRecords(root);
      return {
        json: { database: kind, applied: applied.map(({ name }) => name) },
        text: `deleted all metadata, ${stepsText("applied", applied, "applied nothing")}\nnext: duetmind register`,
      };
    });
  },
};

/** `duetmind db …`: the schema of the metadata database. */
export const command: CommandDefinition = {
  name: "db",
  summary: "look after the schema of the metadata database",
  examples: ["duetmind db status", "duetmind db migrate"],
  subcommands: [migrate, rollback, status, history, dump, reset],
};

function stepsText(verb: string, steps: readonly MigrationStep[], none: string): string {
  return steps.length === 0 ? none : `${verb} ${steps.map(({ name }) => name).join(", ")}`;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError(`expected a whole number from 1, got "${text}"`);
  }
  return count;
}
