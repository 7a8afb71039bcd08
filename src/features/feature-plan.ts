import type { FittedInput } from "./feature-view.ts";
import type { CategoricalTransform, NumericOptions } from "./transform-params.ts";

/** What a feature of numbers is computed from, by the names of inputs. */
export type Operand =
  | Readonly<{ kind: "input"; input: string }>
  | Readonly<{ kind: "product"; factors: readonly string[] }>
  | Readonly<{ kind: "ratio"; numerator: string; denominator: string }>;

export type PlannedInput = Omit<FittedInput, "example">;

/** A feature that is decided but not fitted; `name` is the column or the stem of its columns. */
export type PlannedFeature =
  | Readonly<{ kind: "numeric"; name: string; operand: Operand; options: NumericOptions }>
  | Readonly<{
      kind: "boolean";
      name: string;
      input: string;
      impute: "most_frequent" | "none" | boolean;
    }>
  | Readonly<{
      kind: "words";
      name: string;
      input: string;
      trueValues: readonly string[];
      falseValues: readonly string[];
      impute: "most_frequent" | "none" | boolean;
    }>
  | Readonly<{
      kind: "categorical";
      name: string;
      input: string;
      encode: CategoricalTransform["encode"];
      categories: readonly string[] | null;
      rare: NonNullable<CategoricalTransform["rare"]> | null;
      impute: CategoricalTransform["impute"];
    }>
  | Readonly<{ kind: "missing"; name: string; input: string }>;

/** The pure half of building features: all that does not depend on values. */
export type FeaturePlan = Readonly<{
  view: string;
  columns: readonly Readonly<{ name: string; type: string }>[];
  inputs: readonly PlannedInput[];
  features: readonly PlannedFeature[];
  /** Features that auto chose: dropped instead of refused when their column is empty. */
  automatic: ReadonlySet<string>;
  /** Columns that auto left out, with the reason. */
  dropped: readonly Readonly<{ column: string; reason: string }>[];
  subject: string | null;
  target: Readonly<{ column: string; type: string }>;
}>;
