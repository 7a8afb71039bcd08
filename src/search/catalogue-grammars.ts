import {
  COMPARISONS,
  type Field,
  type Grammar,
  knownKeys,
  LIKES,
  NULLS,
  numberField,
  textField,
} from "./grammar.ts";

/** The searches of our own lists: one entity, of the fields that a list shows. */
export type ListEntity = "attribute";

const text = textField(...LIKES, "IN");
const whole = { type: "whole", operators: COMPARISONS, sortable: true } as const;
const time = { type: "whole", operators: COMPARISONS, sortable: true } as const;
const orNull = (field: Field): Field => ({ ...field, operators: [...field.operators, ...NULLS] });

function listGrammar(
  subject: string,
  fields: Parameters<typeof knownKeys>[1],
): Grammar<ListEntity> {
  return {
    subject,
    entities: { attribute: knownKeys(["attribute"], fields) },
    bare: "attribute",
    repeatedOrder: "refused",
  };
}

/** Versions of datasets. */
export const datasetsGrammar = listGrammar("datasets", {
  name: text,
  version: whole,
  kind: text,
  source_type: text,
  file_format: text,
  row_count: whole,
  size_bytes: whole,
  content_sha256: text,
  created_at: time,
  created_by: text,
});

/** Versions of feature views. */
export const featureViewsGrammar = listGrammar("feature views", {
  name: text,
  version: whole,
  feature_hash: text,
  fit_hash: text,
  created_at: time,
  created_by: text,
});

/** Versions of models. */
export const versionsGrammar = listGrammar("model versions", {
  name: text,
  version: whole,
  status: text,
  run_id: text,
  feature_hash: text,
  created_at: time,
  created_by: text,
});

/** Registered models. */
export const modelsGrammar = listGrammar("models", {
  name: text,
  created_at: time,
  updated_at: time,
});

/** Runs of the pipeline's stages that were registered. */
export const stageRunsGrammar = listGrammar("stage runs", {
  digest: text,
  stage: text,
  path: text,
  registered_at: time,
  registered_by: text,
});

/** Memories of agents: nothing of what they say, which may be sealed. */
export const memoriesGrammar = listGrammar("memories", {
  id: text,
  session_id: text,
  agent: text,
  scope: text,
  memory_type: text,
  importance: numberField,
  subject: orNull(text),
  source: orNull(text),
  actor: orNull(text),
  trust: numberField,
  origin: text,
  created_at: time,
  updated_at: time,
  valid_from: orNull(time),
  valid_to: orNull(time),
  expires_at: orNull(time),
  last_accessed: orNull(time),
  access_count: whole,
  repeat_count: whole,
  superseded_by: orNull(text),
});

/** Sessions of agents' memory. */
export const memorySessionsGrammar = listGrammar("memory sessions", {
  session_id: text,
  agent: text,
  memories: whole,
  created_at: time,
  last_active_at: time,
});
