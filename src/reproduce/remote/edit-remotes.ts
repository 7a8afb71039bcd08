import { join } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import type { ConfigSections } from "../files/config-text.ts";
import {
  CONFIG_LEVELS,
  type ConfigLevel,
  configFiles,
  configText,
  readDvcConfig,
} from "../files/dvc-config.ts";
import { configUrl, editConfig, readConfigSections, setConfigValue } from "../files/edit-config.ts";
import { parseRemoteSection } from "./remote-settings.ts";

/** Which file of a repository's configuration is meant; null: to be read all, to be written .dvc/config. */
export type ConfigPlace = Readonly<{
  root: string;
  cwd: string;
  env: Environment;
  level: ConfigLevel | null;
}>;

export type ListedRemote = Readonly<{ name: string; url: string; isDefault: boolean }>;

/** The remotes of one file, or of all together. */
export function listRemotes(place: ConfigPlace): readonly ListedRemote[] {
  const chosen = defaultRemote(place);
  const own = place.level === null ? null : readConfigSections(fileOf(place));
  return [...read(place).remotes]
    .filter(([name]) => own === null || own.has(titleOf(name)))
    .map(([name, section]) => {
      const url = section.get("url") ?? "";
      return { name, url: String(url), isDefault: name === chosen };
    });
}

/** The name of the default remote; null when there is none. */
export function defaultRemote(place: ConfigPlace): string | null {
  if (place.level === null) return configText(read(place), "core", "remote")?.toLowerCase() ?? null;
  const value = readConfigSections(fileOf(place)).get("core")?.get("remote");
  return typeof value === "string" ? value.toLowerCase() : null;
}

/** Adds a remote to a configuration file; returns the file. */
export async function addRemote(
  remote: Readonly<{ name: string; url: string; isDefault: boolean; force: boolean }>,
  place: ConfigPlace,
  effects: Effects,
): Promise<string> {
  const name = checkName(remote.name);
  return edit(place, effects, (sections, file) => {
    if (sections.has(titleOf(name)) && !remote.force) {
      throw new DuetMindError("ALREADY_EXISTS", `remote: expected a new name, got "${name}"`, {
        hint: "replace it with --force",
      });
    }
    const url = configUrl(remote.url, place.cwd, file);
    parseRemoteSection(name, new Map([["url", url]]), place.env);
    sections.set(titleOf(name), new Map([["url", url]]));
    if (remote.isDefault) setConfigValue(sections, "core", "remote", name);
  });
}

/** Sets an option of a remote, or with null takes it away. */
export async function modifyRemote(
  given: string,
  option: string,
  value: string | null,
  place: ConfigPlace,
  effects: Effects,
): Promise<string> {
  const name = given.toLowerCase();
  const key = option.toLowerCase();
  const known = requireRemote(name, place);
  return edit(place, effects, (sections, file) => {
    if (value === null) {
      sections.get(titleOf(name))?.delete(key);
      return;
    }
    const written = key === "url" ? configUrl(value, place.cwd, file) : value;
    checkOption(name, key, written, known.get("url"), place);
    setConfigValue(sections, titleOf(name), key, written);
  });
}

/** One option is looked at by itself: others that belong to it may come later. */
function checkOption(
  name: string,
  key: string,
  value: string,
  url: string | readonly string[] | undefined,
  { env }: ConfigPlace,
): void {
  const pair = key === "access_key_id" ? "secret_access_key" : "access_key_id";
  const isHalf = key === "access_key_id" || key === "secret_access_key";
  const section = new Map<string, string | readonly string[]>([
    ["url", url ?? ""],
    [key, value],
  ]);
  if (isHalf) section.set(pair, "x");
  if (key === "use_ssl") section.set("endpointurl", "http://localhost");
  parseRemoteSection(name, section, env);
}

