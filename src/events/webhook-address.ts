import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { DuetMindError } from "../core/errors.ts";
import { isPublicAddress } from "./public-address.ts";
import type { WebhookSettings } from "./webhook-settings.ts";

export type Address = Readonly<{ address: string; family: number }>;

/** Every address of a host name. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** Where a webhook's request goes: it connects to one of these addresses and to no other. */
export type WebhookTarget = Readonly<{ url: URL; addresses: readonly Address[] }>;

export type AddressRules = Pick<WebhookSettings, "allowedSchemes" | "allowPrivate">;

export const MAX_URL = 2048;

/**
 * The addresses that a webhook's URL stands for, when its scheme is allowed and each of them is public.
 * The caller connects to what was found here: a name that answers otherwise the next time (DNS
 * rebinding) leads nowhere else. The messages begin as MLflow's.
 */
export async function resolveWebhook(
  text: string,
  rules: AddressRules,
  resolve: Resolve,
): Promise<WebhookTarget> {
  const url = parseUrl(text, rules);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = await addressesOf(hostname, resolve);
  const own = rules.allowPrivate
    ? undefined
    : addresses.find(({ address }) => !isPublicAddress(address));
  if (own !== undefined) {
    throw refused(
      `Webhook URL must not resolve to a non-public IP address. '${hostname}' resolves to ${own.address}.`,
      "allow private addresses with DUETMIND_WEBHOOK_ALLOW_PRIVATE_IPS=true",
    );
  }
  return { url, addresses };
}

function parseUrl(text: string, { allowedSchemes }: AddressRules): URL {
  if (text.trim() === "") throw refused("Webhook URL cannot be empty or just whitespace: ''");
  if (text.length > MAX_URL) {
    throw refused(`Webhook URL: expected at most ${MAX_URL} characters, got ${text.length}`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol.slice(0, -1) ?? "";
  if (!allowedSchemes.includes(scheme)) {
    throw refused(
      `Invalid webhook URL scheme: '${scheme}'. Allowed schemes are: ${allowedSchemes.join(", ")}.`,
      "allow http too with DUETMIND_WEBHOOK_ALLOWED_SCHEMES=https,http",
    );
  }
  if (url!.username !== "" || url!.password !== "") {
    throw refused("Webhook URL: expected no user and password in it, got some");
  }
  return url!;
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<readonly Address[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  try {
    const found = await resolve(hostname);
    if (found.length > 0) return found;
  } catch (cause) {
    throw unresolved(hostname, cause);
  }
  throw unresolved(hostname, undefined);
}

/** Unlike an address that is refused, a name that cannot be resolved now may be there later. */
function unresolved(hostname: string, cause: unknown): DuetMindError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? "no address";
  return new DuetMindError(
    "SOURCE_UNAVAILABLE",
    `Cannot resolve Webhook URL hostname '${hostname}': ${code}`,
    { cause },
  );
}

function refused(message: string, hint?: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", message, hint === undefined ? {} : { hint });
}
