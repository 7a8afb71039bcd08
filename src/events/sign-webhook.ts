import { createHmac } from "node:crypto";

export type SignedContent = Readonly<{
  deliveryId: string;
  /** Unix seconds, as in the header. */
  timestamp: string;
  /** The body, byte for byte as it is sent. */
  body: string;
}>;

/** The value of `X-MLflow-Signature`: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function signWebhook(secret: string, { deliveryId, timestamp, body }: SignedContent) {
  const mac = createHmac("sha256", secret).update(`${deliveryId}.${timestamp}.${body}`);
  return `v1,${mac.digest("base64")}`;
}
