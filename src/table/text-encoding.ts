import { DuetMindError } from "../core/errors.ts";
import type { Encoding } from "./source-params.ts";

/** Bytes that are looked at before the encoding is settled. */
const HEAD_BYTES = 4096;

/** The encoding that a byte order mark names. */
export function markedEncoding(head: Uint8Array): Encoding | undefined {
  const [a, b, c] = head;
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xef && b === 0xbb && c === 0xbf ? "utf-8" : undefined;
}

/**
 * Text as UTF-8 without a byte order mark. UTF-8 passes as it is: whoever reads it checks it, and knows
 * the line. `path` is what messages name.
 */
export async function* toUtf8(
  source: AsyncIterable<Uint8Array>,
  path: string,
  declared: Encoding,
): AsyncGenerator<Uint8Array> {
  let decode: ((chunk: Uint8Array, isLast: boolean) => Uint8Array) | undefined;
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of source) {
    if (decode !== undefined) {
      yield decode(chunk, false);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decode = openDecoder(path, declared, head);
    yield decode(withoutMark(head), false);
  }
  if (decode !== undefined) yield decode(new Uint8Array(0), true);
  else yield openDecoder(path, declared, head)(withoutMark(head), true);
}

function withoutMark(head: Uint8Array): Uint8Array {
  const marked = markedEncoding(head);
  return marked === undefined ? head : head.subarray(marked === "utf-8" ? 3 : 2);
}

function openDecoder(path: string, declared: Encoding, head: Uint8Array) {
  const encoding = markedEncoding(head) ?? (declared === "utf-16" ? utf16By(path, head) : declared);
  if (encoding === "utf-8") return (chunk: Uint8Array) => chunk;
  if (encoding === "latin-1") return (chunk: Uint8Array) => fromLatin1(path, chunk);
  if (encoding === "windows-1252") return (chunk: Uint8Array) => fromWindows1252(path, chunk);
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (chunk: Uint8Array, isLast: boolean) => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: !isLast }));
    } catch (cause) {
      throw wrongEncoding(path, encoding, "bytes that it does not have", undefined, cause);
    }
  };
}

/** UTF-16 without a mark: the zero bytes of Latin letters, digits and delimiters tell the order. */
function utf16By(path: string, head: Uint8Array): Encoding {
  let even = 0;
  let odd = 0;
  head.forEach((byte, i) => {
    if (byte !== 0) return;
    if (i % 2 === 0) even++;
    else odd++;
  });
  if (even === odd) {
    const hint = "the text may be in utf-8 or windows-1252; see csv.encoding of the source";
    throw wrongEncoding(path, "utf-16", "bytes that no delimiter of it can be in", hint);
  }
  return even > odd ? "utf-16be" : "utf-16le";
}

/** 0x80–0x9f are control characters there: whoever finds them holds Windows' extension of it. */
function fromLatin1(path: string, chunk: Uint8Array): Uint8Array {
  if (chunk.some((byte) => byte >= 0x80 && byte <= 0x9f)) {
    const hint = "set csv.encoding of the source to windows-1252";
    throw wrongEncoding(path, "latin-1", "bytes that it does not have", hint);
  }
  return Buffer.from(Buffer.from(chunk).toString("latin1"));
}

/** 0x80–0x9f of windows-1252; a space where it has none. */
const WINDOWS_1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/** By our own table: Node's decoder of that name takes these bytes for control characters. */
function fromWindows1252(path: string, chunk: Uint8Array): Uint8Array {
  const text = Buffer.from(chunk).toString("latin1");
  const isControl = /[\u0080-\u009f]/g; // of latin-1
  const decoded = text.replace(isControl, (character) => {
    const found = WINDOWS_1252[character.charCodeAt(0) - 0x80]!;
    if (found !== " ") return found;
    throw wrongEncoding(path, "windows-1252", "bytes that it does not have");
  });
  return Buffer.from(decoded);
}

function wrongEncoding(
  path: string,
  encoding: Encoding,
  got: string,
  hint = "set csv.encoding of the source to the encoding that the file was written in",
  cause?: unknown,
): DuetMindError {
  return new DuetMindError("FILE_UNREADABLE", `${path}: expected text in ${encoding}, got ${got}`, {
    file: path,
    hint,
    cause,
  });
}
