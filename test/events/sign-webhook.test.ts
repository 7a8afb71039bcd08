import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { signWebhook } from "../../src/events/sign-webhook.ts";

/** HMAC by its definition (RFC 2104) over openssl's SHA-256: neither our code nor Node's HMAC. */
function hmacByDefinition(secret: string, message: Buffer): string {
  const sha256 = (...parts: Uint8Array[]) =>
    spawnSync("openssl", ["dgst", "-sha256", "-binary"], { input: Buffer.concat(parts) }).stdout;
  const raw = Buffer.from(secret, "utf8");
  const key = Buffer.alloc(64);
  (raw.length > 64 ? sha256(raw) : raw).copy(key);
  const inner = sha256(
    key.map((byte) => byte ^ 0x36),
    message,
  );
  return sha256(
    key.map((byte) => byte ^ 0x5c),
    inner,
  ).toString("base64");
}

test.each([
  ["secret", '{"a":1}'],
  ["k".repeat(100), '{"ä":"€ 😀"}'],
  ["ключ", ""],
])("the signature under %j is HMAC-SHA256 of id.timestamp.body", (secret, body) => {
  const content = { deliveryId: "0198f2a0-0000-7000-8000-000000000001", timestamp: "1772323200" };
  const message = Buffer.from(`${content.deliveryId}.${content.timestamp}.${body}`, "utf8");
  expect(signWebhook(secret, { ...content, body })).toBe(`v1,${hmacByDefinition(secret, message)}`);
});

test("RFC 4231's second case holds for the hash behind it", () => {
  const mac = createHmac("sha256", "Jefe").update("what do ya want for nothing?").digest("hex");
  expect(mac).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
});
