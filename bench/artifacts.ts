// A file of 2 GB up and down through `duetmind serve`, as built, and through `mlflow server` 3.17.2 on the
// same disk in the same run, in turn, medians of three rounds. CPU seconds of the server's whole process
// tree, by the operating system's account; memory is the growth of the tree's peak over what it had before
// (the peak is set back first, after a small file up and down). The client is this process, outside of
// either tree. Bars: at most 0.7 times MLflow's CPU each way, growth under 64 MiB.
// Run: npm run build && npm run bench bench/artifacts.ts (BENCH_MEGABYTES=512 for a quick look)
import { once } from "node:events";
import { request } from "node:http";
import { finished } from "node:stream/promises";
import { startMlflowServer } from "../test/interop/mlflow-server.ts";
import { resetTreePeak, treePeakMebibytes, treeUse } from "./process-tree.ts";
import { reportBench } from "./result.ts";
import { startOurs } from "./tracking-servers.ts";

const MEGABYTES = Number(process.env["BENCH_MEGABYTES"] ?? 2000);
const ROUNDS = 3;
const BLOCK = Buffer.alloc(1_000_000, "duetmind");

type Server = Readonly<{ url: string; pid: number; stop(): Promise<void> }>;
type Figures = Readonly<{ cpuMsPerMegabyte: number; growthMebibytes: number }>;

const addressOf = ({ url }: Server, name: string) =>
  `${url.replace(/\/$/, "")}/api/2.0/mlflow-artifacts/artifacts/0/bench/${name}`;

/** Every file has bytes of its own: a store that keeps one of each must write them all. */
let files = 0;

async function upload(server: Server, name: string, megabytes: number): Promise<void> {
  const headers = { "content-length": String(megabytes * BLOCK.length) };
  const up = request(addressOf(server, name), { method: "PUT", headers, agent: false });
  const answered = once(up, "response");
  const first = Buffer.from(BLOCK);
  first.writeUInt32BE(++files);
  for (let sent = 0; sent < megabytes; sent++) {
    if (!up.write(sent === 0 ? first : BLOCK)) await once(up, "drain");
  }
  up.end();
  const [reply] = await answered;
  if (reply.statusCode !== 200) throw new Error(`${name}: expected 200, got ${reply.statusCode}`);
  await finished(reply.resume());
}

async function download(server: Server, name: string, megabytes: number): Promise<void> {
  const down = request(addressOf(server, name), { agent: false }).end();
  const [reply] = await once(down, "response");
  let sizeBytes = 0;
  reply.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
  });
  await finished(reply);
  if (sizeBytes === megabytes * BLOCK.length) return;
  throw new Error(`${name}: expected ${megabytes} MB, got ${sizeBytes} bytes`);
}

async function measured(server: Server, move: typeof upload, name: string): Promise<Figures> {
  const before = resetTreePeak(server.pid);
  const { cpuSeconds } = treeUse(server.pid);
  await move(server, name, MEGABYTES);
  return {
    cpuMsPerMegabyte: ((treeUse(server.pid).cpuSeconds - cpuSeconds) * 1000) / MEGABYTES,
    growthMebibytes: treePeakMebibytes(server.pid) - before,
  };
}

function median(all: readonly Figures[], key: keyof Figures): number {
  return all.map((each) => each[key]).sort((a, b) => a - b)[all.length >> 1]!;
}

const ours = await startOurs();
const theirs = await startMlflowServer();
const sides = { ours, theirs };
const figures = {
  up: { ours: [] as Figures[], theirs: [] as Figures[] },
  down: { ours: [] as Figures[], theirs: [] as Figures[] },
};

try {
  for (const server of [ours, theirs]) {
    await upload(server, "warm", 64);
    await download(server, "warm", 64);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of ["ours", "theirs"] as const) {
      const name = `large-${round}`; // written over, MLflow's file would get its old pages again
      figures.up[side].push(await measured(sides[side], upload, name));
      figures.down[side].push(await measured(sides[side], download, name));
    }
  }
} finally {
  await ours.stop();
  await theirs.stop();
}

const title = { up: `${MEGABYTES} MB up`, down: `${MEGABYTES} MB down` };
reportBench(
  "artifacts",
  (["up", "down"] as const).flatMap((way) => {
    const [mine, peer] = [figures[way].ours, figures[way].theirs];
    const cpu = median(mine, "cpuMsPerMegabyte");
    const peerCpu = median(peer, "cpuMsPerMegabyte");
    const growth = Math.max(...mine.map(({ growthMebibytes }) => growthMebibytes));
    const peerGrowth = Math.max(...peer.map(({ growthMebibytes }) => growthMebibytes));
    const name = "mlflow server 3.17.2";
    return [
      {
        case: `${title[way]}, CPU`,
        ours: { cpu_ms_per_megabyte: cpu },
        peer: { name, cpu_ms_per_megabyte: peerCpu },
        figure: cpu / peerCpu,
        bar: { op: "<=" as const, value: 0.7 },
      },
      {
        case: `${title[way]}, growth of memory in MiB`,
        ours: { growth_mebibytes: growth },
        peer: { name, growth_mebibytes: peerGrowth },
        figure: growth,
        bar: { op: "<=" as const, value: 64 },
      },
    ];
  }),
);
