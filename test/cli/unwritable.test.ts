import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/database.ts";

/**
 * A folder that must not be written, for real: the built command runs as a user whom the folder does not
 * belong to, or on a file system that is read-only. Root may write everywhere, so as root the command
 * runs as nobody.
 */
const BIN = join(import.meta.dirname, "..", "..", "bin", "duetmind.js");
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const isRoot = process.getuid?.() === 0;
const canDrop = !isRoot || spawnSync(NOBODY[0]!, [...NOBODY.slice(1), "true"]).status === 0;
/** A mount namespace of its own, where a folder can be made read-only without touching the machine. */
const NAMESPACE = ["unshare", ...(isRoot ? [] : ["--map-root-user"]), "--mount", "sh", "-c"];
const MOUNT = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"';
const canMount =
  spawnSync(NAMESPACE[0]!, [...NAMESPACE.slice(1), MOUNT, "/var/tmp", "true"]).status === 0;

type Ran = Readonly<{ status: number | null; stdout: string; stderr: string }>;

function run(command: readonly string[], cwd: string): Ran {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program!, args, {
    encoding: "utf8",
    cwd,
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", DUETMIND_DEFER_REGISTRATION: "1" },
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

const duetmind = (...words: readonly string[]) => [process.execPath, BIN, ...words];

/** A project up to a stage: its folders as they are when that stage is run for the first time. */
let project: string;
beforeAll(() => {
  const home = temporaryFolder();
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${i},${(i * 7) % 50},${i % 3 === 0 ? "yes" : "no"}`,
  );
  writeFileSync(join(home, "rows.csv"), `id,x,y\n${rows.join("\n")}\n`);
  project = join(home, "project");
  expect(run(duetmind("init", project, "--from", "rows.csv", "--target", "y"), home).status).toBe(
    0,
  );
  for (const stage of ["data", "features", "train"]) {
    const { status, stderr } = run(duetmind(stage, "--quiet"), project);
    expect(status, stderr).toBe(0);
  }
}, 180_000);

/** A copy that its user may read and not write, without the folders named. */
function readOnlyCopy(...without: readonly string[]): string {
  const home = temporaryFolder();
  chmodSync(home, 0o755);
  const copy = join(home, "project");
  cpSync(project, copy, { recursive: true });
  for (const path of [...without, ".duetmind"])
    rmSync(join(copy, path), { recursive: true, force: true });
  for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444);
  }
  chmodSync(copy, 0o555);
  return copy;
}

const CASES = [
  { words: ["data"], without: ["data/raw", "data/processed", "models"], names: "data/raw" },
  { words: ["features"], without: ["data/processed", "models"], names: "data/processed" },
  { words: ["train"], without: ["models"], names: "models" },
  { words: ["init", "new", "--sample", "alzheimer"], without: [], names: "new" },
  { words: ["db", "status"], without: [], names: ".duetmind" },
] as const;

function expectRefused(ran: Ran, names: string, errno: string): void {
  expect(ran, ran.stderr).toMatchObject({ status: 3 });
  const { error } = JSON.parse(ran.stdout);
  expect(error.code, ran.stderr).toBe("NOT_WRITABLE");
  expect(error.message).toContain(names);
  expect(error.message).toMatch(
    new RegExp(`expected to write the (file|folder), got .*\\(${errno}\\)`),
  );
}

test.skipIf(!canDrop).each(CASES)(
  "$words.0 in a folder of another user is NOT_WRITABLE, exit 3, and leaves nothing (skipped as root without setpriv)",
  ({ words, without, names }) => {
    const folder = readOnlyCopy(...without);
    const before = readdirSync(folder, { recursive: true }).sort();
    const command = duetmind(...words, "--json");
    expectRefused(run(isRoot ? [...NOBODY, ...command] : command, folder), names, "EACCES");
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
  },
  120_000,
);

test.skipIf(!canMount).each(CASES)(
  "$words.0 on a read-only file system is NOT_WRITABLE, exit 3 (skipped where no mount namespace can be had)",
  ({ words, without, names }) => {
    const folder = readOnlyCopy(...without);
    const ran = run([...NAMESPACE, MOUNT, folder, ...duetmind(...words, "--json")], "/");
    expectRefused(ran, names, "EROFS");
  },
  120_000,
);
