// Makes dist/database.snapshot: an initialised PGlite folder with our roles, pgvector and every
// migration applied, so that the first start of a project does not initialise a database. Called by
// build.mjs with the folder of the compiled files; takes the one of the last build where nothing that
// it is made from has changed.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const dist = pathToFileURL(`${process.argv[2] ?? "dist"}/`);
const last = new URL("../dist/", import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { openDatabase } = await load("store/database.js");
const { databaseParams } = await load("store/params.js");
const { embeddedPaths } = await load("store/embedded-paths.js");
const { SNAPSHOT_FILE } = await load("store/embedded-folder.js");
const { packFolder } = await load("store/folder-archive.js");
const { realEffects } = await load("core/effects.js");

const target = new URL(SNAPSHOT_FILE, dist);
const keyFile = `${SNAPSHOT_FILE}.key`;
const key = snapshotKey();
if (lastKey() === key) copyFileSync(new URL(SNAPSHOT_FILE, last), target);
else await makeSnapshot();
writeFileSync(new URL(keyFile, dist), key);

async function makeSnapshot() {
  const root = mkdtempSync(join(tmpdir(), "duetmind-snapshot-"));
  try {
    const options = { root, env: {}, params: databaseParams.parse({}), effects: realEffects };
    await (await openDatabase(options)).close();
    const temporary = new URL(`${SNAPSHOT_FILE}.${process.pid}.tmp`, dist);
    writeFileSync(temporary, packFolder(embeddedPaths(root).folder));
    renameSync(temporary, target);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A digest of what the snapshot is made from: migrations, the code of the store, PGlite's version. */
function snapshotKey() {
  const hash = createHash("sha256");
  for (const folder of [
    new URL("../infra/migrations/", import.meta.url),
    new URL("../src/store/", import.meta.url),
  ]) {
    for (const name of readdirSync(folder).sort()) {
      if (!/\.(sql|ts)$/.test(name)) continue;
      hash
        .update(`${name}\0`)
        .update(readFileSync(new URL(name, folder)))
        .update("\0");
    }
  }
  for (const name of ["pglite", "pglite-pgvector"]) {
    const file = new URL(`../node_modules/@electric-sql/${name}/package.json`, import.meta.url);
    hash.update(JSON.parse(readFileSync(file, "utf8")).version);
  }
  return hash.digest("hex");
}

function lastKey() {
  const known = fileURLToPath(new URL(keyFile, last));
  return existsSync(known) ? readFileSync(known, "utf8") : undefined;
}
