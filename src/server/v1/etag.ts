import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";

/** A strong tag of a reply: equal bytes, equal tag. */
export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
}

/** A weak tag of what a writer may change, for a reply that says more: equal parts, equal tag. */
export function weakEtagOf(parts: string): string {
  return `W/${etagOf(parts)}`;
}

/** Sends a reply, or 304 to a reader that has it already; its handler may have given it a tag. */
export function sendWithEtag(request: FastifyRequest, reply: FastifyReply, body: string): unknown {
  const etag = String(reply.getHeader("etag") ?? etagOf(body));
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (matches(request.headers["if-none-match"], etag)) return reply.code(304).send();
  return reply.send(body);
}

/** Refuses a write to something that is no longer what its writer has read. */
export function checkIfMatch(request: FastifyRequest, currentTag: string): void {
  const wanted = request.headers["if-match"];
  if (wanted === undefined || matches(wanted, currentTag)) return;
  throw new DuetMindError(
    "PRECONDITION_FAILED",
    `If-Match: expected the tag of the current state, got ${wanted}`,
    { hint: "read it again, then repeat the change" },
  );
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = ["*", opaque(etag)];
  return header.split(",").some((each) => tags.includes(opaque(each.trim())));
}

const opaque = (etag: string) => etag.replace(/^W\//, "");
