import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "./free-port.ts";
import { cachedGoBinary, goBinary } from "./go-binary.ts";

/** A real S3 server on loopback, with one bucket. */
export type S3Server = Readonly<{
  endpoint: string;
  bucket: string;
  /** Credentials as the environment has them. */
  env: Readonly<{ AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string }>;
  /** A bare client, to see what is there and to change it behind the product's back. */
  client: S3Client;
  stop(): Promise<void>;
}>;

const VERSITYGW = {
  name: "versitygw",
  package: "github.com/versity/versitygw/cmd/versitygw",
  version: "v1.8.0",
};
const MINIO = {
  name: "minio",
  package: "github.com/minio/minio",
  version: "v0.0.0-20260212201848-7aac2a2c5b7c",
};
const KEY = "duetmind-test";
const SECRET = "duetmind-test-secret";

/** versitygw over a folder, with versions; its first build takes minutes. */
export async function startVersitygw(): Promise<S3Server> {
  const binary = await goBinary(VERSITYGW);
  return start((folder, address) => {
    const [objects, versions] = [join(folder, "objects"), join(folder, "versions")];
    for (const each of [objects, versions]) mkdirSync(each);
    const gateway = ["--port", address, "--health", "/health", "--quiet"];
    const args = [...gateway, "posix", "--versioning-dir", versions, objects];
    const env = { ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET };
    return spawn(binary, args, { env: { ...process.env, ...env }, stdio: "ignore" });
  }, "/health");
}

/** Whether MinIO was built before: its build is too long for a test run. */
export const hasMinio = cachedGoBinary(MINIO) !== undefined;

/** With a key of its own to encrypt by. */
const KMS = { MINIO_KMS_SECRET_KEY: `k1:${Buffer.alloc(32, 7).toString("base64")}` };

export async function startMinio(): Promise<S3Server> {
  const binary = await goBinary(MINIO);
  return start((folder, address) => {
    const env = { MINIO_ROOT_USER: KEY, MINIO_ROOT_PASSWORD: SECRET, MINIO_BROWSER: "off", ...KMS };
    const args = ["server", join(folder, "objects"), "--address", address];
    return spawn(binary, args, { env: { ...process.env, ...env }, stdio: "ignore" });
  }, "/minio/health/ready");
}

async function start(
  run: (folder: string, address: string) => ChildProcess,
  healthPath: string,
): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-s3-"));
  const address = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${address}`;
  const child = run(folder, address);
  const ended = once(child, "exit");
  await untilHealthy(`${endpoint}${healthPath}`, child);
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
  });
  const bucket = "artifacts";
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    endpoint,
    bucket,
    env: { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET },
    client,
    async stop() {
      client.destroy();
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`${url}: the server ended: ${child.exitCode}`);
    const isReady = await fetch(url).then(
      (answer) => answer.ok,
      () => false, // not listening yet
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url}: expected 200 within a minute`);
}
