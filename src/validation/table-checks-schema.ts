import { z } from "zod";
import { expecting } from "../core/parse.ts";
import type { TableChecks } from "./table-checks.ts";

/** In a contract's tree whole numbers are bigints; an editor is told that they are integers. */
const count = z.bigint().nonnegative().transform(Number).meta({ type: "integer", minimum: 0 });
const severity = z.enum(["error", "warning"]).default("error");
const column = z.string().min(1);

/** A name alone is a list of one. */
const columns = z.union([
  column.transform((name) => [name]),
  z
    .array(column)
    .nonempty("expected a column")
    .refine((names) => new Set(names).size === names.length, expecting("each column once")),
]);

const foreignKey = z
  .strictObject({
    columns,
    dataset: z.string().min(1).optional(),
    file: z.string().min(1).optional(),
    /** The same names unless told. */
    references: columns.optional(),
    severity,
  })
  .refine(
    ({ dataset, file }) => (dataset === undefined) !== (file === undefined),
    expecting("a dataset or a file"),
  )
  .refine(
    ({ columns: own, references }) => references === undefined || references.length === own.length,
    expecting("as many references as columns"),
  )
  .transform(({ references, ...key }) => ({ ...key, references: references ?? key.columns }));

const uniqueShare = z.strictObject({
  columns,
  min: z
    .union([z.number(), z.bigint().transform(Number)])
    .refine((share) => share > 0 && share <= 1, expecting("a share above 0, at most 1")),
  severity,
});

/** A check that a table may be asked more than once; one alone needs no list. */
function oneOrMore<T extends z.ZodType>(check: T) {
  return z.union([check.transform((one) => [one]), z.array(check).nonempty("expected a check")]);
}

export const tableChecksSchema = z.strictObject({
  row_count: z
    .strictObject({
      min: count.default(0),
      max: z.union([count, z.null()]).default(null),
      severity,
    })
    .refine(({ min, max }) => max === null || min <= max, expecting("min to be at most max"))
    .refine(({ min, max }) => min > 0 || max !== null, expecting("a min above 0 or a max"))
    .optional(),
  freshness: z
    .strictObject({
      column,
      max_age: z.string().regex(/^\d{1,6}[smhdw]$/, expecting("an age such as 2d, 12h or 30m")),
      severity,
    })
    .optional(),
  no_subject_in_two_splits: z.strictObject({ subject: column, split: column, severity }).optional(),
  foreign_key: oneOrMore(foreignKey).optional(),
  unique_share: oneOrMore(uniqueShare).optional(),
});

type Parsed = z.infer<typeof tableChecksSchema>;

/** Only the checks that are there. */
export function toTableChecks(parsed: Parsed | undefined): TableChecks | null {
  const given = Object.entries(parsed ?? {}).filter(([, check]) => check !== undefined);
  return given.length === 0 ? null : (Object.fromEntries(given) as TableChecks);
}
