import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";
import type { Authenticate } from "../authenticate.ts";
import { createErrorHandler } from "../respond.ts";
import type { Services } from "../services.ts";
import { artifactProxyRoutes } from "./artifact-proxy.ts";
import { artifactTransferRoutes } from "./artifact-transfers.ts";
import { artifactRoutes } from "./artifacts.ts";
import { writeMlflowError } from "./errors.ts";
import { experimentRoutes } from "./experiments.ts";
import { loggedModelRoutes } from "./logged-models.ts";
import { metricRoutes } from "./metrics.ts";
import { modelAliasRoutes } from "./model-aliases.ts";
import { modelVersionRoutes } from "./model-versions.ts";
import { parseWireJson } from "./parse-json.ts";
import { registeredModelRoutes } from "./registered-models.ts";
import type { MlflowRoute } from "./route.ts";
import { runLinkRoutes } from "./run-links.ts";
import { runLogRoutes } from "./run-logs.ts";
import { runRoutes } from "./runs.ts";
import { serverRoutes } from "./server-info.ts";
import { webhookRoutes } from "./webhooks.ts";
import { toWireBytes } from "./write-json.ts";

export const MLFLOW_ROUTES: readonly MlflowRoute[] = [
  ...serverRoutes,
  ...experimentRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
  ...modelAliasRoutes,
  ...loggedModelRoutes,
  ...runRoutes,
  ...runLogRoutes,
  ...artifactProxyRoutes,
  ...artifactTransferRoutes,
  ...artifactRoutes,
  ...runLinkRoutes,
  ...metricRoutes,
  ...webhookRoutes,
];

/** MLflow's API: every call under `/api` and `/ajax-api`, with its own JSON and errors. */
export function addMlflow(
  app: FastifyInstance,
  services: Services,
  authenticate: Authenticate,
): void {
  void app.register(async (scope) => {
    scope.setErrorHandler(createErrorHandler(writeMlflowError));
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (request, body, done) => {
      done(null, { type: request.headers["content-type"], text: body });
    });
    for (const route of MLFLOW_ROUTES.filter(({ streams }) => streams !== true)) {
      addRoute(scope, route, services, authenticate, jsonFields);
    }
  });
  void app.register(async (scope) => {
    scope.setErrorHandler(createErrorHandler(writeMlflowError));
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    for (const route of MLFLOW_ROUTES.filter(({ streams }) => streams === true)) {
      addRoute(scope, route, services, authenticate, () => ({}));
    }
  });
}

/** A stream is limited by what is written, not by what is held. */
const STREAMED = { bodyLimit: Number.MAX_SAFE_INTEGER, config: { streams: true } };

function addRoute(
  scope: FastifyInstance,
  route: MlflowRoute,
  services: Services,
  authenticate: Authenticate,
  fieldsOf: (request: FastifyRequest) => Readonly<Record<string, unknown>>,
): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await authenticate(request, route.scope);
    const fields =
      route.method === "GET"
        ? (request.query as Readonly<Record<string, unknown>>)
        : fieldsOf(request);
    const result = await route.handle({ caller, fields, raw: request, reply }, services);
    if (reply.sent || result === reply) return reply;
    return reply.type("application/json").send(toWireBytes(result));
  };
  for (const url of urlsOf(route)) {
    scope.route({
      method: route.method,
      url,
      ...(route.streams === true ? STREAMED : {}),
      handler,
    });
  }
}

function urlsOf({ atRoot, ajaxOnly, version = "2.0", path }: MlflowRoute): readonly string[] {
  if (atRoot === true) return [path];
  const prefixes = ajaxOnly === true ? ["/ajax-api"] : ["/api", "/ajax-api"];
  return prefixes.map((prefix) => `${prefix}/${version}${path}`);
}

/** The fields of a JSON body; text that is no JSON counts as no fields, as in MLflow. */
function jsonFields(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const body = request.body as { type?: string; text: string } | null | undefined;
  // a path can say all there is to say
  if (request.method === "DELETE" && !body) return {};
  const type = (body?.type ?? request.headers["content-type"] ?? "").split(";", 1)[0]!.trim();
  if (type.toLowerCase() !== "application/json") {
    const wrong = type === "" ? "header is missing." : "must be one of ['application/json'].";
    throw new DuetMindError("BAD_INPUT", `Bad Request. Content-Type ${wrong}`);
  }
  const parsed = parsedBody(body?.text ?? "") ?? {};
  if (typeof parsed === "object" && !Array.isArray(parsed)) {
    return parsed as Readonly<Record<string, unknown>>;
  }
  throw new DuetMindError("BAD_INPUT", "request: expected a JSON object, got another value");
}

function parsedBody(text: string): unknown {
  try {
    const value = parseWireJson(text);
    return typeof value === "string" ? parseWireJson(value) : value; // JSON in a JSON string
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
