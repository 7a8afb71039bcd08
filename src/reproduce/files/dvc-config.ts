import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";

/**
 * DVC's configuration: INI files with quoted names of sections (`['remote "storage"']`), in layers of
 * which the later wins key by key: system, user, `.dvc/config`, `.dvc/config.local`. Keys and names
 * are lower case. A relative `cache.dir` or `url` is taken from the folder of its file.
 */
export type DvcConfig = Readonly<{
  sections: ReadonlyMap<string, ConfigSection>;
  remotes: ReadonlyMap<string, ConfigSection>;
}>;

export type ConfigSection = ReadonlyMap<string, string | readonly string[]>;

/** A value that is one text, such as `core.remote`. */
export function configText(config: DvcConfig, section: string, key: string): string | undefined {
  const value = config.sections.get(section)?.get(key);
  return value === undefined || typeof value === "string" ? value : value.join(",");
}

/** A value with commas, such as `cache.type`. */
export function configList(config: DvcConfig, section: string, key: string): readonly string[] {
  const value = config.sections.get(section)?.get(key);
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

/** A value that is `true` or `false` in any case. */
export function configFlag(config: DvcConfig, section: string, key: string): boolean | undefined {
  const text = configText(config, section, key)?.toLowerCase();
  if (text === undefined || text === "true" || text === "false") {
    return text === undefined ? undefined : text === "true";
  }
  throw new DuetMindError(
    "CONFIG_INVALID",
    `.dvc/config: ${section}.${key}: expected true or false, got "${text}"`,
    { path: `${section}.${key}` },
  );
}

/** Reads every layer; a layer without a file is empty. */
export function readDvcConfig(dvcFolder: string, env: Environment): DvcConfig {
  const sections = new Map<string, Map<string, string | readonly string[]>>();
  const remotes = new Map<string, Map<string, string | readonly string[]>>();
  for (const file of Object.values(configFiles(dvcFolder, env))) {
    if (!isAbsolute(file) || !existsSync(file)) continue;
    for (const [title, values] of parseConfig(readFileSync(file, "utf8"), file)) {
      const remote = /^\s*remote\s*"(.*)"\s*$/.exec(title)?.[1];
      const into = remote === undefined ? sections : remotes;
      const name = remote ?? title;
      const merged = into.get(name) ?? new Map();
      for (const [key, value] of values) {
        const isPath =
          remote === undefined ? title === "cache" && key === "dir" : REMOTE_PATHS.has(key);
        const isText = typeof value === "string";
        merged.set(key, isPath && isText ? configPath(value, dirname(file), env) : value);
      }
      into.set(name, merged);
    }
  }
  return { sections, remotes };
}

const REMOTE_PATHS = new Set([
  ...["url", "gdrive_user_credentials_file", "gdrive_service_account_json_file_path"],
  ...["credentialpath", "configpath", "keyfile", "cert_path", "key_path"],
]);

export const CONFIG_LEVELS = ["system", "global", "repository", "local"] as const;
export type ConfigLevel = (typeof CONFIG_LEVELS)[number];

/** The file of each level; a later level wins over those before it. */
export function configFiles(
  dvcFolder: string,
  env: Environment,
): Readonly<Record<ConfigLevel, string>> {
  const home = env["HOME"] ?? "";
  const system = env["DVC_SYSTEM_CONFIG_DIR"] || join(systemFolder(env), "dvc");
  const user =
    env["DVC_GLOBAL_CONFIG_DIR"] || join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "dvc");
  return {
    system: join(system, "config"),
    global: join(user, "config"),
    repository: join(dvcFolder, "config"),
    local: join(dvcFolder, "config.local"),
  };
}

function systemFolder(env: Environment): string {
  return (env["XDG_CONFIG_DIRS"] || "/etc/xdg").split(":")[0]!;
}

function configPath(value: string, folder: string, env: Environment): string {
  if (/^\w+:\/\//.test(value) || isAbsolute(value)) return value;
  const home = env["HOME"];
  if (home !== undefined && /^~(?:\/|$)/.test(value)) return join(home, value.slice(1));
  return resolve(folder, value);
}

type Parsed = ReadonlyMap<string, ReadonlyMap<string, string | readonly string[]>>;

/** The sections of one file. */
export function parseConfig(text: string, file: string): Parsed {
  const sections = new Map<string, Map<string, string | readonly string[]>>();
  let current: Map<string, string | readonly string[]> | undefined;
  for (const [i, line] of text.split(/\r\n|\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const title = /^\s*\[\s*(?:"([^"]*)"|'([^']*)'|([^'"\]\s][^\]]*?))\s*\]\s*(?:#.*)?$/.exec(line);
    if (title !== null) {
      const name = (title[1] ?? title[2] ?? title[3] ?? "").toLowerCase();
      if (sections.has(name)) throw unreadable(file, i, "each section once", line);
      current = new Map();
      sections.set(name, current);
      continue;
    }
    const pair = /^\s*(?:"([^"]*)"|'([^']*)'|([^'"=\s][^=]*?))\s*=\s*(.*)$/.exec(line);
    if (pair === null || current === undefined) {
      throw unreadable(file, i, "[section] or key = value", line);
    }
    const key = (pair[1] ?? pair[2] ?? pair[3] ?? "").toLowerCase();
    if (current.has(key)) throw unreadable(file, i, "each key once", line);
    const value = configValue(pair[4]!.trim());
    if (value === null) throw unreadable(file, i, "a value with closed quotes on one line", line);
    current.set(key, value);
  }
  return sections;
}

/** `a`, `"a, b"` and `a # why` are texts; `a, b` and `a,` are lists. */
function configValue(text: string): string | readonly string[] | null {
  const item = /\s*(?:"([^"]*)"|'([^']*)'|([^'",#\s](?:[^,#]|(?<=\S)#)*?)?)\s*(,|#.*$|$)/y;
  const items: string[] = [];
  let hasComma = false;
  for (;;) {
    const found = item.exec(text);
    if (found === null) return null;
    const value = found[1] ?? found[2] ?? found[3];
    const isLast = found[4] !== ",";
    if (value !== undefined || !isLast || items.length === 0) items.push(value ?? "");
    if (isLast) return hasComma ? items : items[0]!;
    hasComma = true;
  }
}

function unreadable(file: string, line: number, expected: string, got: string): DuetMindError {
  return new DuetMindError(
    "CONFIG_INVALID",
    `${file}:${line + 1}: expected ${expected}, got "${got.trim()}"`,
    { file, line: line + 1 },
  );
}
