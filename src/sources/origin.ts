import { isS3Address } from "../artifacts/s3-address.ts";
import type { Environment } from "../core/environment.ts";
import { plainAddress } from "./http-address.ts";
import { redactUrl } from "./http-url.ts";
import type { SourceParams } from "./params.ts";
import { serverTarget } from "./server-target.ts";

/** What a source is read from; databases by the language that they speak. */
export const SOURCE_TYPES = ["file", "http", "s3", "postgresql", "mysql", "sqlite"] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

/** Which server a database is, only the scheme of its address tells. */
export function sourceTypeOf(
  name: string,
  { path, http, database }: SourceParams,
  env: Environment,
): SourceType {
  if (http !== undefined) return "http";
  if (database === undefined) return isS3Address(path!) ? "s3" : "file";
  if (database.sqlite !== undefined) return "sqlite";
  return serverTarget(`sources.${name}`, database.url!, env).server;
}

/**
 * What messages call a source: its path as params.yaml has it, or its address without secrets; a
 * database by the variable that holds its address.
 */
export function originOf({ path, http, database }: SourceParams): string {
  if (http !== undefined) return redactUrl(plainAddress(http));
  if (database === undefined) return path!;
  return `${database.sqlite ?? database.url!}#${database.table ?? "query"}`;
}
