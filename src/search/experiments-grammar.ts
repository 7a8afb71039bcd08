import {
  anyKey,
  COMPARISONS,
  type Field,
  type Grammar,
  knownKeys,
  LIKES,
  LISTS,
  NULLS,
  textField,
} from "./grammar.ts";

export type ExperimentEntity = "attribute" | "tag";

const time: Field = { type: "whole", operators: COMPARISONS, sortable: true };

export const experimentsGrammar: Grammar<ExperimentEntity> = {
  subject: "experiments",
  entities: {
    attribute: knownKeys(["attribute", "attributes", "attr"], {
      name: textField(...LIKES),
      experiment_id: { type: "id", operators: ["=", "!=", ...LISTS], sortable: true },
      creation_time: time,
      last_update_time: time,
    }),
    tag: anyKey(["tag", "tags"], { ...textField(...LIKES, ...NULLS), sortable: false }),
  },
  bare: "attribute",
  repeatedOrder: "ignored",
};
