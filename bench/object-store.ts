// The artifact store on S3 against the AWS SDK used bare (PutObject, GetObject into memory), in the same
// run on the same server: put and get of 32 MB, and 400 puts of 4 KB, 8 at once. CPU seconds of this
// process, in turn, medians of five rounds. Bar: at most 1.5 times for 32 MB, whose bytes are hashed as
// a whole and by part; at most 1.2 times for the small ones.
// Run: npm run bench bench/object-store.ts
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { openObjectStore } from "../src/artifacts/open-object-store.ts";
import { realEffects } from "../src/core/effects.ts";
import { type Digest, digestBytes } from "../src/core/hash.ts";
import { startVersitygw } from "../test/interop/s3-server.ts";
import { measure, reportBench } from "./result.ts";

const ROUNDS = 5;
const LARGE_BYTES = 32 << 20;
const SMALL_PUTS = 400;
const AT_ONCE = 8;

type Figures = Readonly<{ cpuSeconds: number; wallSeconds: number }>;
type Side = Readonly<{
  put(path: string, name: Digest): Promise<unknown>;
  get(name: Digest): Promise<unknown>;
}>;

const folder = mkdtempSync(join(tmpdir(), "duetmind-bench-"));
const server = await startVersitygw();
const { bucket: Bucket, client, endpoint, env } = server;
const store = openObjectStore({ url: `s3://${Bucket}/ours`, endpoint }, folder, env, realEffects);

const ours: Side = {
  put: (path, name) => store.put({ path }, name),
  async get(name) {
    for await (const _ of await store.get(name));
  },
};
const bare: Side = {
  put: (path, name) =>
    client.send(new PutObjectCommand({ Bucket, Key: `bare/${name}`, Body: readFileSync(path) })),
  async get(name) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `bare/${name}` }));
    return Body!.transformToByteArray();
  },
};

function median(figures: readonly Figures[]): Figures {
  const sorted = [...figures].sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** New content each time, so that no object is there before. */
function newFile(sizeBytes: number, index = 0): [path: string, digest: Digest] {
  const path = join(folder, String(index));
  const bytes = randomBytes(sizeBytes);
  writeFileSync(path, bytes);
  return [path, digestBytes(bytes)];
}

async function large(side: Side): Promise<{ put: Figures; get: Figures }> {
  const [path, digest] = newFile(LARGE_BYTES);
  const put = await measure(() => side.put(path, digest));
  return { put, get: await measure(() => side.get(digest)) };
}

function small(side: Side): Promise<Figures> {
  const files = Array.from({ length: SMALL_PUTS }, (_, i) => newFile(4096, i)).values();
  const lane = async () => {
    for (const [path, digest] of files) await side.put(path, digest);
  };
  return measure(() => Promise.all(Array.from({ length: AT_ONCE }, lane)));
}

const sides = { ours, bare };
const figures = { ours: emptySide(), bare: emptySide() };
function emptySide() {
  return { put: [] as Figures[], get: [] as Figures[], small: [] as Figures[] };
}

try {
  for (const name of ["ours", "bare"] as const) {
    await large(sides[name]); // loads and warms
    await small(sides[name]);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["ours", "bare"] as const) {
      const { put, get } = await large(sides[name]);
      figures[name].put.push(put);
      figures[name].get.push(get);
      figures[name].small.push(await small(sides[name]));
    }
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

const cases = [
  ["put of 32 MB", "put", 1.5],
  ["get of 32 MB", "get", 1.5],
  [`${SMALL_PUTS} puts of 4 KB, ${AT_ONCE} at once`, "small", 1.2],
] as const;
reportBench(
  "object-store",
  cases.map(([title, kind, bar]) => {
    const [mine, peer] = [median(figures.ours[kind]), median(figures.bare[kind])];
    return {
      case: `${title} on S3`,
      ours: { cpu_seconds: mine.cpuSeconds, wall_seconds: mine.wallSeconds },
      peer: {
        name: "@aws-sdk/client-s3, bare",
        cpu_seconds: peer.cpuSeconds,
        wall_seconds: peer.wallSeconds,
      },
      figure: mine.cpuSeconds / peer.cpuSeconds,
      bar: { op: "<=", value: bar },
    };
  }),
);
