import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { extractiveSummary } from "../../src/agent-memory/life-cycle/summarise.ts";
import { createMemoryService } from "../../src/agent-memory/memory-service.ts";
import { memoryParams } from "../../src/agent-memory/params.ts";
import { NO_PRIVACY } from "../../src/agent-memory/privacy/memory-privacy.ts";
import { realEffects } from "../../src/core/effects.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrateUp, migrationStatus } from "../../src/store/migrate.ts";
import { readMigrations } from "../../src/store/migration-files.ts";
import { withOwnerConnection } from "../../src/store/owner-connection.ts";
import { wordEmbedder } from "../agent-memory/word-embedder.ts";
import { startTlsServer, type TlsServer } from "../interop/tls-postgresql.ts";
import { defaultDatabaseParams, temporaryFolder } from "../support/database.ts";
import { runIn } from "../support/run-cli.ts";

let bare: TlsServer;
beforeAll(async () => {
  bare = await startTlsServer();
});
afterAll(() => bare?.stop());

const optionsOf = (url: string) => ({
  ...{ root: temporaryFolder(), env: { DATABASE_URL: url } },
  ...{ params: defaultDatabaseParams, effects: realEffects },
});

const migrate = (url: string) =>
  withOwnerConnection(optionsOf(url), ({ connection }) => migrateUp(connection, new Date()));

async function as<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

test("a server without pgvector: the migration says how to install it and leaves nothing behind", async () => {
  const url = `postgres://postgres@127.0.0.1:${bare.port}/postgres`;
  await expect(migrate(url)).rejects.toMatchObject({
    code: "DATABASE_SCHEMA",
    exitCode: 3,
    message:
      "0005-agent-memory: expected to run, got: expected the extension pgvector on the server, got none",
    details: {
      hint: "install it there (Debian and Ubuntu: apt install postgresql-18-pgvector), then run: duetmind db migrate",
    },
  });
  await withOwnerConnection(optionsOf(url), async ({ connection }) => {
    const { applied, pending } = await migrationStatus(connection);
    expect([applied.at(-1)!.number, pending[0]!.number]).toEqual([4, 5]);
    const { rows } = await connection.query("SELECT to_regclass('duetmind.agent_memory') AS made");
    expect(rows).toEqual([{ made: null }]);
  });
});

/** A database that a user owns who may make neither roles nor extensions. */
async function withPlainOwner(
  run: (urls: { admin: string; owner: string; name: string }) => Promise<void>,
) {
  const server = process.env["DUETMIND_TEST_DATABASE_URL"]!;
  const name = `plain_${randomBytes(6).toString("hex")}`;
  const admin = new URL(server);
  admin.pathname = `/${name}`;
  const owner = new URL(admin);
  owner.username = name;
  await as(server, async (client) => {
    await client.query(`CREATE ROLE ${name} LOGIN`);
    await client.query(`CREATE DATABASE ${name} OWNER ${name}`);
  });
  try {
    await run({ admin: admin.href, owner: owner.href, name });
  } finally {
    await as(server, async (client) => {
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.query(`DROP ROLE ${name}`);
    });
  }
}

