import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isTree } from "../core/layers.ts";
import { parseYaml } from "../core/yaml.ts";

/** True for a folder whose params.yaml is DuetMind's; a project of DVC alone has no records of ours. */
export function isDuetMindProject(folder: string): boolean {
  const path = join(folder, "params.yaml");
  if (!existsSync(path)) return false;
  const params = parseYaml(readFileSync(path, "utf8"), "params.yaml", "CONFIG_INVALID");
  return isTree(params) && params["duetmind"] !== undefined;
}
