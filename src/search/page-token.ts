import { DuetMindError } from "../core/errors.ts";
import { digestHex, digestJson } from "../core/hash.ts";
import { isPositionOf, type Position, type SortColumn } from "./keyset.ts";

/**
 * A page token: base64url of `["<digest of the query>", <values of the last row>]`. It goes on only with
 * the query that it came from, and what it holds reaches the database as parameters of the right type.
 */
export function encodePageToken(query: unknown, position: Position): string {
  return Buffer.from(JSON.stringify([queryDigest(query), position])).toString("base64url");
}

export function decodePageToken(
  token: string,
  query: unknown,
  columns: readonly SortColumn[],
): Position {
  const [digest, position] = parsed(token);
  if (digest === queryDigest(query) && isPositionOf(columns, position)) return position as Position;
  throw invalid();
}

/** Sixteen hex digits tell a token of another query from one of this; they are no signature. */
function queryDigest(query: unknown): string {
  return digestHex(digestJson(query)).slice(0, 16);
}

const MAX_TOKEN_CHARACTERS = 131_072;

function parsed(token: string): readonly unknown[] {
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(token)) throw invalid();
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (Array.isArray(value) && value.length === 2) return value;
  } catch {
    // not JSON: the same as any other wrong token
  }
  throw invalid();
}

function invalid(): DuetMindError {
  return new DuetMindError(
    "BAD_INPUT",
    "Invalid page token: expected one that this search gave, got another",
    {
      hint: "send the token with the filter, order and scope it came from, or none for the first page",
    },
  );
}
