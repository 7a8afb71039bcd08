import { expect, test } from "vitest";
import { isPublicAddress } from "../../src/events/public-address.ts";
import { type Address, resolveWebhook } from "../../src/events/webhook-address.ts";
import { parseWebhookSettings } from "../../src/events/webhook-settings.ts";

const STRICT = parseWebhookSettings({});
const OPEN = parseWebhookSettings({
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "https, http",
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
});

const answers =
  (...addresses: string[]) =>
  async (): Promise<Address[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

test.each([
  ["8.8.8.8", true],
  ["172.15.255.255", true],
  ["172.32.0.0", true],
  ["100.63.255.255", true],
  ["100.128.0.0", true],
  ["2606:4700:4700::1111", true],
  ["2a00:1450:4001:801::200e", true],
  ["0.0.0.0", false],
  ["10.1.2.3", false],
  ["100.64.0.1", false],
  ["127.0.0.1", false],
  ["169.254.169.254", false],
  ["172.16.0.1", false],
  ["172.31.255.255", false],
  ["192.168.0.1", false],
  ["198.18.0.1", false],
  ["203.0.113.9", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["::", false],
  ["::1", false],
  ["::ffff:8.8.8.8", false],
  ["::ffff:127.0.0.1", false],
  ["64:ff9b::7f00:1", false],
  ["fc00::1", false],
  ["fe80::1%eth0", false],
  ["ff02::1", false],
  ["2001::1", false],
  ["2001:db8::1", false],
  ["2002:7f00:1::", false],
  ["nothing", false],
])("%s is public: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

test("the addresses that were checked come back, for the connection", async () => {
  const target = await resolveWebhook("https://hooks.example/x?y=1", STRICT, answers("8.8.8.8"));
  expect(target.url.href).toBe("https://hooks.example/x?y=1");
  expect(target.addresses).toEqual([{ address: "8.8.8.8", family: 4 }]);
});

test.each([
  ["http://hooks.example/", "Invalid webhook URL scheme: 'http'. Allowed schemes are: https."],
  ["ftp://hooks.example/", "Invalid webhook URL scheme: 'ftp'"],
  ["hooks.example", "Invalid webhook URL scheme: ''"],
  ["https://", "Invalid webhook URL scheme: ''"],
  ["  ", "Webhook URL cannot be empty"],
  ["https://user:pw@hooks.example/", "expected no user and password"],
  [`https://hooks.example/${"x".repeat(2048)}`, "expected at most 2048 characters, got 2070"],
  ["https://127.0.0.1/", "'127.0.0.1' resolves to 127.0.0.1."],
  ["https://2130706433/", "resolves to 127.0.0.1."],
  ["https://0x7f.1/", "resolves to 127.0.0.1."],
  ["https://[::1]:8443/", "'::1' resolves to ::1."],
  ["https://[::ffff:10.0.0.1]/", "must not resolve to a non-public IP address"],
])("%s is refused: %s", async (url, phrase) => {
  await expect(resolveWebhook(url, STRICT, answers("8.8.8.8"))).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining(phrase),
  });
});

test("one address of a private network among public ones is enough to refuse", async () => {
  const mixed = answers("8.8.8.8", "10.0.0.7");
  await expect(resolveWebhook("https://hooks.example", STRICT, mixed)).rejects.toThrow(
    "'hooks.example' resolves to 10.0.0.7.",
  );
  const allowed = await resolveWebhook("http://hooks.example", OPEN, mixed);
  expect(allowed.addresses).toHaveLength(2);
});

test("a name without an address is told, as what may pass", async () => {
  const unknown = async () => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  };
  for (const resolve of [unknown, answers()]) {
    await expect(resolveWebhook("https://nobody.example", STRICT, resolve)).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining("Cannot resolve Webhook URL hostname 'nobody.example'"),
    });
  }
});

test("settings have MLflow's names and ours, which win; wrong ones are named", () => {
  expect(STRICT).toEqual({
    allowedSchemes: ["https"],
    allowPrivate: false,
    timeoutMs: 30_000,
    maxRetries: 3,
    maxConcurrent: 10,
  });
  const given = parseWebhookSettings({
    MLFLOW_WEBHOOK_REQUEST_TIMEOUT: "5",
    DUETMIND_WEBHOOK_REQUEST_TIMEOUT: "7",
    MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES: "0",
    MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS: "2",
    MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "",
  });
  expect(given).toMatchObject({ timeoutMs: 7000, maxRetries: 0, maxConcurrent: 2 });
  for (const [variable, value, phrase] of [
    ["MLFLOW_WEBHOOK_ALLOWED_SCHEMES", "https,ftp", "expected https, or https,http"],
    ["MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "maybe", "expected true or false"],
    ["DUETMIND_WEBHOOK_REQUEST_TIMEOUT", "0", "expected a whole number from 1 to 3600"],
    ["DUETMIND_WEBHOOK_REQUEST_MAX_RETRIES", "-1", "expected a whole number from 0 to 100"],
  ] as const) {
    const message = `${variable}: ${phrase}, got "${value}"`;
    expect(() => parseWebhookSettings({ [variable]: value })).toThrow(message);
  }
});
