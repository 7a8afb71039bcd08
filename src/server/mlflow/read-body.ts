import type { FastifyRequest } from "fastify";
import { DuetMindError } from "../../core/errors.ts";

/**
 * The bytes of a body as they arrive. A reader that stops early leaves the rest to be drained, so that
 * the client, which is still sending, gets the answer instead of a broken connection.
 */
export async function* readBody(
  { raw }: FastifyRequest,
  subject: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* raw.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new DuetMindError("BAD_INPUT", `${subject}: expected all of the body, got a part of it`, {
      cause: error,
    });
  }
}
