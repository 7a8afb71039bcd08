import { hkdfSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";
import { makeFolder } from "../core/make-folder.ts";
import { sealBytes, unsealBytes } from "../core/seal-bytes.ts";
import { stateFolder } from "../core/state-folder.ts";

/**
 * Secrets that the database keeps without being able to read them: AES-256-GCM under a key of the
 * server. `context` (such as the webhook's id) is bound in, so that a sealed text is of use in its own
 * row only.
 *
 *     sealed = "v1." base64url( what sealBytes gives )
 */
export type Seal = Readonly<{
  seal(secret: string, context: string): Promise<string>;
  unseal(sealed: string, context: string): Promise<string>;
}>;

/** Ours first, then the name that MLflow's servers know. */
export const SECRET_KEY_VARIABLES = [
  "DUETMIND_SECRET_KEY",
  "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY",
] as const;

const PREFIX = "v1.";
const MIN_KEY_CHARACTERS = 16;

/** A seal whose key is read, or made, when it is first needed. */
export function createSeal(root: string, env: Environment, effects: Effects): Seal {
  let opened: Promise<Uint8Array> | undefined;
  const key = () => {
    opened ??= readKey(root, env, effects).catch((error: unknown) => {
      opened = undefined; // the next use may find it
      throw error;
    });
    return opened;
  };
  return {
    async seal(secret, context) {
      const sealed = sealBytes(await key(), Buffer.from(secret, "utf8"), context);
      return `${PREFIX}${sealed.toString("base64url")}`;
    },
    async unseal(sealed, context) {
      const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64url");
      const opened = await key();
      try {
        return unsealBytes(opened, bytes, context).toString("utf8");
      } catch (cause) {
        throw new DuetMindError(
          "CONFIG_INVALID",
          "sealed text: expected one that was sealed with this server's key, got another",
          { cause, hint: `give every server the same ${SECRET_KEY_VARIABLES[0]}` },
        );
      }
    },
  };
}

/** The key of AES: drawn from the variable's text, or from the file's 256 random bits. */
async function readKey(root: string, env: Environment, effects: Effects): Promise<Uint8Array> {
  for (const name of SECRET_KEY_VARIABLES) {
    const given = env[name];
    if (given === undefined || given === "") continue;
    if (given.length >= MIN_KEY_CHARACTERS) return derive(given);
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${name}: expected at least ${MIN_KEY_CHARACTERS} characters, got ${given.length}`,
      { hint: "make one with: openssl rand -base64 32" },
    );
  }
  const path = join(stateFolder(root, env), "secret.key");
  if (!existsSync(path)) await makeKeyFile(path);
  return derive(new TextDecoder().decode(await effects.files.readBytes(path)).trim());
}

/** Of several processes that start at once, one makes the file and all read it. */
async function makeKeyFile(path: string): Promise<void> {
  makeFolder(join(path, ".."));
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, `${randomBytes(32).toString("hex")}\n`, {
      mode: 0o600,
      flush: true,
    });
    await chmod(temporary, 0o600);
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function derive(text: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", text, "", "duetmind.webhook-secret.v1", 32));
}