/** Makes a remote the default one, or with null has none. */
export async function setDefaultRemote(
  given: string | null,
  place: ConfigPlace,
  effects: Effects,
): Promise<string> {
  const name = given?.toLowerCase() ?? null;
  if (name !== null) requireRemote(name, place);
  return edit(place, effects, (sections) => {
    if (name === null) sections.get("core")?.delete("remote");
    else setConfigValue(sections, "core", "remote", name);
  });
}

/** Forgets a remote, and that it was the default one. */
export async function removeRemote(
  given: string,
  place: ConfigPlace,
  effects: Effects,
): Promise<string> {
  const name = given.toLowerCase();
  const file = await edit(place, effects, (sections) => {
    requireSection(name, sections);
    sections.delete(titleOf(name));
  });
  await editAbove(place, effects, (core) => {
    if (core.get("remote") === name) core.delete("remote");
  });
  return file;
}

/** Gives a remote another name, also where it is the default one. */
export async function renameRemote(
  given: string,
  next: string,
  place: ConfigPlace,
  effects: Effects,
): Promise<string> {
  const name = given.toLowerCase();
  const renamed = checkName(next);
  if (read(place).remotes.has(renamed)) {
    throw new DuetMindError("ALREADY_EXISTS", `remote: expected a new name, got "${renamed}"`);
  }
  const file = await edit(place, effects, (sections) => {
    requireSection(name, sections);
    const entries = [...sections];
    sections.clear();
    for (const [title, keys] of entries) {
      sections.set(title === titleOf(name) ? titleOf(renamed) : title, keys);
    }
  });
  await editAbove(place, effects, (core) => {
    if (core.get("remote") === name) core.set("remote", renamed);
  });
  return file;
}

/** Changes `core` in the file of a place and in those that win over it. */
async function editAbove(
  place: ConfigPlace,
  effects: Effects,
  change: (core: Map<string, string | readonly string[]>) => void,
): Promise<void> {
  const from = CONFIG_LEVELS.indexOf(place.level ?? "repository");
  for (const level of CONFIG_LEVELS.slice(from)) {
    const at = { ...place, level };
    if (!readConfigSections(fileOf(at)).has("core")) continue;
    await edit(at, effects, (sections) => change(sections.get("core")!));
  }
}

async function edit(
  place: ConfigPlace,
  effects: Effects,
  change: (sections: ConfigSections, file: string) => void,
): Promise<string> {
  const file = fileOf(place);
  await editConfig(file, (sections) => change(sections, file), effects);
  return file;
}

function fileOf({ root, env, level }: ConfigPlace): string {
  return configFiles(join(root, ".dvc"), env)[level ?? "repository"];
}

function read({ root, env }: ConfigPlace) {
  return readDvcConfig(join(root, ".dvc"), env);
}

function titleOf(name: string): string {
  return `remote "${name}"`;
}

function checkName(name: string): string {
  if (/^[^\s"'[\]]+$/.test(name)) return name.toLowerCase();
  throw new DuetMindError(
    "BAD_INPUT",
    `remote: expected a name without spaces, quotes and brackets, got "${name}"`,
  );
}

function requireRemote(name: string, place: ConfigPlace) {
  const { remotes } = read(place);
  const section = remotes.get(name);
  if (section === undefined) throw unknownRemote(name, [...remotes.keys()]);
  return section;
}

function requireSection(name: string, sections: ConfigSections): void {
  if (sections.has(titleOf(name))) return;
  const names = [...sections.keys()].flatMap((title) => /^remote "(.*)"$/.exec(title)?.[1] ?? []);
  throw unknownRemote(name, names);
}

function unknownRemote(name: string, names: readonly string[]): DuetMindError {
  const near = nearestName(name, names);
  return new DuetMindError(
    "NOT_FOUND",
    `remote: expected one of the configuration, got "${name}"`,
    { hint: near === undefined ? "duetmind remote list shows them" : `did you mean "${near}"?` },
  );
}
