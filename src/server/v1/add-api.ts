import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";
import { toJsonText } from "../../core/json-text.ts";
import type { Authenticate } from "../authenticate.ts";
import { bodyText } from "../body-text.ts";
import { keyHolderOf } from "../caller.ts";
import { createErrorHandler } from "../respond.ts";
import type { Services } from "../services.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { datasetRoutes } from "./datasets.ts";
import { sendWithEtag } from "./etag.ts";
import { eventRoutes } from "./events.ts";
import { featureViewRoutes } from "./feature-views.ts";
import { jobRoutes } from "./jobs.ts";
import { memoryRoutes } from "./memories.ts";
import { memoryConsolidationRoutes } from "./memory-consolidations.ts";
import { memoryExportRoutes } from "./memory-export.ts";
import { memorySearchRoutes } from "./memory-searches.ts";
import { memorySessionRoutes } from "./memory-sessions.ts";
import { modelRoutes } from "./models.ts";
import { toOpenApi } from "./open-api.ts";
import { parseRequest } from "./parse-request.ts";
import { writeProblem } from "./problem.ts";
import { type ApiRoute, scopeOf } from "./route.ts";
import { stageRunRoutes } from "./stage-runs.ts";

export const API_ROUTES: readonly ApiRoute[] = [
  ...datasetRoutes,
  ...featureViewRoutes,
  ...modelRoutes,
  ...stageRunRoutes,
  ...apiKeyRoutes,
  ...eventRoutes,
  ...jobRoutes,
  ...memorySessionRoutes,
  ...memorySearchRoutes,
  ...memoryConsolidationRoutes,
  ...memoryRoutes,
  ...memoryExportRoutes,
];

/** Our own API, below `/api/v1`, and its OpenAPI page (reference: api.md). */
export function addApi(app: FastifyInstance, services: Services, authenticate: Authenticate): void {
  const openApi = toJsonText(toOpenApi(API_ROUTES));
  app.get("/openapi.json", async (request, reply) => {
    return sendWithEtag(request, reply.type("application/json"), openApi);
  });
  void app.register(async (scope) => {
    scope.setErrorHandler(createErrorHandler(writeProblem));
    const parseJson = scope.getDefaultJsonParser("error", "error");
    scope.removeAllContentTypeParsers(); // that of plain text too: there is JSON and nothing else
    scope.addContentTypeParser<Buffer>(
      "application/json",
      { parseAs: "buffer" },
      (request, body, done) => {
        try {
          void parseJson(request, bodyText(body), done);
        } catch (error) {
          done(error as Error);
        }
      },
    );
    for (const route of API_ROUTES) addRoute(scope, route, services, authenticate);
  });
}

function addRoute(
  scope: FastifyInstance,
  route: ApiRoute,
  services: Services,
  authenticate: Authenticate,
): void {
  const wanted = scopeOf(route.permission);
  scope.route({
    method: route.method,
    url: `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const caller = await authenticate(request, wanted);
      const parsed = {
        params: parseRequest(route.params, request.params, "path"),
        query: parseRequest(route.query, request.query, "query"),
        body: route.body === undefined ? undefined : parseRequest(route.body, request.body, "body"),
      };
      const asked = {
        ...parsed,
        ...{ caller, raw: request, reply },
        stillAllowed: () => isAllowed(authenticate(request, wanted)),
      };
      const answer = async () => {
        const result = await route.handle(asked, services);
        const location = reply.getHeader("location");
        const headers = location === undefined ? {} : { location: String(location) };
        const body = result === undefined ? "" : toJsonText(result);
        return { status: route.status, headers, body };
      };
      if (route.reply === undefined && route.status !== 204) {
        await route.handle(asked, services); // sends itself
        return reply;
      }
      const key = request.headers["idempotency-key"];
      if (Array.isArray(key)) throw new DuetMindError("BAD_INPUT", "Idempotency-Key: expected one");
      const keyed = {
        ...{ actor: keyHolderOf(caller), key: key ?? "", request: [request.url, parsed.body] },
      };
      const { status, headers, body } =
        route.method === "POST" && key !== undefined
          ? await services.idempotentReplies.once(keyed, answer)
          : await answer();
      reply.code(status).headers(headers);
      if (status === 204) return reply.send();
      reply.type("application/json");
      return route.method === "GET" ? sendWithEtag(request, reply, body) : reply.send(body);
    },
  });
}

async function isAllowed(caller: Promise<unknown>): Promise<boolean> {
  try {
    await caller;
    return true;
  } catch (error) {
    if (error instanceof DuetMindError && error.code === "UNAUTHENTICATED") return false;
    throw error;
  }
}
