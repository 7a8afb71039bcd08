import type { DirectTransfers, SentPart, StoredObject } from "../artifacts/object-store.ts";
import { DuetMindError } from "../core/errors.ts";
import type { ArtifactFile } from "./artifact-file-queries.ts";
import { toArtifactFilePath } from "./artifact-path.ts";

/** The protocol of S3 knows no more parts. */
const MOST_PARTS = 10_000;
const READ_SECONDS = 300;

/** Files that clients move to and from the object store themselves; the paths are kept here. */
export type DirectArtifacts = Readonly<{
  startUpload(path: string, parts: number): ReturnType<DirectTransfers["startUpload"]>;
  /** Stores the file that the parts make, as `put` does. */
  finishUpload(path: string, id: string, parts: readonly SentPart[]): Promise<ArtifactFile>;
  abortUpload(path: string, id: string): Promise<void>;
  /** Where the bytes of a file can be read from, for five minutes. */
  addressOf(file: ArtifactFile): Promise<string>;
}>;

export function createDirectArtifacts(
  transfers: DirectTransfers,
  maxBytes: number | undefined,
  record: (path: string, stored: StoredObject) => Promise<ArtifactFile>,
): DirectArtifacts {
  return {
    async startUpload(given, parts) {
      const path = toArtifactFilePath(given);
      if (parts < 1 || parts > MOST_PARTS) {
        const expected = `expected a number from 1 to ${MOST_PARTS}, got ${parts}`;
        throw new DuetMindError("BAD_INPUT", `Invalid value for 'num_parts': ${expected}`);
      }
      return transfers.startUpload(path, parts);
    },
    async finishUpload(given, id, parts) {
      const path = toArtifactFilePath(given);
      checkParts(parts);
      return record(path, await transfers.finishUpload(path, id, parts, maxBytes));
    },
    abortUpload: async (given, id) => transfers.abortUpload(toArtifactFilePath(given), id),
    addressOf: ({ digest }) => transfers.addressOf(digest, READ_SECONDS),
  };
}

function checkParts(parts: readonly SentPart[]): void {
  const wrong = (expected: string, got: unknown) =>
    new DuetMindError("BAD_INPUT", `Invalid value for 'parts': expected ${expected}, got ${got}`);
  if (parts.length === 0) throw wrong("at least one part", "none");
  let last = 0;
  for (const { number } of parts) {
    if (number <= last || number > MOST_PARTS) {
      throw wrong(`rising numbers from 1 to ${MOST_PARTS}`, `${number} after ${last}`);
    }
    last = number;
  }
}
