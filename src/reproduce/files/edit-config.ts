import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Effects } from "../../core/effects.ts";
import { publishContent } from "../../core/files.ts";
import { type ConfigSections, configText } from "./config-text.ts";
import { parseConfig } from "./dvc-config.ts";

/** The sections of a configuration file; none when there is no such file. */
export function readConfigSections(path: string): ConfigSections {
  if (!existsSync(path)) return new Map();
  return new Map(
    [...parseConfig(readFileSync(path, "utf8"), path)].map(([title, keys]) => [
      title,
      new Map(keys),
    ]),
  );
}

/** Writes a configuration file again with a change. Comments do not survive that, nor with DVC. */
export async function editConfig(
  path: string,
  change: (sections: ConfigSections) => void,
  effects: Effects,
): Promise<void> {
  const sections = readConfigSections(path);
  change(sections);
  await publishContent(effects.files, path, configText(sections));
}

/** Sets a key; a section that is not there is made. */
export function setConfigValue(
  sections: ConfigSections,
  title: string,
  key: string,
  value: string,
): void {
  const section = sections.get(title) ?? new Map();
  section.set(key, value);
  sections.set(title, section);
}

/** How a configuration file names a place: a relative path goes from the folder of the file. */
export function configUrl(url: string, cwd: string, file: string): string {
  if (/^\w+:\/\//.test(url) || isAbsolute(url) || /^~(?:\/|$)/.test(url)) return url;
  return relative(dirname(file), resolve(cwd, url)) || ".";
}
