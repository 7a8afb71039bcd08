/**
 * What a webhook can be subscribed to: `entity.action`, with the `data` that a test sends. Renames,
 * stages and deletes are ours; the others are MLflow's, with its data (reference: mlflow.md, section 1).
 */
const tags = { example_key: "example_value" };
const model = { name: "example_model" };
const version = { ...model, version: "1" };
const prompt = { name: "example_prompt" };
const promptVersion = { ...prompt, version: "1" };
const tag = { key: "example_key" };
const valued = { ...tag, value: "example_value" };
const stages = { stage: "Staging", previous_stage: "None" };
const alias = { alias: "example_alias" };

export const WEBHOOK_EVENTS = {
  "registered_model.created": { ...model, tags, description: "An example registered model" },
  "registered_model.renamed": { ...model, previous_name: "example_model_before" },
  "registered_model.deleted": model,
  "model_version.created": {
    ...version,
    source: "models:/123",
    run_id: "abcd1234abcd5678",
    tags,
    description: "An example model version",
  },
  "model_version.stage_changed": { ...version, ...stages },
  "model_version.deleted": version,
  "model_version_tag.set": { ...version, ...valued },
  "model_version_tag.deleted": { ...version, ...tag },
  "model_version_alias.created": { ...model, ...alias, version: "1" },
  "model_version_alias.deleted": { ...model, ...alias },
  "prompt.created": { ...prompt, tags, description: "An example prompt" },
  "prompt.renamed": { ...prompt, previous_name: "example_prompt_before" },
  "prompt.deleted": prompt,
  "prompt_version.created": {
    ...promptVersion,
    template: "Hello {{name}}!",
    tags,
    description: "An example prompt version",
  },
  "prompt_version.stage_changed": { ...promptVersion, ...stages },
  "prompt_version.deleted": promptVersion,
  "prompt_tag.set": { ...prompt, ...valued },
  "prompt_tag.deleted": { ...prompt, ...tag },
  "prompt_version_tag.set": { ...promptVersion, ...valued },
  "prompt_version_tag.deleted": { ...promptVersion, ...tag },
  "prompt_alias.created": { ...prompt, ...alias, version: "1" },
  "prompt_alias.deleted": { ...prompt, ...alias },
} as const;

export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

export function isWebhookEvent(kind: string): kind is WebhookEvent {
  return Object.hasOwn(WEBHOOK_EVENTS, kind);
}

/** `model_version.created` → its entity and action, as a delivery names them. */
export function partsOf(kind: string): Readonly<{ entity: string; action: string }> {
  const [entity = "", action = ""] = kind.split(".");
  return { entity, action };
}
