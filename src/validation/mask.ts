import { createHmac, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import type { Contract } from "./contract.ts";

/** What is shown for a value of a sensitive column: equal values get equal digests, under one key. */
export type Mask = (value: unknown) => string;

export const MASK_KEY_VARIABLE = "DUETMIND_MASK_KEY";

/** For callers that have no project: shows that there was a value, and nothing of it. */
export const fullMask: Mask = () => "masked";

/** HMAC-SHA256 of the value's text, its first 16 hex digits. */
export function createMask(key: string | Uint8Array): Mask {
  return (value) =>
    `masked:${createHmac("sha256", key).update(String(value)).digest("hex").slice(0, 16)}`;
}

/**
 * The project's mask: its key is DUETMIND_MASK_KEY, else `.duetmind/mask.key` (mode 0600), which is
 * made at random on first use. Without the key the digests cannot be turned back by guessing.
 */
export async function openMask(root: string, env: Environment, effects: Effects): Promise<Mask> {
  const given = env[MASK_KEY_VARIABLE];
  if (given !== undefined && given !== "") return createMask(given);
  const path = join(root, ".duetmind", "mask.key");
  if (!existsSync(path)) {
    await effects.files.publish(path, async (temporary) => {
      await writeFile(temporary, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
      await chmod(temporary, 0o600);
    });
  }
  return createMask(new TextDecoder().decode(await effects.files.readBytes(path)).trim());
}

/** Whether a contract needs a mask at all. */
export function hasSensitive(contract: Contract): boolean {
  return contract.columns.some((column) => column.sensitivity !== null);
}
