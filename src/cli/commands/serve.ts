import { setFlagsFromString } from "node:v8";
import { InvalidArgumentError } from "commander";
import { placeOfArtifacts } from "../../artifacts/params.ts";
import { DuetMindError } from "../../core/errors.ts";
import { createUpkeep } from "../../events/upkeep.ts";
import { actorOf } from "../../pipelines/register-actor.ts";
import { loadServerProject } from "../../pipelines/server-project.ts";
import { createApp } from "../../server/create-app.ts";
import {
  DEFAULT_ALLOWED_HOSTS,
  DEFAULT_DRAIN_MS,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_REQUEST_TIMEOUT_MS,
} from "../../server/settings.ts";
import { openDatabase } from "../../store/database.ts";
import type { CommandDefinition, CommandResult } from "../command.ts";
import { createMemoryAccess } from "../memory-access.ts";
import { reportTo } from "../report-error.ts";
import { createDeliveries } from "../serve-deliveries.ts";
import { createServices } from "../serve-services.ts";
import { openSqlDoor, type SqlDoor } from "../serve-sql-door.ts";

/** Of what is kept for a day. */
const FORGET_MS = 10 * 60_000;
/** What has expired is out of every search at once; its rows go soon after. */
const MEMORY_MS = 60_000;
/** A burst of new runs is searched soon after, and a look at the sizes of tables costs next to nothing. */
const STATISTICS_MS = 5_000;
const SOURCES_OF_MLFLOW = "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX";
/**
 * V8 counts the bytes of a file on its way through with the heap. The heap of a server at rest is so
 * small that its limit is reached, and all of it marked, at every 25 MB of an upload: that costs twice
 * what moving the bytes does. With three times the heap as the limit, young garbage is collected first.
 */
const ROOM_FOR_BODIES = "--heap-growing-percent=200";

