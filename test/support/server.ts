import { Writable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { artifactsParams } from "../../src/artifacts/params.ts";
import { createServices, type ServiceParts } from "../../src/cli/serve-services.ts";
import { type Effects, realEffects } from "../../src/core/effects.ts";
import { createApp } from "../../src/server/create-app.ts";
import type { Services } from "../../src/server/services.ts";
import {
  DEFAULT_ALLOWED_HOSTS,
  DEFAULT_DRAIN_MS,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_REQUEST_TIMEOUT_MS,
  type ServerSettings,
} from "../../src/server/settings.ts";
import type { OpenedDatabase } from "../../src/store/database.ts";
import { testMemory } from "../agent-memory/test-memory.ts";
import { atEnd, temporaryFolder, testDatabase } from "./database.ts";

export type TestReply = Readonly<{
  status: number;
  headers: Readonly<Record<string, string | string[] | number | undefined>>;
  text: string;
  bytes: Buffer;
  /** The body as JSON; the test says of which shape. */
  json<T = Record<string, unknown>>(): T;
}>;

export type TestServer = Readonly<{
  app: FastifyInstance;
  database: OpenedDatabase;
  services: Services;
  /** What the server logged, one JSON line each. */
  log: readonly string[];
  /** Sends a request in process; an object as body is sent as JSON. */
  send(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "HEAD",
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestReply>;
  /** A call of MLflow's API: GET with a query, anything else with a JSON body. */
  mlflow(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    fields?: Readonly<Record<string, unknown>>,
  ): Promise<TestReply>;
}>;

/** A server on a database and artifact folder of its own, asked in process. */
export async function testServer(
  settings: Partial<ServerSettings> = {},
  parts: Partial<ServiceParts> = {},
  effects: Effects = realEffects,
): Promise<TestServer> {
  const database = await testDatabase();
  const log: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString("utf8"));
      done();
    },
  });
  const services = createServices(
    {
      database,
      root: temporaryFolder(),
      env: {},
      artifacts: artifactsParams.parse({}),
      artifactRoot: "mlflow-artifacts:",
      servesArtifacts: true,
      maxArtifactBytes: undefined,
      memory: testMemory(database),
      ...parts,
    },
    effects,
  );
  const app = createApp(services, {
    allowedHosts: DEFAULT_ALLOWED_HOSTS,
    allowedOrigins: [],
    keysRequired: false,
    anonymous: "tester",
    memory: { tenant: "default", agent: "default" },
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    requestTimeoutMs: DEFAULT_REQUEST_TIMEOUT_MS,
    drainMs: DEFAULT_DRAIN_MS,
    prefix: "",
    log: { level: "warn", stream },
    ...settings,
  });
  atEnd(() => app.close());

  const send: TestServer["send"] = async (method, url, body, headers = {}) => {
    const isText = typeof body === "string" || Buffer.isBuffer(body);
    const reply = await app.inject({
      method,
      url,
      headers: {
        host: "localhost",
        ...(body === undefined || isText ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: isText ? body : JSON.stringify(body) }),
    });
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      bytes: reply.rawPayload,
      json: () => JSON.parse(reply.body),
    };
  };

  return {
    app,
    database,
    services,
    log,
    send,
    mlflow(method, path, fields = {}) {
      const url = `/api/2.0/mlflow/${path}`;
      if (method !== "GET") return send(method, url, fields);
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(fields)) {
        for (const each of Array.isArray(value) ? value : [value]) query.append(key, String(each));
      }
      return send("GET", `${url}?${query}`);
    },
  };
}
