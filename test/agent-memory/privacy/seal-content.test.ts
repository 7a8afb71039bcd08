import { createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { environmentKeys } from "../../../src/agent-memory/privacy/memory-keys.ts";
import {
  type ContentSeal,
  openContentSeal,
} from "../../../src/agent-memory/privacy/seal-content.ts";

const ID = "01990000-0000-7000-8000-000000000001";
const row = { tenant: "clinic", id: ID };
const [first, second] = [randomBytes(32), randomBytes(32)];

async function sealWith(...keys: Uint8Array[]): Promise<ContentSeal> {
  const seal = await openContentSeal(async () => keys);
  if (seal === undefined) throw new Error("no key");
  return seal;
}

test("content comes back as it was, and twice sealed is not twice the same", async () => {
  const seal = await sealWith(first);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (content) => {
      const sealed = seal.seal(content, row);
      expect(seal.unseal(sealed, row)).toBe(content);
      expect(seal.seal(content, row).equals(sealed)).toBe(false);
    }),
  );
});

test("it is AES-256-GCM with the tenant and the id as associated data", async () => {
  const sealed = (await sealWith(first)).seal("MMSE 24/30", row);
  const key = new Uint8Array(hkdfSync("sha256", first, "", "duetmind.memory.seal.v1", 32));
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(5, 17));
  decipher.setAAD(Buffer.from(`clinic|${ID}`));
  decipher.setAuthTag(sealed.subarray(-16));
  const text = Buffer.concat([decipher.update(sealed.subarray(17, -16)), decipher.final()]);
  expect(text.toString("utf8")).toBe("MMSE 24/30");
});

test("a row that was moved, and any bit that changed, is refused", async () => {
  const seal = await sealWith(first);
  const sealed = seal.seal("secret", row);
  const moved = [
    { tenant: "other", id: ID },
    { tenant: "clinic", id: ID.replace(/1$/, "2") },
  ];
  for (const place of moved) expect(() => seal.unseal(sealed, place)).toThrow("another row's");
  fc.assert(
    fc.property(fc.nat({ max: sealed.length * 8 - 1 }), (bit) => {
      const damaged = Buffer.from(sealed);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => seal.unseal(damaged, row)).toThrow(`memory ${ID}: expected`);
    }),
  );
  expect(() => seal.unseal(sealed.subarray(0, 12), row)).toThrow(`memory ${ID}: expected`);
});

test("a new key opens what the old one sealed as long as it is there", async () => {
  const old = await sealWith(first);
  const rotated = await sealWith(second, first);
  const alone = await sealWith(second);
  const sealed = old.seal("secret", row);
  expect(rotated.unseal(sealed, row)).toBe("secret");
  expect(sealed.subarray(0, 5)).toEqual(old.header);
  expect(rotated.seal("secret", row).subarray(0, 5)).toEqual(rotated.header);
  expect(rotated.header).not.toEqual(old.header);
  expect(() => alone.unseal(sealed, row)).toThrow(
    `memory ${ID}: expected the key ${old.keyId} that its content was sealed with, got the key ${alone.keyId}`,
  );
  expect(rotated.digest("x")).toBe(alone.digest("x"));
});

test("keyed digests tell equal texts, and nothing to who has no key", async () => {
  const [seal, other] = [await sealWith(first), await sealWith(second)];
  expect(seal.digest("x")).toBe(seal.digest("x"));
  expect(seal.digest("x")).toMatch(/^hmac:[0-9a-f]{64}$/);
  expect(new Set([seal.digest("x"), seal.digest("y"), other.digest("x")]).size).toBe(3);
});

test("keys of the environment: none, one, several; a slip is named without the key", async () => {
  const keys = (text?: string) =>
    environmentKeys(text === undefined ? {} : { DUETMIND_MEMORY_KEY: text })();
  const text = first.toString("base64");
  expect(await keys()).toEqual([]);
  expect(await openContentSeal(environmentKeys({ DUETMIND_MEMORY_KEY: "" }))).toBeUndefined();
  expect(await keys(` ${text}\n`)).toEqual([first]);
  expect(await keys(`${second.toString("base64")},${text.replace("=", "")}`)).toEqual([
    second,
    first,
  ]);
  for (const slip of [text.slice(4), `${text}A`, "a passphrase"]) {
    const refused = keys(slip);
    await expect(refused).rejects.toThrow("DUETMIND_MEMORY_KEY: expected 32 bytes in base64");
    await expect(refused).rejects.not.toThrow(slip);
  }
  await expect(sealWith(first, first)).rejects.toThrow("expected different ones");
  await expect(sealWith(first.subarray(1))).rejects.toThrow("expected 32 bytes, got 31");
});
