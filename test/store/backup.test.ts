import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fixedClock } from "../../src/core/clock.ts";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import { nodeFiles } from "../../src/core/files.ts";
import { listBackups, newBackupPath, tidyBackups } from "../../src/store/backup-files.ts";
import { type OpenedDatabase, openDatabase } from "../../src/store/database.ts";
import { dumpSchema } from "../../src/store/dump-schema.ts";
import { embeddedPaths } from "../../src/store/embedded-paths.ts";
import { migrateDown, migrateUp } from "../../src/store/migrate.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { defaultDatabaseParams, temporaryFolder } from "../support/database.ts";

vi.setConfig({ testTimeout: 180_000 }); // a test opens the database up to eight times

function effectsAt(iso: string, notes: string[] = [], more: Partial<Effects> = {}): Effects {
  const progress = { ...realEffects.progress, note: (line: string) => void notes.push(line) };
  return { ...realEffects, clock: fixedClock(iso), progress, ...more };
}

function open(root: string, effects: Effects, beforeRestore = async () => {}) {
  return openDatabase({ root, env: {}, params: defaultDatabaseParams, effects, beforeRestore });
}

/** Opens the database as a command does that writes a model's name, or none, and closes it. */
async function visit(root: string, effects: Effects, name?: string): Promise<void> {
  const database = await open(root, effects);
  if (name !== undefined) await addModel(database, name);
  await database.close();
}

async function addModel(database: OpenedDatabase, name: string): Promise<void> {
  const at = new Date("2026-01-02T03:04:05.678Z");
  const row = { id: crypto.randomUUID(), name, created_at: at, updated_at: at };
  await database.kysely.insertInto("model_registry").values(row).execute();
}

async function modelsIn(root: string, effects: Effects): Promise<string[]> {
  const database = await open(root, effects);
  const rows = await database.kysely.selectFrom("model_registry").select("name").execute();
  await database.close();
  return rows.map(({ name }) => name).sort();
}

function backupsOf(root: string): string[] {
  return listBackups(embeddedPaths(root).backups).map(({ takenAt }) => takenAt.toISOString());
}

/** The schema, and every row of every table and sequence as PostgreSQL prints it. */
async function contentOf(root: string, effects: Effects): Promise<Record<string, unknown>> {
  const options = { root, env: {}, params: defaultDatabaseParams, effects };
  return withOwnerConnection(options, async ({ connection }) => {
    const { rows } = await connection.query(
      "SELECT relname AS name, relkind AS kind FROM pg_class WHERE relnamespace = 'duetmind'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1",
    );
    const content: Record<string, unknown> = { schema: await dumpSchema(connection) };
    for (const { name, kind } of rows as { name: string; kind: string }[]) {
      const row = kind === "S" ? "(last_value, is_called)" : "t";
      const found = await connection.query(
        `SELECT ${row}::text AS row FROM duetmind.${name} t ORDER BY 1`,
      );
      content[name] = found.rows;
    }
    const rights = await connection.query(
      "SELECT table_name, grantee, string_agg(privilege_type, ',' ORDER BY privilege_type) AS rights FROM information_schema.role_table_grants WHERE grantee IN ('duetmind_client', 'duetmind_memory') GROUP BY 1, 2 ORDER BY 1, 2",
    );
    return { ...content, rights: rights.rows };
  });
}

/** Fills the tables with what 0.1.0 left of the reference application, and with odd metrics. */
async function fill(root: string, effects: Effects): Promise<void> {
  const options = { root, env: {}, params: defaultDatabaseParams, effects };
  const path = join(import.meta.dirname, "..", "fixtures", "database-0.1.0.sql");
  await withOwnerConnection(options, async ({ connection }) => {
    await connection.query("DROP SCHEMA duetmind CASCADE");
    await connection.query(readFileSync(path, "utf8"));
    await connection.query("SELECT set_config('search_path', 'duetmind, public', false)");
    await connection.query(`
      INSERT INTO duetmind.metrics SELECT run_id, 'odd', 1, g, v FROM duetmind.runs,
        unnest(ARRAY['NaN', 'Infinity', '-Infinity', '-0', '5e-324']::float8[]) WITH ORDINALITY AS o(v, g);
      INSERT INTO duetmind.tags SELECT run_id, 'odd', E'a\\tb\\nc\\\\d "é" \u{1F9E0}' FROM duetmind.runs`);
    await migrateUp(connection, effects.clock.now());
    await connection.query(MEMORIES);
  });
}

