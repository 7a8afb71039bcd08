import { z } from "zod";
import { canonicalJson } from "../../core/canonical-json.ts";
import { parseWith } from "../../core/parse.ts";
import type { ClassLabel } from "../../features/feature-view.ts";
import type { Predictor } from "../predictor.ts";
import { fromModelJson, type TrainedModel, toModelJson } from "../trained-model.ts";

/** learner.json: the trained model as plain data, with the labels of its classes. */
const learnerFile = z.strictObject({
  schema_version: z.literal(1),
  name: z.string().min(1),
  classes: z.array(z.union([z.string(), z.number(), z.boolean()])),
  model: z.unknown(),
});

export function toLearnerJson({ name, classes, model }: Predictor): string {
  const content = { schema_version: 1, name, classes, model: toModelJson(model) };
  return `${canonicalJson(content)}\n`;
}

/** Reads what `toLearnerJson` wrote. */
export function fromLearnerJson(
  input: unknown,
  subject = "learner.json",
): Readonly<{ name: string; classes: readonly ClassLabel[]; model: TrainedModel }> {
  const { name, classes, model } = parseWith(learnerFile, input, subject);
  return { name, classes, model: fromModelJson(model, `${subject}: model`) };
}
