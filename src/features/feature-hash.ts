import { type Digest, digestJson } from "../core/hash.ts";
import type { FeaturePlan, PlannedFeature } from "./feature-plan.ts";
import type { FeatureView } from "./feature-view.ts";

/**
 * What was asked for, with every default written out: inputs, features, and the columns that come out.
 * It holds nothing of the data, so the same spec gives the same definition on other data: columns that
 * depend on the categories found stand there as one pattern, `site=*`, and column types as number,
 * boolean, text (a whole number that gets a missing value changes from int64 to float64 in pandas).
 */
export function toDefinition(plan: FeaturePlan): Readonly<Record<string, unknown>> {
  return {
    inputs: plan.inputs.map(({ name, type, source }) => {
      if (source.kind === "sql") return { name, type, source };
      const { columnType: _, ...same } = source;
      return { name, type, source: same };
    }),
    transforms: plan.features,
    outputs: plan.features.map((feature) => ({ name: outputPattern(feature), type: "float64" })),
  };
}

function outputPattern(feature: PlannedFeature): string {
  const perCategory = feature.kind === "categorical" && feature.encode === "one_hot";
  return perCategory ? `${feature.name}=*` : feature.name;
}

/** SHA-256 over the canonical JSON of the definition. */
export function featureHash(definition: Readonly<Record<string, unknown>>): Digest {
  return digestJson(definition);
}

/** SHA-256 over everything that was learned from the training split. */
export function fitHash(
  view: Readonly<{
    inputs: FeatureView["inputs"];
    outputs: FeatureView["outputs"];
    target: Pick<FeatureView["target"], "classes">;
  }>,
): Digest {
  return digestJson({
    examples: view.inputs.map(({ name, example }) => [name, example]),
    outputs: view.outputs,
    classes: view.target.classes,
  });
}
