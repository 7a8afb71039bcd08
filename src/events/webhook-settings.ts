import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";

/** How webhooks are delivered; each setting has MLflow's name, and ours, which wins. */
export type WebhookSettings = Readonly<{
  /** Without colon, such as `https`. */
  allowedSchemes: readonly string[];
  /** Whether addresses of a private network, this machine among them, may be called. */
  allowPrivate: boolean;
  timeoutMs: number;
  /** Attempts after the first. */
  maxRetries: number;
  /** Requests under way at once, in one process. */
  maxConcurrent: number;
}>;

export const WEBHOOK_VARIABLES = [
  "WEBHOOK_ALLOWED_SCHEMES",
  "WEBHOOK_ALLOW_PRIVATE_IPS",
  "WEBHOOK_REQUEST_TIMEOUT",
  "WEBHOOK_REQUEST_MAX_RETRIES",
  "WEBHOOK_DELIVERY_MAX_WORKERS",
] as const;

type Name = (typeof WEBHOOK_VARIABLES)[number];

const SCHEMES = ["https", "http"];

export function parseWebhookSettings(env: Environment): WebhookSettings {
  const schemes = read(env, "WEBHOOK_ALLOWED_SCHEMES", "https")
    .text.split(",")
    .map((scheme) => scheme.trim().toLowerCase());
  if (!schemes.every((scheme) => SCHEMES.includes(scheme))) {
    throw wrong(read(env, "WEBHOOK_ALLOWED_SCHEMES", "https"), "https, or https,http");
  }
  return {
    allowedSchemes: schemes,
    allowPrivate: flag(env, "WEBHOOK_ALLOW_PRIVATE_IPS"),
    timeoutMs: 1000 * count(env, "WEBHOOK_REQUEST_TIMEOUT", 30, 1, 3600),
    maxRetries: count(env, "WEBHOOK_REQUEST_MAX_RETRIES", 3, 0, 100),
    maxConcurrent: count(env, "WEBHOOK_DELIVERY_MAX_WORKERS", 10, 1, 100),
  };
}

type Given = Readonly<{ variable: string; text: string }>;

function read(env: Environment, name: Name, otherwise: string): Given {
  for (const variable of [`DUETMIND_${name}`, `MLFLOW_${name}`]) {
    const text = env[variable]?.trim() ?? "";
    if (text !== "") return { variable, text };
  }
  return { variable: `DUETMIND_${name}`, text: otherwise };
}

function flag(env: Environment, name: Name): boolean {
  const given = read(env, name, "false");
  const text = given.text.toLowerCase();
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw wrong(given, "true or false");
}

function count(env: Environment, name: Name, otherwise: number, least: number, most: number) {
  const given = read(env, name, String(otherwise));
  const number = Number(given.text);
  if (/^\d+$/.test(given.text) && number >= least && number <= most) return number;
  throw wrong(given, `a whole number from ${least} to ${most}`);
}

function wrong({ variable, text }: Given, expected: string): DuetMindError {
  return new DuetMindError("CONFIG_INVALID", `${variable}: expected ${expected}, got "${text}"`);
}
