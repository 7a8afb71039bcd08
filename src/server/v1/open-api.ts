import { z } from "zod";
import { VERSION } from "../../core/version.ts";
import type { ApiRoute } from "./route.ts";

/** The OpenAPI 3.1 document of the routes: what the schemas say, and nothing that they do not. */
export function toOpenApi(routes: readonly ApiRoute[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "DuetMind", version: VERSION },
    paths,
    components: {
      securitySchemes: { api_key: { type: "http", scheme: "bearer" } },
      schemas: { Problem: toSchema(problem) },
    },
    security: [{}, { api_key: [] }],
  };
}

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe("stable; see docs/errors.md"),
  request_id: z.string(),
  hint: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), expected: z.string(), got: z.string() })).optional(),
});

function toOperation(route: ApiRoute): unknown {
  const name = route.path.replaceAll(/[{}]/g, "").replaceAll("/", "_").slice(1);
  return {
    operationId: `${route.method.toLowerCase()}_${name}`,
    summary: route.summary,
    "x-permission": route.permission,
    parameters: [
      ...toParameters(route.params, "path"),
      ...toParameters(route.query, "query"),
      ...(route.method === "POST"
        ? [{ name: "Idempotency-Key", in: "header", required: false, schema: { type: "string" } }]
        : []),
    ],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: toContent(route.body) } }),
    responses: {
      [route.status]: toResponse(route),
      default: {
        description: "The call failed",
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    },
  };
}

function toResponse(route: ApiRoute): unknown {
  const description = route.summary;
  if (route.status === 204) return { description };
  if (route.reply !== undefined) return { description, content: toContent(route.reply) };
  return { description, content: { "text/event-stream": { schema: { type: "string" } } } };
}

function toContent(schema: z.ZodType): unknown {
  return { "application/json": { schema: toSchema(schema) } };
}

function toParameters(schema: z.ZodType, place: "path" | "query"): unknown[] {
  const { properties = {}, required = [] } = toSchema(schema, "input") as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: each,
  }));
}

function toSchema(schema: z.ZodType, io: "input" | "output" = "output"): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
