import type { FoundVersion } from "../../registry/found-version.ts";
import { stageOf } from "../../registry/stages.ts";
import { unlessEmpty } from "./tags.ts";

/** A version as MLflow's clients read it: its number is a text, and what is empty is left out. */
export function toWireVersion(version: FoundVersion): unknown {
  return {
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdAt.getTime(),
    last_updated_timestamp: version.updatedAt.getTime(),
    current_stage: stageOf(version.status),
    description: version.description ?? undefined,
    source: version.source,
    run_id: version.runId ?? "",
    status: "READY",
    tags: unlessEmpty(version.tags),
    run_link: version.runLink ?? "",
    aliases: unlessEmpty(version.aliases),
  };
}
