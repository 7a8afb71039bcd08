import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { StatusCase } from "./dvc-status-cases.ts";

/** What `dvc status` said of a repository, and the repository. */
export type StatusRecord = Readonly<{
  name: string;
  args: readonly string[];
  folder: string;
  json: unknown;
  text: string;
  /** Path → mode and content in base64. */
  files: Readonly<Record<string, readonly [mode: number, content: string]>>;
}>;

/** Makes the repository of a case with the `dvc` in a folder of commands, and asks it for the status. */
export function recordStatus(given: StatusCase, bin: string): StatusRecord & { root: string } {
  const root = mkdtempSync(join(tmpdir(), "duetmind-dvc-status-"));
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    DVC_NO_ANALYTICS: "1",
    DVC_SITE_CACHE_DIR: join(root, "..", "duetmind-dvc-site"),
  };
  const sh = (script: string, cwd = root) =>
    execFileSync("sh", ["-ec", script], {
      cwd,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  sh(`dvc init --no-scm -q\n${given.make}\n${given.change}`);
  const files = readFiles(root);
  const args = given.args ?? [];
  const folder = given.folder ?? ".";
  const at = join(root, folder);
  // the first look may remove damaged objects: both answers are of the repository as it was
  const json = JSON.parse(sh(`dvc status --json ${args.join(" ")}`, at)) as unknown;
  writeFiles(root, files);
  const text = sh(`dvc status ${args.join(" ")}`, at);
  writeFiles(root, files);
  return { name: given.name, args, folder, json, text, files, root };
}

function readFiles(root: string): StatusRecord["files"] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => !path.startsWith(".dvc/tmp") && lstatSync(join(root, path)).isFile(),
  );
  return Object.fromEntries(
    paths.sort().map((path) => {
      const content = readFileSync(join(root, path)).toString("base64");
      return [path, [lstatSync(join(root, path)).mode & 0o777, content]];
    }),
  );
}

/** Puts the files of a record into a folder. */
export function writeFiles(root: string, files: StatusRecord["files"]): void {
  for (const [path, [mode, content]] of Object.entries(files)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) chmodSync(target, 0o644);
    writeFileSync(target, Buffer.from(content, "base64"));
    chmodSync(target, mode);
  }
}