export const command: CommandDefinition = {
  name: "serve",
  summary: "Serve the tracking server and model registry over HTTP",
  examples: ["duetmind serve", "duetmind serve --port 8080 --database-url postgresql://host/name"],
  configure: (command) => {
    command
      .option("--host <address>", "address to listen on", "127.0.0.1")
      .option("--port <number>", "port to listen on; 0 takes a free one", parsePort, 5000)
      .option("--database-url <url>", "PostgreSQL in place of the embedded database")
      .option("--artifacts <url>", "where artifacts are kept: file:FOLDER or s3://BUCKET/PREFIX")
      .option(
        "--default-artifact-root <uri>",
        "where new experiments keep artifacts; default: the server itself",
      )
      .option("--no-serve-artifacts", "clients move their files themselves, not through the server")
      .option("--max-artifact-size <bytes>", "of one file; default: no limit", parseBytes)
      .option("--allowed-hosts <names>", "comma list of Host headers to answer, * for any part")
      .option("--cors-allowed-origins <origins>", "comma list of origins that may send writes")
      .option(
        "--allowed-sources <pattern>",
        "regular expression that is found in sources of model versions; default: any source",
      )
      .option("--static-prefix <path>", "a path before every route, such as /mlflow", "")
      .option(
        "--sql-port <number>",
        "port for psql on the embedded database; 0 takes a free one",
        parsePort,
        0,
      )
      .option("--log-level <level>", "fatal, error, warn, info, debug or trace", "warn");
  },
  async run({ options }, context) {
    setFlagsFromString(ROOM_FOR_BODIES);
    const { cwd, effects } = context;
    const url = options["databaseUrl"] as string | undefined;
    const env = url === undefined ? context.env : { ...context.env, DATABASE_URL: url };
    const project = await loadServerProject(cwd, env, effects);
    const { root } = project;
    const database = await openDatabase({
      root,
      env: project.env,
      params: project.database,
      effects,
    });
    const host = options["host"] as string;
    try {
      const artifacts = placeOfArtifacts(project.artifacts, options["artifacts"]);
      const memory = createMemoryAccess({
        ...{ database, root, env: project.env, params: project.memory, effects },
        report: reportTo(context.log),
      });
      const services = createServices(
        {
          memory,
          database,
          root,
          env: project.env,
          artifacts,
          artifactRoot:
            (options["defaultArtifactRoot"] as string | undefined) ?? "mlflow-artifacts:",
          servesArtifacts: options["serveArtifacts"] as boolean,
          maxArtifactBytes: options["maxArtifactSize"] as number | undefined,
          allowedSources: toPattern(options["allowedSources"] ?? env[SOURCES_OF_MLFLOW]),
        },
        effects,
      );
      const isPublic = !isLoopback(host);
      if (isPublic && !(await services.apiKeys.areConfigured())) throw withoutKeys(host);
      const app = createApp(services, {
        allowedHosts:
          commaList(options["allowedHosts"] ?? env["MLFLOW_SERVER_ALLOWED_HOSTS"]) ??
          DEFAULT_ALLOWED_HOSTS,
        allowedOrigins:
          commaList(options["corsAllowedOrigins"] ?? env["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"]) ??
          [],
        keysRequired: isPublic,
        anonymous: actorOf(project.env),
        memory: project.memory,
        maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
        requestTimeoutMs: DEFAULT_REQUEST_TIMEOUT_MS,
        drainMs: DEFAULT_DRAIN_MS,
        prefix: options["staticPrefix"] as string,
        log: { level: options["logLevel"] as string, stream: context.log },
      });
      const address = await app
        .listen({ host, port: options["port"] as number })
        .catch((error: unknown) => {
          throw cannotListen(host, options["port"] as number, error);
        });
      const door = await openSqlDoor(database, {
        root,
        env: project.env,
        port: options["sqlPort"] as number,
      });
      const deliveries = createDeliveries(
        { database, root, env: project.env, artifacts },
        effects,
        (error) => app.log.error(error),
      );
      deliveries.start();
      const upkeepOf = (chores: readonly (() => Promise<unknown>)[], everyMs: number) =>
        createUpkeep(chores, everyMs, effects.clock, (error) => app.log.error(error));
      const upkeep = [
        upkeepOf([services.eventStream.forgetOld, services.idempotentReplies.forgetOld], FORGET_MS),
        upkeepOf([memory.upkeep], MEMORY_MS),
        upkeepOf([() => database.renewStatistics()], STATISTICS_MS),
      ];
      for (const each of upkeep) each.start();
      const result = toResult(address, database.kind, door);
      context.announce(result);
      await ended(effects.signal);
      await Promise.all([deliveries, ...upkeep].map((each) => each.close()));
      await app.close(); // answers what is under way, takes nothing new
      door?.close();
      return result;
    } finally {
      await database.close();
    }
  },
};

function toResult(url: string, kind: string, door: SqlDoor | undefined): CommandResult {
  const sql =
    door === undefined
      ? null
      : {
          host: door.host,
          port: door.port,
          database: door.database,
          password_file: door.password_file,
        };
  const psql =
    sql === null
      ? ""
      : `\n  psql: PGPASSFILE=${sql.password_file} psql -h localhost -p ${sql.port} ${sql.database}`;
  return {
    json: { schema_version: 1, url, database: kind, sql },
    text: `serving ${url} (${kind} database); stop with Ctrl-C${psql}`,
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function withoutKeys(host: string): DuetMindError {
  return new DuetMindError(
    "USAGE",
    `--host ${host}: expected an API key before other machines may connect, got none configured`,
    { hint: "make one with: duetmind api-keys create NAME --scope admin; or listen on 127.0.0.1" },
  );
}

function toPattern(text: unknown): RegExp | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  try {
    return new RegExp(text, "u");
  } catch (error) {
    const expected = "expected a regular expression as JavaScript has them";
    throw new DuetMindError("USAGE", `--allowed-sources: ${expected}, got "${text}"`, {
      hint: (error as Error).message,
    });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("expected a number from 0 to 65535");
}

function parseBytes(text: string): number {
  const bytes = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError("expected a number of bytes, 1 or more");
}

function commaList(value: unknown): string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

function cannotListen(host: string, port: number, error: unknown): DuetMindError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new DuetMindError(
    "BAD_INPUT",
    `${host}:${port}: expected a free address to listen on, got ${code}`,
    { cause: error, hint: "choose another --port, or --port 0 for a free one" },
  );
}
