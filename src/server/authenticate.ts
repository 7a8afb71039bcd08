import type { FastifyRequest } from "fastify";
import { includesScope, type Scope } from "../access/scope.ts";
import { DuetMindError } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import type { Services } from "./services.ts";
import type { ServerSettings } from "./settings.ts";

export type Authenticate = (request: FastifyRequest, wanted: Scope) => Promise<Caller>;

/**
 * Finds the caller by an API key: a bearer token, or the password of basic authentication, which is
 * how MLflow's client sends one. A server that needs no keys still refuses a wrong one.
 */
export function createAuthenticate(services: Services, settings: ServerSettings): Authenticate {
  /** Nobody has to show a key until there is one. */
  async function anonymous(): Promise<Caller | undefined> {
    if (settings.keysRequired || (await services.apiKeys.areConfigured())) return undefined;
    return { actor: settings.anonymous, scope: "admin", ...settings.memory, reach: "agent" };
  }

  /** A key of no agent is an operator's where it may administer: it sees all agents of its tenant. */
  async function holderOf(key: string): Promise<Caller | undefined> {
    const holder = await services.apiKeys.callerOf(key);
    if (holder === undefined) return undefined;
    const { actor, scope, tenant, agent } = holder;
    return {
      ...{ actor, scope },
      tenant: tenant ?? settings.memory.tenant,
      agent: agent ?? settings.memory.agent,
      reach: agent === null && scope === "admin" ? "tenant" : "agent",
    };
  }

  return async (request, wanted) => {
    const key = keyOf(request.headers.authorization);
    const caller = key === undefined ? await anonymous() : await holderOf(key);
    if (caller === undefined) {
      throw new DuetMindError(
        "UNAUTHENTICATED",
        key === undefined
          ? "authorization: expected an API key, got none"
          : "authorization: expected a valid API key, got one that is unknown, revoked or expired",
        { hint: "make one with: duetmind api-keys create NAME; send it as a bearer token" },
      );
    }
    if (includesScope(caller.scope, wanted)) return caller;
    throw new DuetMindError(
      "PERMISSION_DENIED",
      `${request.method} ${request.routeOptions.url}: expected a key with scope "${wanted}", got "${caller.scope}"`,
    );
  };
}

function keyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const space = header.indexOf(" ");
  const [scheme, rest] = [header.slice(0, space).toLowerCase(), header.slice(space + 1).trim()];
  if (scheme === "bearer") return rest;
  if (scheme !== "basic") return "";
  const pair = Buffer.from(rest, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}
