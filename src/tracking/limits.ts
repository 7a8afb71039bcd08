import { posix } from "node:path";
import { DuetMindError } from "../core/errors.ts";

/** Lengths of MLflow's fields, in characters (reference: mlflow.md, section 6). */
export const MAX_PARAM_VALUE = 6000;
export const MAX_TAG_VALUE = 8000;

/** Cuts a text to so many characters as the database counts them: a surrogate pair is one. */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const characters = [...text];
  return characters.length <= maxCharacters ? text : characters.slice(0, maxCharacters).join("");
}

export const MAX_EXPERIMENT_NAME = 500;
export const MAX_ARTIFACT_LOCATION = 2048;
export const MAX_KEY = 250;
export const MAX_EXPERIMENT_TAG_VALUE = 20_000;

export function assertExperimentName(name: string): void {
  assertLength(name, MAX_EXPERIMENT_NAME, "Experiment name");
  if (name.includes("\0")) throw withNul("Experiment name");
}

export function assertArtifactLocation(uri: string): void {
  if ([...uri].length > MAX_ARTIFACT_LOCATION) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid artifact path length. The length of the artifact path cannot be greater than ${MAX_ARTIFACT_LOCATION} characters.`,
    );
  }
  const wrong =
    /^runs:/i.test(uri) ||
    /[#\0]|\?.*\.\./s.test(uri) ||
    /(^|\/)\.\.(\/|$)/.test(decodeStable(uri));
  if (!wrong) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `Invalid artifact location: expected a URI without fragment or "..", and not runs:/, got '${uri}'`,
  );
}

export function assertExperimentTag({ key, value }: Readonly<{ key: string; value: string }>) {
  assertKey(key, "key");
  assertLength(value, MAX_EXPERIMENT_TAG_VALUE, "Tag value");
  if (value.includes("\0")) throw withNul("Tag value");
}

/** Tags that a new thing is given. */
export function assertKeysDiffer(tags: readonly Readonly<{ key: string }>[]): void {
  const seen = new Set<string>();
  for (const { key } of tags) if (seen.size === seen.add(key).size) throw givenTwice(key);
}

export function givenTwice(key: string): DuetMindError {
  return new DuetMindError(
    "INTEGRITY_VIOLATED",
    `tags: expected each key once, got '${key}' twice`,
  );
}

/** PostgreSQL's text cannot hold NUL. */
export function withNul(what: string): DuetMindError {
  return new DuetMindError("BAD_INPUT", `${what}: expected no NUL character, got one`);
}

/** The length is counted as the database counts it: a surrogate pair is one character. */
export function assertLength(text: string, maxCharacters: number, what: string): void {
  if (text.length <= maxCharacters || [...text].length <= maxCharacters) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `'${what}' exceeds the maximum length of ${maxCharacters} characters`,
  );
}

const KEY = /^[/\p{L}\p{N}_.\- :]+$/u;

/**
 * The key of a metric, param or tag: slashes, Unicode letters and digits and `_ . - :` and spaces, and
 * a path that is its own normal form (reference: mlflow.md, section 6).
 */
export function assertKey(key: string, what: string, lengthName = what): void {
  if (!KEY.test(key)) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid value ${JSON.stringify(key)} for parameter '${what}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
      { path: what },
    );
  }
  if (
    posix.normalize(key) !== key ||
    key.startsWith("..") ||
    key.startsWith("/") ||
    /\/$/.test(key) ||
    key === "."
  ) {
    throw new DuetMindError(
      "BAD_INPUT",
      `Invalid value ${JSON.stringify(key)} for parameter '${what}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${posix.normalize(key)}'`,
      { path: what },
    );
  }
  assertLength(key, MAX_KEY, lengthName);
}

/** A text percent-decoded until it no longer changes, at most ten times. */
export function decodeStable(text: string): string {
  let last = text;
  for (let round = 0; round < 10; round += 1) {
    const next = decodeOnce(last);
    if (next === last) return last;
    last = next;
  }
  throw new DuetMindError("BAD_INPUT", "Invalid path: expected fewer layers of percent-encoding");
}

/** Runs of encoded bytes become characters where they are UTF-8; any other percent sign is itself. */
function decodeOnce(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
