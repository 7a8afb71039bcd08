import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";
import { expecting, parseWith } from "../core/parse.ts";
import type { CheckOptions } from "./contract.ts";
import { contractError, type PathStep } from "./contract-error.ts";

const label = z.union([z.string(), z.null()]).default(null);
const names = z
  .union([z.string().transform((name) => [name]), z.array(z.string()), z.null()])
  .default(null);

const optionsSchema = z.strictObject({
  ignore_na: z.boolean().default(true),
  element_wise: z.boolean().default(false),
  raise_warning: z.boolean().default(false),
  n_failure_cases: z.union([z.bigint().positive().transform(Number), z.null()]).default(null),
  name: label,
  error: label,
  groupby: names,
  groups: names,
  mostly: z
    .union([z.number(), z.bigint().transform(Number), z.null()])
    .refine(
      (share) => share === null || (share > 0 && share <= 1),
      expecting("a share above 0, at most 1"),
    )
    .default(null),
  severity: z.enum(["error", "warning"]).default("error"),
});

/** What may stand among a check's arguments, or in its `options`. */
export const CHECK_OPTION_KEYS: readonly string[] = Object.keys(optionsSchema.shape);

export function parseCheckOptions(
  input: Readonly<Record<string, unknown>>,
  file: string,
  path: readonly PathStep[],
): CheckOptions {
  let options: z.infer<typeof optionsSchema>;
  try {
    options = parseWith(optionsSchema, input, "options", { code: "CONTRACT_INVALID" });
  } catch (error) {
    if (!(error instanceof DuetMindError)) throw error;
    const { path: inner, hint } = error.details;
    const where = [...path, ...(inner === undefined ? [] : [inner])];
    // contractError says where
    const prefix = [`options: ${inner}: `, "options: "].find((p) => error.message.startsWith(p));
    throw contractError(file, where, error.message.slice(prefix?.length ?? 0), hint);
  }
  return {
    ignoreNa: options.ignore_na,
    elementWise: options.element_wise,
    raiseWarning: options.raise_warning,
    nFailureCases: options.n_failure_cases,
    name: options.name,
    error: options.error,
    groupby: options.groupby,
    groups: options.groups,
    mostly: options.mostly === 1 ? null : options.mostly,
    severity: options.severity,
  };
}
