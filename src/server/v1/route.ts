import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Scope } from "../../access/scope.ts";
import type { Caller } from "../caller.ts";
import type { Services } from "../services.ts";

/** What a route lets a caller do, such as `datasets:read`. */
export type Permission = `${string}:${Scope}` | "memory:forget";

/** The scope of key that a permission asks for: who may write a memory may forget it. */
export function scopeOf(permission: Permission): Scope {
  const action = permission.slice(permission.indexOf(":") + 1);
  return action === "forget" ? "write" : (action as Scope);
}

export type ApiRequest<P, Q, B> = Readonly<{
  params: P;
  query: Q;
  body: B;
  caller: Caller;
  /** Whether the caller still may, for a reply that goes on and on: a key may have ended meanwhile. */
  stillAllowed(): Promise<boolean>;
  raw: FastifyRequest;
  reply: FastifyReply;
}>;

/** One route of our own API, below `/api/v1`: its schemas are its types, its checks and its page. */
export type ApiRoute = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/datasets/{name}`: the names are those of `params`. */
  path: string;
  permission: Permission;
  summary: string;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType | undefined;
  /** What a good reply holds; undefined for a stream, which the handler sends itself. */
  reply: z.ZodType | undefined;
  status: 200 | 201 | 202 | 204;
  handle(request: ApiRequest<unknown, unknown, unknown>, services: Services): Promise<unknown>;
}>;

type Definition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = Readonly<{
  method: ApiRoute["method"];
  path: string;
  permission: Permission;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** A test holds every reply against it. */
  reply?: z.ZodType;
  status?: ApiRoute["status"];
  handle(
    request: ApiRequest<z.output<P>, z.output<Q>, z.output<B>>,
    services: Services,
  ): Promise<unknown>;
}>;

/** Binds a route's handler to the schemas of its request. */
export function api<
  P extends z.ZodType = z.ZodType<Record<string, never>>,
  Q extends z.ZodType = z.ZodType<Record<string, never>>,
  B extends z.ZodType = z.ZodType<undefined>,
>(route: Definition<P, Q, B>): ApiRoute {
  return {
    ...route,
    params: route.params ?? NOTHING,
    query: route.query ?? NOTHING,
    body: route.body,
    reply: route.reply,
    status: route.status ?? 200,
    handle: route.handle as ApiRoute["handle"],
  };
}

const NOTHING = z.object({});
