import type { Digest } from "../core/hash.ts";

/**
 * One link of a model's lineage, rebuilt and compared. `verdict` is one of
 *
 *     identical · same content, other writer · same predictions (largest difference …) ·
 *     differs at … · data changed · code version differs · missing after the rebuild
 */
export type VerifiedLink = Readonly<{
  link: string;
  expected: string | null;
  got: string | null;
  verdict: string;
}>;

/** A file that a stage made; `content` is its logical digest, where it has one. */
export type ComparedFile = Readonly<{ name: string; sha256: Digest; content?: Digest }>;

/** Compares what a stage made then with what it makes now, file by file. */
export function compareFiles(
  stage: string,
  expected: readonly ComparedFile[],
  got: readonly ComparedFile[],
): VerifiedLink[] {
  const now = new Map(got.map((file) => [file.name, file]));
  const then = new Set(expected.map(({ name }) => name));
  return [
    ...expected.map((file) => compareFile(stage, file, now.get(file.name))),
    ...got
      .filter(({ name }) => !then.has(name))
      .map(({ name, sha256 }) => ({
        link: `${stage}: ${name}`,
        expected: null,
        got: sha256,
        verdict: `differs at ${name}: it was not there before`,
      })),
  ];
}

function compareFile(
  stage: string,
  then: ComparedFile,
  now: ComparedFile | undefined,
): VerifiedLink {
  const link = `${stage}: ${then.name}`;
  if (now === undefined) {
    return { link, expected: then.sha256, got: null, verdict: "missing after the rebuild" };
  }
  return { link, expected: then.sha256, got: now.sha256, verdict: verdictOf(then, now) };
}

function verdictOf(then: ComparedFile, now: ComparedFile): string {
  if (then.sha256 === now.sha256) return IDENTICAL;
  if (then.content !== undefined && then.content === now.content) {
    return "same content, other writer";
  }
  return `differs at ${then.name}`;
}

export const IDENTICAL = "identical";

/** The word for the whole: identical, or that of the first link that is not. */
export function overallVerdict(links: readonly VerifiedLink[]): string {
  return links.find(({ verdict }) => verdict !== IDENTICAL)?.verdict ?? IDENTICAL;
}
