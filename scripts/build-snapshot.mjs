// Makes dist/database.snapshot: an initialised PGlite folder with our roles, pgvector and every
// migration applied, so that the first start of a project does not initialise a database. Called by
// build.mjs with the folder of the compiled files.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const dist = pathToFileURL(`${process.argv[2] ?? "dist"}/`);
const load = (path) => import(new URL(path, dist).href);
const { openDatabase } = await load("store/database.js");
const { databaseParams } = await load("store/params.js");
const { embeddedPaths } = await load("store/embedded-paths.js");
const { SNAPSHOT_FILE } = await load("store/embedded-folder.js");
const { packFolder } = await load("store/folder-archive.js");
const { realEffects } = await load("core/effects.js");

const root = mkdtempSync(join(tmpdir(), "duetmind-snapshot-"));
try {
  const options = { root, env: {}, params: databaseParams.parse({}), effects: realEffects };
  await (await openDatabase(options)).close();
  const target = new URL(SNAPSHOT_FILE, dist);
  const temporary = new URL(`${SNAPSHOT_FILE}.${process.pid}.tmp`, dist);
  writeFileSync(temporary, packFolder(embeddedPaths(root).folder));
  renameSync(temporary, target);
} finally {
  rmSync(root, { recursive: true, force: true });
}
