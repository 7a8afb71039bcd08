import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";

/** A strong tag of a reply: equal bytes, equal tag. */
export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
}

/** Sends a reply, or 304 to a reader that has it already. */
export function sendWithEtag(request: FastifyRequest, reply: FastifyReply, body: string): unknown {
  const etag = etagOf(body);
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (matches(request.headers["if-none-match"], etag)) return reply.code(304).send();
  return reply.send(body);
}

/** Refuses a write to something that is no longer what its writer has read. */
export function checkIfMatch(request: FastifyRequest, current: string): void {
  const wanted = request.headers["if-match"];
  if (wanted === undefined || matches(wanted, etagOf(current))) return;
  throw new DuetMindError(
    "PRECONDITION_FAILED",
    `If-Match: expected the tag of the current state, got ${wanted}`,
    { hint: "read it again, then repeat the change" },
  );
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((each) => ["*", etag].includes(each.trim().replace(/^W\//, "")));
}
