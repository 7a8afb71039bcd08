import { stringify } from "yaml";
import type { OwnSource } from "./init-source.ts";

/** The sections of params.yaml for a person's own file. */
export function toOwnParams({ name, path, guess, key }: OwnSource): string {
  const types = Object.fromEntries(guess.dates.map((date) => [date, "datetime64[ns]"]));
  const sections = {
    sources: {
      [name]: {
        path,
        ...(guess.dates.length === 0 ? {} : { types }),
        ...(key.length === 0 ? {} : { key }),
      },
    },
    contracts: { raw: { [name]: `contracts/${name}.yaml` } },
    features: {
      view: `${name}_features`,
      source: name,
      ...(guess.subject === undefined ? {} : { subject: guess.subject }),
      target: guess.target,
      transforms: [{ auto: true, except: guess.excluded.map(({ column }) => column) }],
    },
    split: { method: "hash", seed: 42, train: 0.7, validation: 0.15, test: 0.15 },
    model: { name, algorithm: "boosting", task: guess.task, seed: 42 },
    thresholds:
      guess.task === "regression"
        ? { beat_majority: true }
        : { accuracy: 0.85, roc_auc: 0.8, beat_majority: true },
    tracking: { experiment: name },
  };
  const notes = guess.excluded.map(
    ({ column, reason }) => `# left out of the features: ${column} (${reason})\n`,
  );
  return notes.join("") + stringify(sections, { lineWidth: 0 });
}
