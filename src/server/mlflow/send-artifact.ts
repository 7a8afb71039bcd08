import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";
import type { ArtifactService, FoundArtifact } from "../../tracking/artifacts.ts";
import { parseRange } from "../byte-range.ts";
import { contentDispositionOf, contentTypeOf } from "./artifact-headers.ts";

/**
 * Answers with the bytes of a file: as a whole or the range asked for, 304 where the client has them,
 * headers alone to HEAD. The ETag is the digest, so it never changes while the bytes do not.
 */
export async function sendArtifact(
  path: string,
  artifacts: ArtifactService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = await artifacts.find(path);
  if (file === undefined) throw new DuetMindError("NOT_FOUND", `No such artifact: '${path}'`);
  if (file === "folder") {
    const detail = `Artifact path refers to a directory, not a file: '${path}'`;
    return reply.code(400).send({ detail });
  }
  const etag = `"${file.digest}"`;
  reply.headers({
    etag,
    "last-modified": file.updatedAt.toUTCString(),
    "accept-ranges": "bytes",
    "content-disposition": contentDispositionOf(file.path),
  });
  if (isKnown(request, file, etag)) return reply.code(304).send();
  reply.type(contentTypeOf(file.path));
  const range = isSameVersion(request, file, etag)
    ? parseRange(request.headers.range, file.sizeBytes)
    : undefined;
  if (range === "unsatisfiable") {
    reply.header("content-range", `bytes */${file.sizeBytes}`);
    const got = `"${request.headers.range}" of ${file.sizeBytes} bytes`;
    throw new DuetMindError(
      "RANGE_NOT_SATISFIABLE",
      `range: expected a part of the file, got ${got}`,
    );
  }
  if (range !== undefined) {
    reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
  }
  const sizeBytes = range === undefined ? file.sizeBytes : range.end - range.start + 1;
  reply.header("content-length", sizeBytes);
  const isHead = request.method === "HEAD";
  return reply.send(isHead ? Readable.from([]) : await artifacts.open(file, range));
}

/** Whether the client's copy is the one that is here (RFC 9110, 13.1). */
function isKnown({ headers }: FastifyRequest, file: FoundArtifact, etag: string): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return tags.trim() === "*" || listed(tags).includes(etag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return since >= wholeSeconds(file.updatedAt);
}

/** Whether a range may be given: a part of other bytes than those the client has a part of is no use. */
function isSameVersion({ headers }: FastifyRequest, file: FoundArtifact, etag: string): boolean {
  const condition = headers["if-range"];
  if (typeof condition !== "string") return true;
  return condition === etag || Date.parse(condition) === wholeSeconds(file.updatedAt);
}

function listed(tags: string): string[] {
  return tags.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
}

function wholeSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000) * 1000;
}
