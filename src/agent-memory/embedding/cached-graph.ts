import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { DuetMindError } from "../../core/errors.ts";
import { nodeFiles, publishContent, removeLeftovers } from "../../core/files.ts";
import { type Digest, digestBytes, digestHex } from "../../core/hash.ts";
import { isLock, tryProcessLock } from "../../core/process-lock.ts";

/**
 * A graph that takes a second to build and is kept in `folder` for the next start, with its own
 * digest in a file beside it. What does not match the digest is built anew. A folder that cannot be
 * written costs that second at every start, and nothing else.
 */
export async function cachedGraph(
  folder: string,
  key: Digest,
  build: () => Uint8Array,
): Promise<Uint8Array> {
  const path = join(folder, `${digestHex(key)}.onnx`);
  const known = await readKept(path);
  if (known !== undefined) return known;
  const graph = build();
  await keep(path, graph).catch((error: unknown) => {
    const isDisk = error instanceof DuetMindError && CANNOT_WRITE.includes(error.code);
    if (!isDisk) throw error;
  });
  return graph;
}

const CANNOT_WRITE: readonly string[] = ["NOT_WRITABLE", "DISK_FULL"];

/** Under a lock, so that what killed processes left half written can go; who is second keeps nothing. */
async function keep(path: string, graph: Uint8Array): Promise<void> {
  const lock = tryProcessLock(`${path}.lock`, systemClock.now());
  if (!isLock(lock)) return;
  try {
    for (const [file, content] of [
      [path, graph],
      [digestPath(path), `${digestBytes(graph)}\n`],
    ] as const) {
      removeLeftovers(file);
      await publishContent(nodeFiles, file, content);
    }
  } finally {
    lock.release();
  }
}

async function readKept(path: string): Promise<Uint8Array | undefined> {
  if (!existsSync(path) || !existsSync(digestPath(path))) return undefined;
  const [graph, digest] = await Promise.all([readFile(path), readFile(digestPath(path), "utf8")]);
  return digestBytes(graph) === digest.trim() ? graph : undefined;
}

function digestPath(path: string): string {
  return `${path}.sha256`;
}
