import {
  anyKey,
  COMPARISONS,
  type Grammar,
  knownKeys,
  LIKES,
  LISTS,
  textField,
} from "./grammar.ts";

export type ModelVersionEntity = "attribute" | "tag";

const time = { type: "whole", operators: [], sortable: true } as const;

export const modelVersionsGrammar: Grammar<ModelVersionEntity> = {
  subject: "model versions",
  entities: {
    attribute: knownKeys(["attribute"], {
      name: textField(...LIKES, ...LISTS),
      version_number: { type: "id", operators: COMPARISONS, sortable: true },
      run_id: { ...textField(...LIKES, ...LISTS), sortable: false },
      source_path: { ...textField(...LIKES), sortable: false },
      creation_timestamp: time,
      last_updated_timestamp: time,
    }),
    tag: anyKey(["tag", "tags"], { ...textField(...LIKES), sortable: false }),
  },
  bare: "attribute",
  repeatedOrder: "refused",
};
