import type { HttpParams } from "./http-params.ts";

/** The address with the query that params.yaml writes out; records call the source by it. */
export function plainAddress({ url, query }: HttpParams): URL {
  const plain = new URL(url);
  for (const [key, value] of Object.entries(query)) {
    if (typeof value !== "object") plain.searchParams.set(key, String(value));
  }
  return plain;
}
