import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { createAuthenticate } from "./authenticate.ts";
import { addDrain } from "./drain.ts";
import { addGuard } from "./guard.ts";
import { addMcp } from "./mcp/add-mcp.ts";
import { addMetrics } from "./metrics.ts";
import { addMlflow } from "./mlflow/add-mlflow.ts";
import { writeMlflowError } from "./mlflow/errors.ts";
import { addNotFound } from "./not-found.ts";
import { createErrorHandler } from "./respond.ts";
import type { Services } from "./services.ts";
import type { ServerSettings } from "./settings.ts";
import { addSystemRoutes } from "./system-routes.ts";
import { addTimeLimits } from "./time-limits.ts";
import { addApi } from "./v1/add-api.ts";

/** The whole server, ready to listen, or to be asked in process by `inject`. */
export function createApp(services: Services, settings: ServerSettings): FastifyInstance {
  const app = Fastify({
    logger: { level: settings.log.level, stream: settings.log.stream, redact: SECRET_HEADERS },
    genReqId: () => randomUUID(),
    requestIdHeader: false, // an id of ours can be trusted in the log
    bodyLimit: settings.maxBodyBytes,
    requestTimeout: 0, // see time-limits.ts
    forceCloseConnections: "idle",
    exposeHeadRoutes: true,
    frameworkErrors: createErrorHandler(writeMlflowError), // a URL that cannot be decoded
    routerOptions: { maxParamLength: 1_000 },
    // what a client writes that puts a path behind an address with a slash at its end
    rewriteUrl: ({ url = "/" }) => url.replace(/^\/{2,}/, "/"),
  });
  const authenticate = createAuthenticate(services, settings);
  app.addHook("preClose", async () => services.streams.stop());
  app.addHook("onClose", async () => services.jobs.close());
  app.addHook("onClose", async () => services.memory.close());
  addDrain(app, settings.drainMs);
  addTimeLimits(app, settings.requestTimeoutMs);
  addGuard(app, settings);
  addNotFound(app, settings.prefix);
  app.setErrorHandler(createErrorHandler((error, _request, reply) => reply.send(error.toJSON())));
  void app.register(
    async (scope) => {
      addSystemRoutes(scope);
      addMetrics(scope, authenticate);
      addMlflow(scope, services, authenticate);
      addApi(scope, services, authenticate);
      addMcp(scope, services, authenticate);
    },
    { prefix: settings.prefix },
  );
  return app;
}

const SECRET_HEADERS = ["req.headers.authorization", "req.headers.cookie"];
