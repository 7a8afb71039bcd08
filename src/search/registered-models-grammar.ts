import { anyKey, type Grammar, knownKeys, LIKES, LISTS, textField } from "./grammar.ts";

export type RegisteredModelEntity = "attribute" | "tag";

const time = { type: "whole", operators: [], sortable: true } as const;

export const registeredModelsGrammar: Grammar<RegisteredModelEntity> = {
  subject: "registered models",
  entities: {
    attribute: knownKeys(["attribute"], {
      name: textField(...LIKES, ...LISTS),
      last_updated_timestamp: { ...time, aliases: ["timestamp"] },
    }),
    tag: anyKey(["tag", "tags"], { ...textField(...LIKES), sortable: false }),
  },
  bare: "attribute",
  repeatedOrder: "refused",
};
