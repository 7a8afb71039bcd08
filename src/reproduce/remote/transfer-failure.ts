import { DuetMindError } from "../../core/errors.ts";
import type { UsedObject } from "./used-objects.ts";

/** An object that could not be transferred, and why. */
export type TransferFailure = Readonly<{
  object: UsedObject;
  /** Where it is missing, or that its bytes are others than its name says. */
  got: string;
  /** It is nowhere; otherwise it is damaged. */
  isMissing: boolean;
}>;

/** The error of a transfer that left something out; what was transferred stays. */
export function transferError(
  task: "push" | "fetch",
  failures: readonly TransferFailure[],
): DuetMindError {
  const [first] = failures;
  const more = failures.length > 1 ? ` and ${failures.length - 1} more` : "";
  const { shown, md5 } = first!.object;
  const hint =
    task === "push"
      ? "make it again with `duetmind reproduce`, or fetch it from where it is; the rest was sent"
      : "push it from where it is, or make it again with `duetmind reproduce`; the rest was fetched";
  return new DuetMindError(
    "TRANSFER_INCOMPLETE",
    `${shown}: expected to ${task} its object ${md5}, got ${first!.got}${more}`,
    {
      file: shown,
      hint,
      issues: failures.map(({ object, got }) => ({
        path: object.shown,
        expected: object.md5,
        got,
      })),
    },
  );
}