/** Memories of two tenants, in clear and sealed, with vectors of two models and an association. */
const MEMORIES = `
  INSERT INTO duetmind.agent_sessions SELECT t, 'ann', 's', '{}', now(), now()
    FROM unnest(ARRAY['acme', 'other']) AS t;
  INSERT INTO duetmind.agent_memory (id, tenant, agent, session_id, content, content_sealed,
      content_digest, memory_type, importance_score, metadata, origin, created_at, updated_at, expires_at, terms)
    SELECT gen_random_uuid(), t, 'ann', 's', CASE WHEN n % 2 = 0 THEN E'line\\n' || n END,
      CASE WHEN n % 2 = 1 THEN decode('00ff5c0a' || lpad(to_hex(n), 4, '0'), 'hex') END, n::text,
      'knowledge', n / 7.0, jsonb_build_object('n', n), 'stored', now(), now(), 'infinity',
      ARRAY[n, -2147483648]
    FROM unnest(ARRAY['acme', 'other']) AS t, generate_series(1, 6) AS n;
  INSERT INTO duetmind.memory_embedding (memory_id, model_fingerprint, chunk, tenant, agent, session_id, scope, embedding, position)
    SELECT id, model, 0, tenant, agent, session_id, scope,
      (SELECT array_agg(sin(position * i * dimensions)::float4) FROM generate_series(1, dimensions) AS i)::vector,
      position
    FROM duetmind.agent_memory, (VALUES ('a', 384), ('b', 3)) AS m(model, dimensions);
  INSERT INTO duetmind.memory_associations
    SELECT min(id::text)::uuid, max(id::text)::uuid, 'causal', 'acme', 0.1, false, 'ann', now()
    FROM duetmind.agent_memory WHERE tenant = 'acme';
  INSERT INTO duetmind.memory_forgotten
    SELECT gen_random_uuid(), 'acme', 'ann', 's', '{"content": "gone"}', now(), now()`;

test("dump, wipe, restore: the schema, its rights, every row and every sequence are the same", async () => {
  const root = temporaryFolder();
  const notes: string[] = [];
  const effects = effectsAt("2026-03-01T10:00:00.000Z", notes);
  await visit(root, effectsAt("2026-02-01T00:00:00.000Z"));
  await fill(root, effects);
  expect(backupsOf(root)).toEqual(["2026-03-01T10:00:00.000Z", "2026-02-01T00:00:00.000Z"]);
  const before = await contentOf(root, effects);
  expect(Object.keys(before).length).toBeGreaterThan(20);
  expect((before["metrics"] as unknown[]).length).toBeGreaterThan(100);
  expect((before["memory_embedding"] as unknown[]).length).toBe(24);
  expect((before["agent_memory"] as unknown[]).length).toBe(12);
  expect((before["memory_terms"] as unknown[]).length).toBe(14);
  const { folder, backups } = embeddedPaths(root);
  rmSync(folder, { recursive: true });
  let forgotten = 0;
  const forget = async () => {
    forgotten += 1;
  };
  await (await open(root, effects, forget)).close();
  expect(await contentOf(root, effects)).toEqual(before);
  expect(forgotten).toBe(1);
  expect(notes).toEqual([
    expect.stringMatching(
      /^warning: .*\/\.duetmind\/db was restored from .*\/2026-03-01T10-00-00\.000Z\.dump\.gz \(\d+ rows as of 2026-03-01T10:00:00\.000Z\): there was none$/,
    ),
  ]);
  expect(statSync(backups).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(backups)) {
    expect(statSync(join(backups, name)).mode & 0o777).toBe(0o600);
  }
});

test("a folder of another PostgreSQL is kept, and the dump takes its place with a note", async () => {
  const root = temporaryFolder();
  const notes: string[] = [];
  await visit(root, effectsAt("2026-03-01T10:00:00.000Z"), "kept");
  const { folder } = embeddedPaths(root);
  writeFileSync(join(folder, "PG_VERSION"), "17\n");
  const before = readdirSync(folder);
  expect(await modelsIn(root, effectsAt("2026-03-01T11:00:00.000Z", notes))).toEqual(["kept"]);
  expect(readFileSync(join(folder, "PG_VERSION"), "utf8").trim()).toBe("18");
  expect(readdirSync(`${folder}.postgresql-17`)).toEqual(before);
  expect(notes).toEqual([
    expect.stringContaining(
      `it was of PostgreSQL 17, and this DuetMind brings 18; the old folder is ${folder}.postgresql-17`,
    ),
  ]);
  expect(readdirSync(join(root, ".duetmind")).sort()).toEqual(
    ["backup", "db", "db.lock", "db.postgresql-17"].sort(),
  );
});

