import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import sqlite from "node-sqlite3-wasm";
import pg from "pg";
import { parseConnectionUrl } from "../../src/core/connection-url.ts";
import { connectMysql } from "../../src/sources/mysql-connection.ts";
import type { SourceType } from "../../src/sources/origin.ts";
import { startMariadb } from "../interop/mariadb-server.ts";
import { startVersitygw } from "../interop/s3-server.ts";

export type Visit = Readonly<{ id: number; at: string; age: number | null; y: number }>;

/** A real source whose rows a test sets, in the project `root`. */
export type SourceKind = Readonly<{
  /** Its entry in params.yaml, without braces. */
  params: string;
  env: Readonly<Record<string, string>>;
  put(root: string, rows: readonly Visit[]): Promise<void>;
  stop(): unknown;
}>;

const CREATE = "CREATE TABLE visits (id INTEGER PRIMARY KEY, at TIMESTAMP, age BIGINT, y BIGINT)";
const insert = (rows: readonly Visit[]) =>
  `INSERT INTO visits VALUES ${rows.map((row) => `(${row.id}, '${row.at}', ${row.age}, ${row.y})`).join(", ")}`;

function toCsv(rows: readonly Visit[]): string {
  return ["id,at,age,y", ...rows.map((row) => Object.values(row).join(","))].join("\n");
}

/** How each kind of source is started; a database keeps its rows between projects until `put`. */
export const SOURCE_KINDS: Readonly<Record<SourceType, () => Promise<SourceKind>>> = {
  file: async () => ({
    params: "path: visits.csv",
    env: {},
    put: async (root, rows) => writeFileSync(join(root, "visits.csv"), toCsv(rows)),
    stop: () => {},
  }),

  async http() {
    let now: readonly Visit[] = [];
    const server = createServer((_, response) => void response.end(JSON.stringify(now)));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    return {
      params: `http: {url: "http://127.0.0.1:${port}/visits", records: ""}`,
      env: {},
      async put(_, rows) {
        now = rows;
      },
      stop: () => server.close(),
    };
  },

  async s3() {
    const { bucket, client, endpoint, env, stop } = await startVersitygw();
    return {
      params: `path: "s3://${bucket}/in/*.csv", s3: {endpoint: "${endpoint}", path_style: true}`,
      env,
      async put(_, rows) {
        const object = { Bucket: bucket, Key: "in/visits.csv", Body: toCsv(rows) };
        await client.send(new PutObjectCommand(object));
      },
      stop,
    };
  },

  async postgresql() {
    const url = process.env["DUETMIND_TEST_DATABASE_URL"]!;
    const client = new pg.Client(url);
    await client.connect();
    await client.query("CREATE SCHEMA clinic");
    await client.query("SET search_path TO clinic");
    await client.query(CREATE);
    return {
      params: "database: {url: CLINIC, table: clinic.visits}",
      env: { CLINIC: url },
      async put(_, rows) {
        await client.query(`DELETE FROM visits; ${insert(rows)}`);
      },
      async stop() {
        await client.query("DROP SCHEMA clinic CASCADE");
        await client.end();
      },
    };
  },

  async mysql() {
    const server = await startMariadb();
    const admin = await connectMysql(parseConnectionUrl(server.url, { servers: ["mysql"] }));
    const run = (text: string) => admin.promise().query(text);
    for (const text of ["CREATE DATABASE clinic", "USE clinic", CREATE]) await run(text);
    return {
      params: "database: {url: CLINIC, table: visits}",
      env: { CLINIC: `mysql://root@127.0.0.1:${server.port}/clinic` },
      async put(_, rows) {
        await run("DELETE FROM visits");
        await run(insert(rows));
      },
      stop() {
        admin.destroy();
        server.stop();
      },
    };
  },

  sqlite: async () => ({
    params: "database: {sqlite: clinic.db, table: visits}",
    env: {},
    async put(root, rows) {
      const path = join(root, "clinic.db");
      rmSync(path, { force: true });
      const database = new sqlite.Database(path);
      database.exec(CREATE);
      database.exec(insert(rows));
      database.close();
    },
    stop: () => {},
  }),
};
