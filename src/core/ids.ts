import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "./clock.ts";

/** UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits; sorts by time. */
export function uuidV7(
  clock: Clock = systemClock,
  random: (size: number) => Uint8Array = randomBytes,
): string {
  const bytes = Buffer.from(random(16));
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