test("a user who may not prepare the database is told the administrator's statements, and they do", async () => {
  await withPlainOwner(async ({ admin, owner, name }) => {
    const hints: string[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      const error = await migrate(owner).then(
        () => undefined,
        (thrown: { code: string; details: { hint?: string } }) => thrown,
      );
      if (error === undefined) break;
      expect(error).toMatchObject({
        code: "DATABASE_SCHEMA",
        details: { hint: expect.any(String) },
      });
      const statements = /^let an administrator run: (.*;) then run: duetmind db migrate$/.exec(
        error.details.hint ?? "",
      );
      hints.push(statements![1]!);
      await as(admin, (client) => client.query(statements![1]!));
    }
    expect(hints.at(-1)).toMatch(
      new RegExp(
        `^(CREATE ROLE duetmind_memory NOLOGIN NOBYPASSRLS; )?GRANT duetmind_memory TO ${name};$`,
      ),
    );
    const database = await openDatabase(optionsOf(owner));
    try {
      const service = createMemoryService({
        ...{ database, embedder: wordEmbedder(), effects: realEffects },
        ...{
          params: memoryParams.parse({}),
          report: (error: unknown) => expect.unreachable(String(error)),
          privacy: NO_PRIVACY,
          summarise: extractiveSummary,
        },
      });
      const ann = { tenant: "acme", agent: "ann", reach: "agent", actor: "test" } as const;
      const id = await service.as(ann).storeMemory({ sessionId: "s", content: "stored" });
      expect((await service.as(ann).getMemory(id)).content).toBe("stored");
      await expect(service.as({ ...ann, tenant: "other" }).getMemory(id)).rejects.toMatchObject({
        code: "NOT_FOUND",
      });
      await service.close();
    } finally {
      await database.close();
    }
  });
});

test("a user who may not make the schema, or take the role of memories, is told so by a command", async () => {
  await withPlainOwner(async ({ admin, owner, name }) => {
    const folder = temporaryFolder();
    const run = (...argv: string[]) => runIn(folder, [...argv, "--json"], { DATABASE_URL: owner });
    const errorOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout).error;
    await as(admin, (client) => client.query(`ALTER DATABASE ${name} OWNER TO postgres`));
    expect(errorOf(await run("db", "migrate"))).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining(`got: permission denied for database ${name}`),
    });
    await migrate(admin);
    expect(errorOf(await run("memory", "sessions"))).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining("got: permission denied for schema duetmind"),
    });
    await as(admin, (client) =>
      client.query(
        `GRANT USAGE ON SCHEMA duetmind TO ${name}; GRANT SELECT ON ALL TABLES IN SCHEMA duetmind TO ${name}`,
      ),
    );
    expect(errorOf(await run("memory", "sessions"))).toMatchObject({
      code: "DATABASE_UNAVAILABLE",
      message: expect.stringContaining("expected a user who may take the role duetmind_memory"),
    });
    await as(admin, (client) => client.query(`DROP OWNED BY ${name}`));
  });
});

test("a pgvector without half vectors is refused with the administrator's statement, and nothing has changed", async () => {
  await withPlainOwner(async ({ admin }) => {
    const before = readMigrations().slice(0, 11);
    await withOwnerConnection(optionsOf(admin), ({ connection }) =>
      migrateUp(connection, new Date(), before),
    );
    await as(admin, (client) => client.query("ALTER TYPE public.halfvec RENAME TO later"));
    await expect(migrate(admin)).rejects.toMatchObject({
      code: "DATABASE_SCHEMA",
      message: expect.stringMatching(
        /^0012-session-keys: .*expected the extension pgvector of version 0.7 or later, got 0\.\d/,
      ),
      details: { hint: expect.stringContaining("ALTER EXTENSION vector UPDATE;") },
    });
    const { rows } = await as(admin, (client) =>
      client.query("SELECT to_regproc('duetmind.session_key') AS made"),
    );
    expect(rows).toEqual([{ made: null }]);
    await as(admin, (client) => client.query("ALTER TYPE public.later RENAME TO halfvec"));
    expect(await migrate(admin)).toMatchObject([{ number: 12 }]);
  });
});

test("pgvector in another schema is named", async () => {
  await withPlainOwner(async ({ admin, owner }) => {
    await as(admin, (client) =>
      client.query("CREATE SCHEMA elsewhere; CREATE EXTENSION vector WITH SCHEMA elsewhere"),
    );
    await expect(migrate(owner)).rejects.toMatchObject({
      message: expect.stringContaining("expected the extension pgvector in the schema public"),
      details: { hint: expect.stringContaining("ALTER EXTENSION vector SET SCHEMA public;") },
    });
  });
});
