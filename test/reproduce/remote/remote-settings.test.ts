import { expect, test } from "vitest";
import { parseRemoteSection } from "../../../src/reproduce/remote/remote-settings.ts";

const parse = (options: Readonly<Record<string, string>>, env = {}) =>
  parseRemoteSection("store", new Map(Object.entries(options)), env);

test("a bucket with the options of DVC", () => {
  const { place, jobs } = parse(
    {
      url: "s3://bucket/a/b/",
      endpointurl: "http://127.0.0.1:9000",
      region: "eu-central-1",
      access_key_id: "ID",
      secret_access_key: "SECRET",
      session_token: "TOKEN",
      ssl_verify: "false",
      sse: "AES256",
      jobs: "7",
    },
    { AWS_ACCESS_KEY_ID: "other", HOME: "/h" },
  );
  expect(jobs).toBe(7);
  expect(place).toEqual({
    kind: "s3",
    bucket: "bucket",
    prefix: "a/b/",
    connection: {
      endpoint: "http://127.0.0.1:9000",
      region: "eu-central-1",
      anonymous: undefined,
      trust: "anybody",
    },
    encryption: { ServerSideEncryption: "AES256" },
    env: {
      HOME: "/h",
      AWS_ACCESS_KEY_ID: "ID",
      AWS_SECRET_ACCESS_KEY: "SECRET",
      AWS_SESSION_TOKEN: "TOKEN",
    },
  });
});

test("a profile wins over keys of the environment", () => {
  const { place } = parse({ url: "s3://bucket", profile: "p" }, { AWS_ACCESS_KEY_ID: "other" });
  expect(place).toMatchObject({
    prefix: "",
    env: { AWS_PROFILE: "p", AWS_ACCESS_KEY_ID: undefined },
  });
});

test.each([
  [
    { url: "gs://bucket" },
    "NOT_SUPPORTED",
    "url: expected a folder or s3://BUCKET/PREFIX, got gs://",
  ],
  [{ url: "https://host/x" }, "NOT_SUPPORTED", "got https://"],
  [{ url: "s3://b-1/x", version_aware: "true" }, "NOT_SUPPORTED", "version_aware: expected false"],
  [{ url: "/x", worktree: "true" }, "NOT_SUPPORTED", "worktree: expected false"],
  [{ url: "s3://b-1", acl: "private" }, "NOT_SUPPORTED", "acl: "],
  [{ url: "s3://b-1", use_ssl: "false" }, "NOT_SUPPORTED", "use_ssl: "],
  [{ url: "s3://B" }, "CONFIG_INVALID", "url: expected s3://BUCKET/PREFIX"],
  [{ url: "s3://b-1", regoin: "x" }, "CONFIG_INVALID", "regoin: expected an option"],
  [{ url: "/x", region: "x" }, "CONFIG_INVALID", "region: expected an option"],
  [{ url: "/x", jobs: "0" }, "CONFIG_INVALID", "jobs: expected a number from 1"],
  [{ url: "s3://b-1", ssl_verify: "true", use_ssl: "maybe" }, "CONFIG_INVALID", "use_ssl: "],
  [{ region: "x" }, "CONFIG_INVALID", "url: expected the address of the remote, got nothing"],
])("%j is refused by name", (options, code, message) => {
  expect(() => parse(options as Record<string, string>)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test("half of the credentials is refused, and no message shows a secret", () => {
  const parseHalf = () => parse({ url: "s3://b-1", secret_access_key: "HUSH" });
  expect(parseHalf).toThrow("access_key_id: expected both parts of the credentials");
  expect(parseHalf).not.toThrow("HUSH");
  expect(() => parse({ url: "s3://b-1", endpointurl: "http://u:HUSH@host" })).not.toThrow("HUSH");
});
