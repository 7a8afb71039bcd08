import { once } from "node:events";
import { createServer } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import pg from "pg";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createMultiplexer } from "../../src/store/multiplexer.ts";
import { frame, queryFrame, SYNC_FRAME } from "../../src/store/wire.ts";
import { atEnd } from "../support/database.ts";

// A real backend behind a multiplexer that keeps four statements for a second of a clock that stands still.

const MOST = 4;
const KEEP_MS = 1_000;
let now = 0;
let port: number;

beforeAll(async () => {
  const pglite = await PGlite.create();
  await pglite.exec("CREATE ROLE plain; CREATE TABLE t (id int); GRANT SELECT ON t TO plain");
  await pglite.exec("INSERT INTO t SELECT n FROM generate_series(1, 9) AS n");
  const exec = (frames: Buffer) => {
    const chunks: Buffer[] = [];
    const onRawData = (bytes: Uint8Array) => void chunks.push(Buffer.from(bytes));
    void pglite.execProtocolRawStream(frames, { syncToFs: false, onRawData });
    return Buffer.concat(chunks);
  };
  const multiplexer = createMultiplexer(
    { exec },
    {
      settings: {},
      idleMs: 60_000,
      keep: { most: MOST, keepMs: KEEP_MS, now: () => now },
      roles: { duetmind: "plain", postgres: "postgres" },
    },
  );
  const server = createServer((socket) => multiplexer.accept(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as { port: number }).port;
  atEnd(async () => {
    server.close();
    await pglite.close();
  });
});

async function joined(user = "duetmind"): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user,
    database: "postgres",
    pipeline: true,
  });
  client.on("error", () => {}); // the end that a test gives it
  await client.connect();
  atEnd(() => client.end());
  return client;
}

beforeEach(async () => {
  now = 0;
  const owner = await joined("postgres");
  await owner.query("DISCARD ALL");
  await owner.end();
});

const times = (factor: number) => `/* prepared */ SELECT $1::int * ${factor} AS n`;
const READ = "/* prepared */ SELECT * FROM t WHERE id = $1";

async function ask(client: pg.Client, factor: number, value: number): Promise<number> {
  return (await client.query(times(factor), [value])).rows[0].n;
}

/** How often each statement that the session holds has run, by its text. */
async function kept(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query(`SELECT statement, (generic_plans + custom_plans)::int AS runs
    FROM pg_prepared_statements ORDER BY statement`);
  return Object.fromEntries(rows.map(({ statement, runs }) => [statement, runs]));
}

test("what clients ask with one text is prepared once; what has no mark never", async () => {
  const [a, b] = [await joined(), await joined()];
  for (const value of [1, 2, 3]) {
    expect(await ask(a, 2, value)).toBe(2 * value);
    expect(await ask(b, 2, value)).toBe(2 * value);
    await a.query("SELECT $1::int", [value]);
  }
  expect(await kept(b)).toEqual({ [times(2)]: 6 });
});

test("the one that was not used for longest makes room, and none is kept too long", async () => {
  const client = await joined();
  for (const factor of [1, 2, 3, 4, 1, 5]) await ask(client, factor, 1);
  const four = { [times(1)]: 2, [times(3)]: 1, [times(4)]: 1, [times(5)]: 1 };
  expect(await kept(client)).toEqual(four);
  now += KEEP_MS;
  await ask(client, 1, 1);
  expect(await kept(client)).toEqual({ ...four, [times(1)]: 1 });
});

test("a table that changes changes what a kept statement reads", async () => {
  const [client, owner] = [await joined(), await joined("postgres")];
  expect((await client.query(READ, [3])).rows).toEqual([{ id: 3 }]);
  await owner.query("ALTER TABLE t ADD COLUMN more int DEFAULT 5");
  expect((await client.query(READ, [3])).rows).toEqual([{ id: 3, more: 5 }]);
  expect((await owner.query(READ, [3])).rows).toEqual([{ id: 3, more: 5 }]);
  await owner.query("ALTER TABLE t DROP COLUMN more");
  expect((await owner.query(READ, [3])).rows).toEqual([{ id: 3 }]);
  expect((await client.query(READ, [3])).rows).toEqual([{ id: 3 }]);
});

