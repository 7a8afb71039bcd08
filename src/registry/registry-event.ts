import type { Clock } from "../core/clock.ts";
import { appendEvent } from "../events/append-event.ts";
import type { Database } from "../store/database.ts";

/** What happens in the registry; a prompt's events have names of their own, as in MLflow. */
export type RegistryChange =
  | "registered_model.created"
  | "registered_model.renamed"
  | "registered_model.deleted"
  | "model_version.created"
  | "model_version.stage_changed"
  | "model_version.deleted"
  | "model_version_tag.set"
  | "model_version_tag.deleted"
  | "model_version_alias.created"
  | "model_version_alias.deleted"
  | "prompt_tag.set"
  | "prompt_tag.deleted";

export type RegistryEvent = Readonly<{
  change: RegistryChange;
  isPrompt: boolean;
  data: Readonly<Record<string, unknown>>;
}>;

/** Tells streams and webhooks of a change, in its transaction. */
export async function tellRegistryChange(
  db: Database,
  { change, isPrompt, data }: RegistryEvent,
  actor: string,
  clock: Clock,
): Promise<void> {
  const kind = isPrompt ? promptKind(change) : change;
  await appendEvent(db, { topic: "models", kind, actor, data }, clock);
}

function promptKind(change: RegistryChange): string {
  return change
    .replace(/^registered_model\b/, "prompt")
    .replace(/^model_version_alias\b/, "prompt_alias")
    .replace(/^model_version/, "prompt_version");
}
