import { relative } from "node:path";
import type { Command } from "commander";
import { DuetMindError } from "../../core/errors.ts";
import type { ConfigLevel } from "../../reproduce/files/dvc-config.ts";
import { ensureDvcFolder } from "../../reproduce/files/dvc-folder.ts";
import { openRepository } from "../../reproduce/files/repository.ts";
import {
  addRemote,
  type ConfigPlace,
  defaultRemote,
  listRemotes,
  modifyRemote,
  removeRemote,
  renameRemote,
  setDefaultRemote,
} from "../../reproduce/remote/edit-remotes.ts";
import type { CommandDefinition, Invocation } from "../command.ts";
import type { CliContext } from "../context.ts";

const LEVELS: readonly (readonly [flag: string, level: ConfigLevel, help: string])[] = [
  ["local", "local", "write .dvc/config.local, which git does not see: the place for secrets"],
  ["project", "repository", "write .dvc/config (the default)"],
  ["global", "global", "write the configuration of your account"],
  ["system", "system", "write the configuration of this machine"],
];

function configureLevel(program: Command): Command {
  for (const [flag, , help] of LEVELS) program.option(`--${flag}`, help);
  return program;
}

async function openPlace(
  { options }: Invocation,
  { cwd, env, effects }: CliContext,
): Promise<ConfigPlace> {
  const asked = LEVELS.filter(([flag]) => options[flag] === true);
  if (asked.length > 1) {
    const flags = asked.map(([flag]) => `--${flag}`).join(" and ");
    throw new DuetMindError("USAGE", `remote: expected one place to write to, got ${flags}`);
  }
  const { root } = await openRepository(cwd, env, effects);
  await ensureDvcFolder(root, effects);
  return { root, cwd, env, level: asked[0]?.[1] ?? null };
}

function said(remote: string, file: string, { cwd }: CliContext, text = "") {
  return { json: { remote, file: relative(cwd, file) }, text };
}

const add: CommandDefinition = {
  name: "add",
  summary: "Add a remote: a folder or s3://BUCKET/PREFIX",
  examples: [
    "duetmind remote add -d storage /mnt/storage/project",
    "duetmind remote add storage s3://bucket/project",
  ],
  configure(program) {
    configureLevel(program.argument("<name>").argument("<url>"))
      .option("-d, --default", "make it the default remote")
      .option("-f, --force", "replace a remote of this name");
  },
  async run(invocation, context) {
    const [name, url] = invocation.args as [string, string];
    const { options } = invocation;
    const place = await openPlace(invocation, context);
    const file = await addRemote(
      { name, url, isDefault: options["default"] === true, force: options["force"] === true },
      place,
      context.effects,
    );
    const text = options["default"] === true ? `Setting '${name}' as a default remote.` : "";
    return said(name, file, context, text);
  },
};

const modify: CommandDefinition = {
  name: "modify",
  summary: "Set an option of a remote, or with --unset take it away",
  examples: [
    "duetmind remote modify storage endpointurl https://minio.example:9000",
    "duetmind remote modify --local storage secret_access_key SECRET",
    "duetmind remote modify storage region --unset",
  ],
  configure(program) {
    configureLevel(program.argument("<name>").argument("<option>").argument("[value]")).option(
      "-u, --unset",
      "take the option away",
    );
  },
  async run(invocation, context) {
    const [name, option, value] = invocation.args as [string, string, string | undefined];
    const unset = invocation.options["unset"] === true;
    if (unset === (value !== undefined)) {
      const got = unset ? "both" : "neither";
      throw new DuetMindError("USAGE", `remote modify: expected a value or --unset, got ${got}`);
    }
    const place = await openPlace(invocation, context);
    const file = await modifyRemote(name, option, value ?? null, place, context.effects);
    return said(name, file, context);
  },
};

const list: CommandDefinition = {
  name: "list",
  summary: "List the remotes",
  examples: ["duetmind remote list", "duetmind remote list --json"],
  configure(program) {
    configureLevel(program);
  },
  async run(invocation, context) {
    const remotes = listRemotes(await openPlace(invocation, context));
    const lines = remotes.map(
      ({ name, url, isDefault }) => `${name}\t${url}${isDefault ? "\t(default)" : ""}`,
    );
    return {
      json: {
        remotes: remotes.map(({ name, url, isDefault }) => ({ name, url, default: isDefault })),
      },
      text: lines.join("\n"),
    };
  },
};

const byDefault: CommandDefinition = {
  name: "default",
  summary: "Print the default remote, set it, or with --unset have none",
  examples: ["duetmind remote default", "duetmind remote default storage"],
  configure(program) {
    configureLevel(program.argument("[name]")).option("-u, --unset", "have no default remote");
  },
  async run(invocation, context) {
    const place = await openPlace(invocation, context);
    const [name] = invocation.args;
    const unset = invocation.options["unset"] === true;
    if (name === undefined && !unset) {
      const known = defaultRemote(place);
      return {
        json: { remote: known },
        text: known ?? "No default remote set",
        exitCode: known === null ? 1 : 0,
      };
    }
    const file = await setDefaultRemote(unset ? null : name!, place, context.effects);
    return said(unset ? "" : name!, file, context);
  },
};

const remove: CommandDefinition = {
  name: "remove",
  summary: "Forget a remote; what it holds stays",
  examples: ["duetmind remote remove storage"],
  configure(program) {
    configureLevel(program.argument("<name>"));
  },
  async run(invocation, context) {
    const [name] = invocation.args as [string];
    const place = await openPlace(invocation, context);
    return said(name, await removeRemote(name, place, context.effects), context);
  },
};

const rename: CommandDefinition = {
  name: "rename",
  summary: "Give a remote another name",
  examples: ["duetmind remote rename storage archive"],
  configure(program) {
    configureLevel(program.argument("<name>").argument("<new>"));
  },
  async run(invocation, context) {
    const [name, next] = invocation.args as [string, string];
    const place = await openPlace(invocation, context);
    return said(next, await renameRemote(name, next, place, context.effects), context);
  },
};

export const command: CommandDefinition = {
  name: "remote",
  summary: "Set up the places where outs are pushed to",
  examples: ["duetmind remote add -d storage s3://bucket/project", "duetmind remote list"],
  subcommands: [add, modify, list, byDefault, remove, rename],
};
