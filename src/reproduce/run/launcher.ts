import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Effects } from "../../core/effects.ts";

/**
 * Stages say `npx --no -- duetmind data`: the one spelling that works in a clone, with a local and with
 * a global install, under real DVC too. Here a folder in front of PATH answers it, so that a stage
 * runs the same installation as `reproduce` itself (which may have come by a path or by
 * `npx duetmind@x`), without npm's start-up time and without its network.
 */
export type Installation = Readonly<{
  /** The node binary that is running. */
  node: string;
  /** bin/duetmind.js of the running installation. */
  script: string;
}>;

/** Writes the two launchers and returns PATH with their folder in front. */
export async function prepareLaunchers(
  folder: string,
  installation: Installation,
  path: string | undefined,
  effects: Effects,
): Promise<string> {
  const run = `exec ${quote(installation.node)} ${quote(installation.script)} "$@"`;
  await writeScript(join(folder, "duetmind"), `#!/bin/sh\n${run}\n`, effects);
  await writeScript(join(folder, "npx"), npxScript(folder, run), effects);
  return [folder, path].filter(Boolean).join(delimiter);
}

function npxScript(folder: string, run: string): string {
  return `#!/bin/sh
if [ "$1 $2 $3" = "--no -- duetmind" ]; then
  shift 3
  ${run}
fi
# anything else is for the real npx: the next one in PATH
rest=
IFS=:
for place in $PATH; do
  [ "$place" = ${quote(folder)} ] || rest="$rest\${rest:+:}$place"
done
unset IFS
PATH="$rest"
export PATH
exec npx "$@"
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function writeScript(path: string, content: string, effects: Effects): Promise<void> {
  if (existsSync(path) && readFileSync(path, "utf8") === content) return;
  await effects.files.publish(path, async (temporary) => {
    await writeFile(temporary, content);
    await chmod(temporary, 0o755);
  });
}
