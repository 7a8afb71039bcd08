import {
  anyKey,
  type Grammar,
  knownKeys,
  LIKES,
  LISTS,
  NULLS,
  numberField,
  textField,
} from "./grammar.ts";

export type RunEntity = "attribute" | "metric" | "param" | "tag" | "dataset";

const dataset = { ...textField(...LIKES, ...LISTS), sortable: false };

export const runsGrammar: Grammar<RunEntity> = {
  subject: "runs",
  entities: {
    attribute: knownKeys(["attribute", "attributes", "attr", "run"], {
      run_id: textField(...LIKES, ...LISTS),
      run_name: { ...textField(...LIKES), aliases: ["run name", "Run name", "Run Name"] },
      user_id: textField(...LIKES),
      status: textField(...LIKES),
      artifact_uri: textField(...LIKES),
      start_time: { ...numberField, aliases: ["created", "Created"] },
      end_time: numberField,
    }),
    metric: anyKey(["metric", "metrics"], numberField),
    param: anyKey(["param", "params", "parameter", "parameters"], textField(...LIKES, ...NULLS)),
    tag: anyKey(["tag", "tags"], textField(...LIKES, ...NULLS)),
    dataset: knownKeys(["dataset", "datasets"], {
      name: dataset,
      digest: dataset,
      context: dataset,
    }),
  },
  bare: "attribute",
  repeatedOrder: "refused",
};
