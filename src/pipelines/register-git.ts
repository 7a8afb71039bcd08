import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type GitState = Readonly<{ commit: string; branch: string | null; dirty: boolean }>;

const run = promisify(execFile);

/** The commit that a folder is at; null outside a repository, without git, or before a first commit. */
export async function readGitState(folder: string): Promise<GitState | null> {
  const git = async (...args: string[]) =>
    (await run("git", args, { cwd: folder, timeout: 10_000, maxBuffer: 1 << 26 })).stdout.trim();
  try {
    const commit = await git("rev-parse", "HEAD");
    const branch = await git("rev-parse", "--abbrev-ref", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no");
    return { commit, branch: branch === "HEAD" ? null : branch, dirty: changes !== "" };
  } catch {
    return null; // provenance is welcome, not needed: a project need not be a repository
  }
}