test("row security is that of who asks, in one statement for all", async () => {
  const [client, owner] = [await joined(), await joined("postgres")];
  await owner.query(`CREATE ROLE low; GRANT SELECT ON t TO low; GRANT low TO plain;
    ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY low ON t FOR SELECT TO low USING (id < current_setting('a.most')::int);
    CREATE POLICY rest ON t FOR SELECT TO plain USING (true)`);
  const seen = async (most?: number) => {
    await client.query("BEGIN");
    if (most !== undefined) {
      await client.query("SELECT set_config('role', 'low', true), set_config('a.most', $1, true)", [
        most,
      ]);
    }
    const { rows } = await client.query("/* prepared */ SELECT count(*)::int AS n FROM t");
    await client.query("COMMIT");
    return rows[0].n;
  };
  for (const most of [4, undefined, 7, undefined, 2]) {
    expect(await seen(most)).toBe(most === undefined ? 9 : most - 1);
  }
  await owner.query("DROP POLICY low ON t; DROP POLICY rest ON t");
  await owner.query("ALTER TABLE t DISABLE ROW LEVEL SECURITY");
});

test("a failed transaction keeps nothing that is not there", async () => {
  const client = await joined();
  await client.query("BEGIN");
  await expect(client.query("/* prepared */ SELECT 1 / $1::int", [0])).rejects.toThrow("zero");
  await expect(ask(client, 2, 1)).rejects.toThrow("current transaction is aborted");
  await client.query("ROLLBACK");
  await expect(client.query("/* prepared */ SELECT nothing")).rejects.toThrow('"nothing"');
  expect(await ask(client, 2, 1)).toBe(2);
  expect((await client.query("/* prepared */ SELECT 1 / $1::int", [1])).rowCount).toBe(1);
});

test("in a batch that has failed a marked statement is skipped like any other", async () => {
  const client = await joined();
  const { stream } = client.connection;
  const heard: Buffer[] = [];
  stream.removeAllListeners("data").on("data", (bytes: Buffer) => void heard.push(bytes));
  const types = () => {
    const seen: string[] = [];
    const all = Buffer.concat(heard);
    for (let at = 0; at < all.length; at += 1 + all.readInt32BE(at + 1)) {
      seen.push(String.fromCharCode(all[at]!));
    }
    return seen.join("");
  };
  const marked = [
    frame("P", "", times(2), Buffer.alloc(2)),
    frame("B", "", "", Buffer.from("00000001000000013100" + "00", "hex")),
    frame("D", Buffer.from("P"), ""),
    frame("E", "", 0),
    SYNC_FRAME,
  ];
  stream.write(Buffer.concat([frame("P", "", "nonsense", Buffer.alloc(2)), frame("H")]));
  stream.write(Buffer.concat([queryFrame("SELECT 1"), ...marked]));
  await vi.waitUntil(() => types().endsWith("Z"));
  expect(types()).toBe("EZ");
  stream.write(Buffer.concat(marked));
  await vi.waitUntil(() => types().length > 2 && types().endsWith("Z"));
  expect(types()).toBe("EZ12TDCZ");
});

const NAME = '"duetmind statement 0"';
const disturbance = fc.constantFrom(
  ...["DEALLOCATE ALL", `DEALLOCATE ${NAME}`, `PREPARE ${NAME} AS SELECT 7`, "DISCARD PLANS"],
  ...["DISCARD TEMP", "SET a.b = 'c'", "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "SELECT 1"],
);
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: fc.integer({ min: 1, max: 2 * MOST }) }) },
  { weight: 2, arbitrary: fc.record({ disturb: disturbance }) },
  { weight: 1, arbitrary: fc.constantFrom("discard", "name", "fail", "late", "leave") },
);

test("whatever others do, a marked statement gives what it would give alone", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2), deed), { minLength: 1, maxLength: 40 }),
      async (deeds) => {
        const clients = [await joined(), await joined(), await joined("postgres")];
        const doing = deeds.map(async ([who, what], value) => {
          const client = clients[who]!;
          if (typeof what === "object" && "ask" in what) {
            expect(await ask(client, what.ask, value)).toBe(value * what.ask);
          } else if (typeof what === "object") {
            await client.query(what.disturb).catch(() => {}); // of a name that is (not) there
          } else if (what === "discard") {
            await client.query("DISCARD ALL").catch(() => {}); // refused but to the owner
          } else if (what === "name") {
            await client.query({ name: `mine ${value}`, text: "SELECT 1" });
          } else if (what === "fail") {
            await expect(client.query("/* prepared */ SELECT 1 / $1::int", [0])).rejects.toThrow();
          } else if (what === "late") {
            now += KEEP_MS;
          } else {
            const other = await joined();
            await other.query("BEGIN");
            expect(await ask(other, 1, value)).toBe(value);
            await other.end();
          }
        });
        await Promise.all(doing);
        expect(await ask(clients[0]!, 1, 3)).toBe(3);
        expect(Object.keys(await kept(clients[0]!)).length).toBeLessThanOrEqual(MOST);
        await Promise.all(clients.map((client) => client.end()));
      },
    ),
    { numRuns: 60 },
  );
});
