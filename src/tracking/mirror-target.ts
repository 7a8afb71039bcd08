import type { TrackingClientOptions } from "../client/client-options.ts";
import { createTrackingClient, type TrackingClient } from "../client/create-tracking-client.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";

/** The server to mirror to, with MLflow's rule: a name and password go before a token. */
export function parseMirrorTarget(env: Environment): TrackingClientOptions {
  const text = env["MLFLOW_TRACKING_URI"] ?? "";
  const given = URL.canParse(text) ? new URL(text) : undefined;
  if (given === undefined || !/^https?:$/.test(given.protocol)) {
    const got = given === undefined ? "something else" : `${given.protocol}…`;
    throw new DuetMindError(
      "CONFIG_INVALID",
      `MLFLOW_TRACKING_URI: expected an http or https address to mirror runs to, got ${got}`,
      { hint: "unset it to record runs in this project alone" },
    );
  }
  const username = env["MLFLOW_TRACKING_USERNAME"] || decodeURIComponent(given.username);
  const password = env["MLFLOW_TRACKING_PASSWORD"] || decodeURIComponent(given.password);
  const token = env["MLFLOW_TRACKING_TOKEN"] ?? "";
  const url = `${given.origin}${given.pathname}`;
  if (username !== "" || password !== "") return { url, username, password };
  return token === "" ? { url } : { url, token };
}

/** A client that tries once, since the outbox tries again, and follows no redirect with its login. */
export function openMirror(options: TrackingClientOptions, signal: AbortSignal): TrackingClient {
  return createTrackingClient({
    ...options,
    retries: 0,
    fetch: (input, init) => {
      const signals = init?.signal == null ? [signal] : [signal, init.signal];
      return fetch(input, { ...init, redirect: "manual", signal: AbortSignal.any(signals) });
    },
    onError: () => {}, // flush fails with it too
  });
}
