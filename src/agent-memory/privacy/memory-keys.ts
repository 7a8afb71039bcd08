import { hkdfSync } from "node:crypto";
import type { Environment } from "../../core/environment.ts";
import { DuetMindError } from "../../core/errors.ts";

/** Holds the keys that memories are sealed with, the current one first. */
export const MEMORY_KEY_VARIABLE = "DUETMIND_MEMORY_KEY";

/**
 * Gives the keys, 32 bytes each: the first seals, all of them open. It is asked once, when the memory is
 * opened, and may call a key service.
 */
export type KeyProvider = () => Promise<readonly Uint8Array[]>;

/** What is drawn from a key: one to seal with, one for digests, and a name that gives nothing away. */
export type MemoryKey = Readonly<{ id: string; sealing: Uint8Array; digests: Uint8Array }>;

const KEY_BYTES = 32;
const HINT = "make one with: openssl rand -base64 32";

/** The keys of the environment: base64, separated by commas or blanks; none where it is not set. */
export function environmentKeys(env: Environment): KeyProvider {
  return async () =>
    (env[MEMORY_KEY_VARIABLE] ?? "")
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((text, i) => {
        const bytes = Buffer.from(text, "base64");
        const written = bytes.toString("base64").replace(/=+$/, "");
        if (bytes.length === KEY_BYTES && written === text.replace(/=+$/, "")) return bytes;
        // never the text itself: it may be a key with a slip in it
        throw new DuetMindError(
          "CONFIG_INVALID",
          `${MEMORY_KEY_VARIABLE}: expected 32 bytes in base64, got ${text.length} characters that are none (key ${i + 1})`,
          { hint: HINT },
        );
      });
}

/** Draws what is needed from each key; two equal ones are refused. */
export function deriveKeys(keys: readonly Uint8Array[]): MemoryKey[] {
  const derived = keys.map((key, i) => {
    if (key.length !== KEY_BYTES) {
      throw new DuetMindError(
        "CONFIG_INVALID",
        `key ${i + 1} of the memory: expected 32 bytes, got ${key.length}`,
        { hint: HINT },
      );
    }
    const draw = (purpose: string, bytes: number) =>
      new Uint8Array(hkdfSync("sha256", key, "", `duetmind.memory.${purpose}.v1`, bytes));
    return {
      id: Buffer.from(draw("id", 4)).toString("hex"),
      sealing: draw("seal", 32),
      digests: draw("digest", 32),
    };
  });
  const repeated = derived.find(({ id }, i) => derived.findIndex((key) => key.id === id) !== i);
  if (repeated !== undefined) {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `keys of the memory: expected different ones, got ${repeated.id} twice`,
    );
  }
  return derived;
}