test("a dump is taken once a day, and only when something was written since", async () => {
  const root = temporaryFolder();
  await visit(root, effectsAt("2026-03-01T10:00:00.000Z"), "first");
  await visit(root, effectsAt("2026-03-02T09:59:59.999Z"), "second");
  expect(backupsOf(root)).toEqual(["2026-03-01T10:00:00.000Z"]);
  await visit(root, effectsAt("2026-03-02T10:00:00.000Z"));
  expect(backupsOf(root)).toEqual(["2026-03-02T10:00:00.000Z", "2026-03-01T10:00:00.000Z"]);
  for (const day of ["05", "06", "07"]) {
    await visit(root, effectsAt(`2026-03-${day}T10:00:00.000Z`)); // nobody wrote
  }
  expect(backupsOf(root)).toHaveLength(2);
});

test("the three newest dumps are kept, and half ones of killed runs go", () => {
  const backups = join(temporaryFolder(), "backup");
  for (const day of ["01", "02", "03", "04", "05"]) {
    writeFileSync(newBackupPath(backups, new Date(`2026-03-${day}T00:00:00.000Z`)), "");
  }
  writeFileSync(join(backups, ".2026-03-06T00-00-00.000Z.dump.gz.0123456789ab.tmp"), "half");
  writeFileSync(join(backups, "notes.txt"), "of the person");
  tidyBackups(backups);
  expect(readdirSync(backups).sort()).toEqual([
    "2026-03-03T00-00-00.000Z.dump.gz",
    "2026-03-04T00-00-00.000Z.dump.gz",
    "2026-03-05T00-00-00.000Z.dump.gz",
    "notes.txt",
  ]);
});

test("a full disk leaves no half dump, loses nothing and is said; the next close tries again", async () => {
  const root = temporaryFolder();
  const full = {
    ...nodeFiles,
    publish: <T>(path: string, write: (temporary: string) => Promise<T>) =>
      nodeFiles.publish<T>(path, async (temporary) => {
        await write(temporary);
        if (!path.endsWith(".dump.gz")) return undefined as T;
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      }),
  };
  const effects = effectsAt("2026-03-01T10:00:00.000Z", [], { files: full });
  await expect(visit(root, effects, "kept")).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(readdirSync(embeddedPaths(root).backups)).toEqual([]);
  const later = effectsAt("2026-03-01T10:00:01.000Z");
  expect(await modelsIn(root, later)).toEqual(["kept"]);
  expect(backupsOf(root)).toEqual(["2026-03-01T10:00:01.000Z"]);
});

test("a dump that is damaged is named, and nothing is put in place of the old folder", async () => {
  const root = temporaryFolder();
  await visit(root, effectsAt("2026-03-01T10:00:00.000Z"), "kept");
  const { folder, backups } = embeddedPaths(root);
  writeFileSync(join(folder, "PG_VERSION"), "17\n");
  const file = join(backups, "2026-03-01T10-00-00.000Z.dump.gz");
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length - 200));
  await expect(visit(root, effectsAt("2026-03-01T11:00:00.000Z"))).rejects.toMatchObject({
    code: "CHECKSUM_MISMATCH",
    details: { hint: "move the file away: the dump before it is used then", file },
  });
  expect(readFileSync(join(folder, "PG_VERSION"), "utf8")).toBe("17\n");
  expect(readdirSync(join(root, ".duetmind")).sort()).toEqual(["backup", "db", "db.lock"]);
  writeFileSync(file, whole);
  expect(await modelsIn(root, effectsAt("2026-03-01T12:00:00.000Z"))).toEqual(["kept"]);
});

test("a dump of an older schema is restored to it and then brought to this version", async () => {
  const root = temporaryFolder();
  const effects = effectsAt("2026-03-01T10:00:00.000Z");
  await visit(root, effectsAt("2026-02-01T00:00:00.000Z"));
  const options = { root, env: {}, params: defaultDatabaseParams, effects };
  await withOwnerConnection(options, async ({ connection }) => {
    await migrateDown(connection, 1);
  });
  expect(backupsOf(root)[0]).toBe("2026-03-01T10:00:00.000Z");
  const { folder } = embeddedPaths(root);
  rmSync(folder, { recursive: true });
  expect(await modelsIn(root, effects)).toEqual([]);
  expect((await contentOf(root, effects))["schema"]).toBe(
    readFileSync(new URL("../../infra/schema.sql", import.meta.url), "utf8"),
  );
  expect(existsSync(folder)).toBe(true);
});
