import {
  anyKey,
  type Grammar,
  knownKeys,
  LIKES,
  LISTS,
  numberField,
  textField,
} from "./grammar.ts";

export type LoggedModelEntity = "attribute" | "metric" | "param" | "tag";

const text = textField(...LIKES, ...LISTS);
const unsorted = { ...text, sortable: false };

export const loggedModelsGrammar: Grammar<LoggedModelEntity> = {
  subject: "logged models",
  entities: {
    attribute: knownKeys(["attributes"], {
      name: text,
      model_id: text,
      model_type: text,
      // MLflow keeps the number of the status: its names match nothing.
      status: { type: "code", operators: text.operators, sortable: true },
      source_run_id: text,
      creation_timestamp: { ...numberField, aliases: ["creation_time"] },
      last_updated_timestamp: numberField,
    }),
    metric: anyKey(["metrics"], numberField),
    param: anyKey(["params"], unsorted),
    tag: anyKey(["tags"], unsorted),
  },
  bare: "attribute",
  repeatedOrder: "ignored",
};
