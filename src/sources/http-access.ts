import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { HttpParams } from "./http-params.ts";

/** What is sent to the host of the source and to no other. */
export type HttpAccess = Readonly<{
  headers: Readonly<Record<string, string>>;
  /** Query parameters from the environment; an address of ours has them only while it is sent. */
  secretQuery: ReadonlyMap<string, string>;
  /** Of the key of the client certificate. */
  passphrase: string | undefined;
  /** Where proxies are looked for. */
  env: Environment;
}>;

/** What every host may know. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  accept: "*/*",
  "accept-encoding": "gzip",
  "user-agent": `duetmind/${VERSION}`,
};

/** Takes the values that the params name from the environment; a missing one is named, never shown. */
export function resolveAccess(params: HttpParams, name: string, env: Environment): HttpAccess {
  const path = `sources.${name}.http`;
  const headers: Record<string, string> = { ...COMMON_HEADERS };
  for (const [header, value] of Object.entries(params.headers)) {
    const text =
      typeof value === "object" ? variableOf(env, value.env, `${path}.headers.${header}`) : value;
    headers[header.toLowerCase()] = checkHeader(String(text), `${path}.headers.${header}`);
  }
  const authorization = authorizationOf(params.auth, `${path}.auth`, env);
  if (authorization !== undefined) headers["authorization"] = authorization;
  const secretQuery = new Map<string, string>();
  for (const [key, value] of Object.entries(params.query)) {
    if (typeof value !== "object") continue;
    secretQuery.set(key, variableOf(env, value.env, `${path}.query.${key}`));
  }
  const word = params.tls?.passphrase;
  const passphrase =
    word === undefined ? undefined : variableOf(env, word, `${path}.tls.passphrase`);
  return { headers, secretQuery, passphrase, env };
}

function authorizationOf(auth: HttpParams["auth"], path: string, env: Environment) {
  if (auth === undefined) return undefined;
  if ("bearer" in auth) {
    return checkHeader(`Bearer ${variableOf(env, auth.bearer, `${path}.bearer`)}`, path);
  }
  const user = variableOf(env, auth.basic.user, `${path}.basic.user`);
  const password = variableOf(env, auth.basic.password, `${path}.basic.password`);
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function variableOf(env: Environment, variable: string, path: string): string {
  const value = env[variable];
  if (value !== undefined && value !== "") return value;
  throw new DuetMindError(
    "CONFIG_INVALID",
    `${path}: expected the variable ${variable} to be set, got ${value === "" ? "an empty one" : "none"}`,
    { path, hint: `set ${variable} in the environment or in .env` },
  );
}

/** A line break or another control character would end the header. */
function checkHeader(value: string, path: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new DuetMindError(
    "CONFIG_INVALID",
    `${path}: expected a value that a header can hold, got line breaks or other characters`,
    { path },
  );
}
