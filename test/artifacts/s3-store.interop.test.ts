import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3Bucket, type S3Encryption } from "../../src/artifacts/s3-bucket.ts";
import { createS3Store } from "../../src/artifacts/s3-store.ts";
import { PART_BYTES } from "../../src/artifacts/s3-upload.ts";
import { realEffects } from "../../src/core/effects.ts";
import { type Digest, digestHex } from "../../src/core/hash.ts";
import { hasMinio, type S3Server, startMinio, startVersitygw } from "../interop/s3-server.ts";
import { all, chunks, objectStoreLaws, type StoreUnderTest, scratch } from "./object-store-laws.ts";

/** An empty store: a prefix of its own in the server's bucket. */
async function fresh(
  { bucket, client, endpoint, env }: S3Server,
  encryption: S3Encryption = {},
): Promise<StoreUnderTest> {
  const prefix = `${randomUUID()}/`;
  const connection = { endpoint };
  const options = { bucket, connection, env, use: "STORAGE", encryption } as const;
  const opened = openS3Bucket(options, realEffects);
  const incoming = join(scratch(), "incoming");
  const keyOf = (digest: Digest) => {
    const hex = digestHex(digest);
    return `${prefix}sha256/${hex.slice(0, 2)}/${hex.slice(2)}`;
  };
  return {
    store: createS3Store({ bucket: opened, prefix, incoming }, realEffects),
    nameOf: (digest) => `s3://${bucket}/${keyOf(digest)}`,
    async damage(digest, bytes) {
      const object = { Bucket: bucket, Key: keyOf(digest), Body: bytes };
      await client.send(new PutObjectCommand(object));
    },
    async litter() {
      for (const name of ["aa/killed.tmp", "README"]) {
        const object = { Bucket: bucket, Key: `${prefix}sha256/${name}`, Body: "half" };
        await client.send(new PutObjectCommand(object));
      }
    },
    async leftovers() {
      const input = { Bucket: bucket, Prefix: prefix };
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(input));
      return Uploads.map(({ Key }) => Key!);
    },
  };
}

describe.each([
  ["versitygw", startVersitygw, true],
  [hasMinio ? "MinIO" : "MinIO (skipped: its build is not cached)", startMinio, hasMinio],
])("on %s", (_, start, isThere) => {
  describe.runIf(isThere)("the store", () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());

    objectStoreLaws(() => fresh(server));

    test("the server keeps the SHA-256 of what it was sent", async () => {
      const { store, nameOf } = await fresh(server);
      const { digest } = await store.put({ stream: chunks(Buffer.from("kept")) });
      const { bucket, client } = server;
      const Key = nameOf(digest).slice(`s3://${bucket}/`.length);
      const input = { Bucket: bucket, Key, ChecksumMode: "ENABLED" } as const;
      const { ChecksumSHA256 } = await client.send(new GetObjectCommand(input));
      expect(Buffer.from(ChecksumSHA256!, "base64").toString("hex")).toBe(digestHex(digest));
    });

    const encrypts = start === startMinio;
    test
      .runIf(start === startMinio)
      .each([
        { ServerSideEncryption: "AES256" },
        { ServerSideEncryption: "aws:kms", SSEKMSKeyId: "k1" },
      ] as const)(
      `the server encrypts what is written with %j, small and in parts${encrypts ? "" : " (skipped: versitygw does not)"}`,
      async (encryption) => {
        const { store, nameOf } = await fresh(server, encryption);
        for (const bytes of [Buffer.from("small"), randomBytes(PART_BYTES + 5)]) {
          const { digest } = await store.put({ stream: chunks(bytes) });
          const { bucket, client } = server;
          const Key = nameOf(digest).slice(`s3://${bucket}/`.length);
          const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
          expect(head.ServerSideEncryption).toBe(encryption.ServerSideEncryption);
          if ("SSEKMSKeyId" in encryption)
            expect(head.SSEKMSKeyId).toContain(encryption.SSEKMSKeyId);
          const read = [];
          for await (const chunk of await store.get(digest)) read.push(chunk);
          expect(Buffer.concat(read).equals(bytes)).toBe(true);
          expect(await store.put({ stream: chunks(bytes) })).toMatchObject({ digest });
        }
      },
    );

    test("list goes through every page, in the order of the digests", async () => {
      const { store } = await fresh(server);
      const texts = Array.from({ length: 1100 }, (_, i) => `object ${i}`);
      const stored = [];
      while (texts.length > 0) {
        const puts = texts
          .splice(0, 16)
          .map((text) => store.put({ stream: chunks(Buffer.from(text)) }));
        stored.push(...(await Promise.all(puts)));
      }
      expect(await all(store)).toEqual(stored.sort((a, b) => (a.digest < b.digest ? -1 : 1)));
    });
  });
});
