import { spawnSync } from "node:child_process";

/** Why a command of a Debian package cannot be had here, or undefined; root installs it where it is not. */
export function debianMissing(
  command: string,
  probe: readonly string[],
  name: string,
): string | undefined {
  const isInstalled = () => spawnSync(command, probe).status === 0;
  if (isInstalled()) return undefined;
  if (process.getuid?.() !== 0) return `${command} is not installed, and only root may install it`;
  const options = {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  } as const;
  spawnSync("apt-get", ["update", "-q"], options);
  const install = ["install", "-y", "-q", "--no-install-recommends", name];
  const { stderr, error } = spawnSync("apt-get", install, options);
  return isInstalled() ? undefined : `apt-get cannot install ${name}: ${error ?? stderr}`;
}
