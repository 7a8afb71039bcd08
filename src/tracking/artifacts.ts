import type { Readable } from "node:stream";
import type { ByteRange, ObjectStore, StoredObject } from "../artifacts/object-store.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import type { OpenedDatabase } from "../store/database.ts";
import {
  type ArtifactEntry,
  type ArtifactFile,
  deleteArtifactFiles,
  findArtifact,
  findPathConflict,
  listArtifactFolder,
  lockTopFolder,
  putArtifactFiles,
} from "./artifact-file-queries.ts";
import { toArtifactFilePath, toArtifactPath } from "./artifact-path.ts";
import { createDirectArtifacts, type DirectArtifacts } from "./direct-artifacts.ts";
import { lockObjects } from "./loose-object-queries.ts";
import { type ArtifactPlace, below, resolveArtifactUri } from "./resolve-artifact-uri.ts";

export type { ArtifactEntry, ArtifactPlace };

export type FoundArtifact = ArtifactFile & Readonly<{ updatedAt: Date }>;

/**
 * Files of the artifact proxy, by path (reference: mlflow.md, section 9): a row for each path, its
 * bytes in the object store. The row is written when the object is durable, so a kill at any point
 * leaves at most an object that nothing refers to. Folders are derived: one is there as long as a file
 * is below it.
 */
export type ArtifactService = Readonly<{
  /** Whether clients move their files through this server; the calls of the proxy are off if not. */
  isProxy: boolean;
  /** Transfers past this server; undefined where clients cannot reach the object store. */
  direct: DirectArtifacts | undefined;
  /** Stores a file, or new bytes of one; nothing is recorded unless the stream comes to its end. */
  put(path: string, bytes: AsyncIterable<Uint8Array>): Promise<ArtifactFile>;
  /** The file at a path; `"folder"` where a folder is, undefined where nothing is. */
  find(path: string): Promise<FoundArtifact | "folder" | undefined>;
  /** The bytes of a file that was found: the whole is checked against its digest. */
  open(file: ArtifactFile, range?: ByteRange): Promise<Readable>;
  /** What lies directly in a folder, by name; nothing for a path that is none. */
  list(path: string): Promise<readonly ArtifactEntry[]>;
  /** Forgets a file, or a folder and all below; a path that is not there is no failure. */
  delete(path: string): Promise<void>;
  /**
   * Where the files are that a URI names, such as those of a run (`runs:/<id>`) or of a logged model
   * (`models:/m-<id>`), or the file or folder at a path below.
   */
  resolve(uri: string, below?: string): Promise<ArtifactPlace>;
}>;

export type ArtifactOptions = Readonly<{
  isProxy: boolean;
  /** Of one file; no limit unless given. */
  maxBytes: number | undefined;
}>;

export function createArtifacts(
  database: OpenedDatabase,
  store: ObjectStore,
  { isProxy, maxBytes }: ArtifactOptions,
  clock: Clock,
): ArtifactService {
  const { kysely } = database;

  async function record(path: string, stored: StoredObject): Promise<ArtifactFile> {
    const file = { path, ...stored };
    await database.transaction(async (db) => {
      await lockObjects(db, "refer");
      await lockTopFolder(db, path);
      const other = await findPathConflict(db, path);
      if (other !== undefined) throw isTaken(path, other);
      await putArtifactFiles(db, "", [file], clock.now());
      if (!(await store.has(stored.digest))) throw wasFreed(path);
    });
    return file;
  }

  return {
    isProxy,
    direct:
      store.direct === undefined
        ? undefined
        : createDirectArtifacts(store.direct, maxBytes, record),
    async put(given, bytes) {
      const path = toArtifactFilePath(given);
      const stream = maxBytes === undefined ? bytes : limited(bytes, path, maxBytes);
      return record(path, await store.put({ stream }));
    },
    find: async (path) => findArtifact(kysely, toArtifactPath(path)),
    open: (file, range) => store.get(file.digest, range),
    list: async (path) => listArtifactFolder(kysely, toArtifactPath(path)),
    async delete(given) {
      const path = toArtifactPath(given);
      if (path === "")
        throw new DuetMindError("BAD_INPUT", "Invalid path: expected a path, got ''");
      await deleteArtifactFiles(kysely, path);
    },
    async resolve(uri, path) {
      const rest = toArtifactPath(path ?? "");
      return below(await resolveArtifactUri(kysely, uri), rest);
    },
  };
}

async function* limited(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new DuetMindError(
        "TOO_LARGE",
        `${path}: expected at most ${maxBytes} bytes, got more`,
        { hint: "serve --max-artifact-size sets the limit" },
      );
    }
    yield chunk;
  }
}

/** Its bytes were there before, nothing named them, and they were freed while they came again. */
function wasFreed(path: string): DuetMindError {
  return new DuetMindError(
    "STORAGE_UNAVAILABLE",
    `${path}: expected its bytes in the object store, got none: tracking gc freed the same bytes`,
    { hint: "send the file again" },
  );
}

function isTaken(path: string, other: string): DuetMindError {
  const [expected, got] = other.startsWith(path)
    ? ["a path where no folder is", "the folder of"]
    : ["folders above it", "the file"];
  return new DuetMindError(
    "BAD_INPUT",
    `Invalid path: '${path}': expected ${expected}, got ${got} '${other}'`,
  );
}
