import { isUtf8 } from "node:buffer";
import { DuetMindError } from "../core/errors.ts";

/** The text of a body. Bytes that are no UTF-8 are refused: else they were kept as U+FFFD, unseen. */
export function bodyText(body: Buffer): string {
  if (isUtf8(body)) return body.toString("utf8");
  throw new DuetMindError("BAD_INPUT", "body: expected UTF-8, got other bytes");
}
