import { DuetMindError } from "../core/errors.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { ImportJob } from "./import-mlflow.ts";

/**
 * Copies the files below an artifact URI there to a path of our proxy, one after the other and never
 * whole in memory. A file of the same size that is here is not read again.
 */
export async function importFiles(job: ImportJob, uri: string, root: string): Promise<void> {
  const { artifacts } = job.target;
  const source = job.client.artifacts(uri);
  for await (const { path, sizeBytes } of source.walk()) {
    throwIfInterrupted(job.effects.signal);
    const place = `${root}/${path}`;
    job.tally.add("files", 1);
    const known = await artifacts.find(place);
    const isHere = typeof known === "object" && known.sizeBytes === sizeBytes;
    if (!isHere) {
      const { body } = await source.download(path);
      const stored = await artifacts.put(place, bytesOf(body, path));
      if (stored.sizeBytes !== sizeBytes) {
        throw new DuetMindError(
          "INTEGRITY_VIOLATED",
          `${path}: expected ${sizeBytes} bytes, as it is listed, got ${stored.sizeBytes}`,
        );
      }
    }
    job.tally.add("files", 0, 1);
  }
}

/** A file without bytes has no body. */
async function* bytesOf(
  body: ReadableStream<Uint8Array> | null,
  path: string,
): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) yield* body;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DuetMindError(
      "SOURCE_UNAVAILABLE",
      `${path}: expected the whole file, got the connection cut: ${reason}`,
      { cause: error },
    );
  }
}
