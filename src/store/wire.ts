/**
 * The frames of PostgreSQL's wire protocol 3.0, as far as the embedded database's socket needs them.
 * After the start-up packet every message is a type byte, a big-endian length that counts itself, and
 * a body. Source: the PostgreSQL manual, "Message Formats".
 */
export type ClientMessage = Readonly<{
  /** `Q`, `P`, `B`, `D`, `E`, `C`, `H`, `S`, `F`, `X`, `d`, `c`, `f`. */
  type: string;
  /** The whole frame, type byte and length included. */
  frame: Buffer;
}>;

export const SSL_REQUEST = 80877103;
export const GSS_REQUEST = 80877104;
export const CANCEL_REQUEST = 80877102;

/** No statement of ours comes near; a broken peer must not make us keep gigabytes. */
const LARGEST_FRAME = 256 * 1024 * 1024;

/** Cuts a stream of bytes into packets; the start-up packet has no type byte. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /** The body of the next start-up packet, without its length. */
  startup(): Buffer | undefined {
    return this.#take(0)?.subarray(4);
  }

  message(): ClientMessage | undefined {
    const frame = this.#take(1);
    return frame === undefined
      ? undefined
      : { type: String.fromCharCode(frame.readUInt8(0)), frame };
  }

  #take(header: 0 | 1): Buffer | undefined {
    if (this.#size < header + 4) return undefined;
    const first = this.#chunks[0]!;
    const length = header + (first.length < header + 4 ? this.#join() : first).readInt32BE(header);
    if (length < header + 4 || length > LARGEST_FRAME) {
      throw new RangeError(`frame length ${length}`);
    }
    if (this.#size < length) return undefined;
    const pending = this.#join();
    this.#chunks = [pending.subarray(length)];
    this.#size -= length;
    return pending.subarray(0, length);
  }

  /** Once for each frame, not for each chunk: a frame of many megabytes comes in thousands. */
  #join(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}

/** `key\0value\0…\0` of a start-up packet, after the protocol number. */
export function startupParameters(body: Buffer): ReadonlyMap<string, string> {
  const words = body.subarray(4).toString("utf8").split("\0");
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length && words[i] !== ""; i += 2) {
    parameters.set(words[i]!, words[i + 1]!);
  }
  return parameters;
}

/** The SQL of a `Q` or `P` frame; undefined for the others. */
export function sqlOf({ type, frame }: ClientMessage): string | undefined {
  if (type !== "Q" && type !== "P") return undefined;
  const start = type === "Q" ? 5 : frame.indexOf(0, 5) + 1; // P: the statement's name comes first
  return frame.toString("utf8", start, frame.indexOf(0, start));
}

export function frame(type: string, ...parts: readonly (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === "string") return Buffer.from(`${part}\0`);
      if (typeof part !== "number") return part;
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(part);
      return bytes;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function queryFrame(sql: string): Buffer {
  return frame("Q", sql);
}

export const SYNC_FRAME = frame("S");

export function errorFrame(severity: "ERROR" | "FATAL", state: string, message: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${state}`, `M${message}`];
  return frame("E", ...fields, Buffer.from([0]));
}

export function readyFrame(status: "I" | "T" | "E"): Buffer {
  return frame("Z", Buffer.from(status));
}

/** What a server says after the start-up packet: welcome, its settings, the key for cancelling. */
export function welcomeFrames(
  settings: Readonly<Record<string, string>>,
  pid: number,
  secret: number,
): Buffer {
  return Buffer.concat([
    frame("R", 0),
    ...Object.entries(settings).map(([name, value]) => frame("S", name, value)),
    frame("K", pid, secret),
    readyFrame("I"),
  ]);
}

/** The transaction status in the ReadyForQuery that ends a reply: idle, in a transaction, failed. */
export function finalStatus(reply: Buffer): "I" | "T" | "E" | undefined {
  const at = reply.length - 6;
  if (at < 0 || reply[at] !== 0x5a || reply.readInt32BE(at + 1) !== 5) return undefined;
  const status = String.fromCharCode(reply[at + 5]!);
  return status === "I" || status === "T" || status === "E" ? status : undefined;
}
