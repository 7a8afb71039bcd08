import { plainAddress } from "./http-address.ts";
import { redactUrl } from "./http-url.ts";
import type { SourceParams } from "./params.ts";

/**
 * What messages call a source: its path as params.yaml has it, or its address without secrets; a
 * database by the variable that holds its address.
 */
export function originOf({ path, http, database }: SourceParams): string {
  if (http !== undefined) return redactUrl(plainAddress(http));
  if (database === undefined) return path!;
  return `${database.sqlite ?? database.url!}#${database.table ?? "query"}`;
}
