import { PassThrough, type Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";

const HELD_BYTES = 1 << 20;

/**
 * The bytes of a body as they arrive. A reader that stops early leaves the rest to be drained, so that
 * the client, which is still sending, gets the answer instead of a broken connection.
 */
export function readBody({ raw }: FastifyRequest, subject: string): Readable {
  const body = new PassThrough({ highWaterMark: HELD_BYTES });
  raw.once("error", (cause) => {
    const expected = `${subject}: expected all of the body, got a part of it`;
    body.destroy(new DuetMindError("BAD_INPUT", expected, { cause }));
  });
  body.once("close", () => raw.resume());
  return raw.pipe(body);
}
