import type { ContractValue } from "./contract.ts";

/** A value as Python's `str` prints it: `1`, `1.0`, `1e-07`, `True`, `None`; text as it is. */
export function pythonStr(value: ContractValue | readonly ContractValue[]): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

/** A value as Python's `repr` prints it: text in quotes, a list in brackets. */
export function pythonRepr(value: ContractValue | readonly ContractValue[]): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return floatRepr(value);
  if (typeof value === "string") return textRepr(value);
  return `[${value.map(pythonRepr).join(", ")}]`;
}

/** Python switches to an exponent below 1e-4 and from 1e16 on, and writes it with two digits. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  const text = size < 1e-6 ? value.toFixed(20) : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** What Python does not count as printable: controls, separators but the space, unassigned. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    const escaped = ESCAPES[character];
    if (escaped !== undefined) out += escaped;
    else if (character === quote) out += `\\${quote}`;
    else if (character !== " " && UNPRINTABLE.test(character)) out += hexEscape(character);
    else out += character;
  }
  return out + quote;
}

function hexEscape(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
