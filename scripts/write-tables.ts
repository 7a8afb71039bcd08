// Writes src/store/tables.ts and infra/schema.sql from a database that has every migration. Run after
// each change of a migration: npx tsx scripts/write-tables.ts
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realEffects } from "../src/core/effects.ts";
import { dumpSchema } from "../src/store/dump-schema.ts";
import { migrateUp } from "../src/store/migrate.ts";
import { withOwnerConnection } from "../src/store/owner-connection.ts";
import { databaseParams } from "../src/store/params.ts";
import { readColumnCatalogue } from "../src/store/schema-catalogue.ts";
import { toTableTypes } from "../src/store/table-types.ts";

const root = mkdtempSync(join(tmpdir(), "duetmind-tables-"));
const options = { root, env: {}, params: databaseParams.parse({}), effects: realEffects };
try {
  await withOwnerConnection(options, async ({ connection }) => {
    await migrateUp(connection, new Date());
    writeFileSync("src/store/tables.ts", toTableTypes(await readColumnCatalogue(connection)));
    writeFileSync("infra/schema.sql", await dumpSchema(connection));
  });
} finally {
  rmSync(root, { recursive: true, force: true });
}
execFileSync("npx", ["biome", "check", "--write", "src/store/tables.ts"], { stdio: "inherit" });
