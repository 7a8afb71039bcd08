import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuetMindError } from "../../core/errors.ts";
import { nodeFiles, publishContent } from "../../core/files.ts";
import { type Digest, digestBytes, digestHex } from "../../core/hash.ts";

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
  try {
    await publishContent(nodeFiles, path, graph);
    await publishContent(nodeFiles, digestPath(path), `${digestBytes(graph)}\n`);
  } catch (error) {
    const isFull = error instanceof DuetMindError && CANNOT_WRITE.includes(error.code);
    if (!isFull) throw error;
  }
  return graph;
}

const CANNOT_WRITE: readonly string[] = ["NOT_WRITABLE", "DISK_FULL"];

async function readKept(path: string): Promise<Uint8Array | undefined> {
  if (!existsSync(path) || !existsSync(digestPath(path))) return undefined;
  const [graph, digest] = await Promise.all([readFile(path), readFile(digestPath(path), "utf8")]);
  return digestBytes(graph) === digest.trim() ? graph : undefined;
}

function digestPath(path: string): string {
  return `${path}.sha256`;
}
