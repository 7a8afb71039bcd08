import { plainAddress } from "./http-address.ts";
import { redactUrl } from "./http-url.ts";
import type { SourceParams } from "./params.ts";

/** What messages call a source: its path as params.yaml has it, or its address without secrets. */
export function originOf({ path, http }: SourceParams): string {
  return http === undefined ? path! : redactUrl(plainAddress(http));
}
