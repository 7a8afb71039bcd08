/** What `\d`, `\w` and `\s` hold, as the inside of a character class that RE2 and JavaScript read alike. */
export const SHORTHANDS = {
  unicode: {
    d: "\\p{Nd}",
    w: "\\p{L}\\p{N}_",
    s: "\\t\\n\\v\\f\\r\\x1c-\\x1f\\x85\\p{Z}",
  },
  ascii: { d: "0-9", w: "A-Za-z0-9_", s: "\\t\\n\\v\\f\\r " },
} as const;

export type ClassState = Readonly<{ re2: string | null; js: string; end: number }>;

/** One character, spelled so that it has no meaning but itself. */
export function literal(character: string, engine: "re2" | "js"): string {
  if (/^[A-Za-z0-9_ ]$/.test(character)) return character;
  const code = character.codePointAt(0)!.toString(16);
  return engine === "re2" ? `\\x{${code}}` : `\\u{${code}}`;
}

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Reads the character that an escape stands for; `at` is the place after the backslash. */
export function readEscape(text: string, at: number): { character: string; end: number } {
  const letter = String.fromCodePoint(text.codePointAt(at) ?? 92);
  const control = CONTROLS[letter];
  if (control !== undefined) return { character: control, end: at + 1 };
  const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at));
  if (hex !== null) {
    const code = Number.parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16);
    if (code > 0x10ffff) throw new Error(`bad escape \\${hex[0]}`);
    return { character: String.fromCodePoint(code), end: at + hex[0].length };
  }
  const octal = /^(?:0[0-7]{0,2}|[1-3][0-7]{2})/.exec(text.slice(at));
  if (octal !== null) {
    return {
      character: String.fromCodePoint(Number.parseInt(octal[0], 8)),
      end: at + octal[0].length,
    };
  }
  if (/^[A-Za-z0-9]$/.test(letter)) throw new Error(`bad escape \\${letter} at position ${at - 1}`);
  return { character: letter, end: at + letter.length };
}

type Member = Readonly<{ character: string | null; re2: string | null; js: string; end: number }>;

/** Reads `[…]`; `at` is the place after the opening bracket. */
export function readClass(text: string, start: number, ascii: boolean): ClassState {
  let at = start;
  const isNegated = text[at] === "^";
  if (isNegated) at += 1;
  let re2: string | null = "";
  let js = "";
  for (let first = true; first || text[at] !== "]"; first = false) {
    if (at >= text.length) throw new Error(`unterminated character set at position ${start - 1}`);
    const low = readMember(text, at, ascii);
    at = low.end;
    if (text[at] === "-" && text[at + 1] !== "]" && at + 1 < text.length) {
      const high = readMember(text, at + 1, ascii);
      if (low.character === null || high.character === null || low.character > high.character) {
        throw new Error(`bad character range at position ${at - 1}`);
      }
      at = high.end;
      re2 = re2 === null ? null : `${re2}${low.re2}-${high.re2}`;
      js += `${low.js}-${high.js}`;
    } else {
      re2 = re2 === null || low.re2 === null ? null : re2 + low.re2;
      js += low.js;
    }
  }
  const sign = isNegated ? "^" : "";
  return { re2: re2 === null ? null : `[${sign}${re2}]`, js: `[${sign}${js}]`, end: at + 1 };
}

function readMember(text: string, at: number, ascii: boolean): Member {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  if (character !== "\\") return member(character, at + character.length);
  const letter = text[at + 1] ?? "";
  const shorthand = SHORTHANDS[ascii ? "ascii" : "unicode"];
  if (letter === "d" || letter === "w" || letter === "s") {
    return { character: null, re2: shorthand[letter], js: shorthand[letter], end: at + 2 };
  }
  if (letter === "D" || letter === "W" || letter === "S") {
    // a complement inside a class needs nested classes, which RE2 does not have
    const js = `[^${shorthand[letter.toLowerCase() as "d" | "w" | "s"]}]`;
    return { character: null, re2: null, js, end: at + 2 };
  }
  const escaped = readEscape(text, at + 1);
  return member(escaped.character, escaped.end);
}

function member(character: string, end: number): Member {
  return { character, re2: literal(character, "re2"), js: literal(character, "js"), end };
}
