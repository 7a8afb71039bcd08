/** What can be searched. */
export type SearchTarget =
  | "runs"
  | "experiments"
  | "registeredModels"
  | "modelVersions"
  | "loggedModels";

type Field = Readonly<{
  wire: string;
  type: "text" | "listed" | "whole" | "time";
  /** What a search can do with it; both where this is absent. */
  only?: "filter" | "order";
}>;

/** The attributes of each kind: their names on the wire, and which comparisons they know. */
export const ATTRIBUTES = {
  runs: {
    runId: { wire: "run_id", type: "listed" },
    runName: { wire: "run_name", type: "text" },
    userId: { wire: "user_id", type: "text" },
    status: { wire: "status", type: "text" },
    artifactUri: { wire: "artifact_uri", type: "text" },
    startTime: { wire: "start_time", type: "time" },
    endTime: { wire: "end_time", type: "time" },
  },
  experiments: {
    name: { wire: "name", type: "text" },
    creationTime: { wire: "creation_time", type: "time" },
    lastUpdateTime: { wire: "last_update_time", type: "time" },
  },
  registeredModels: {
    name: { wire: "name", type: "text" },
    lastUpdatedTimestamp: { wire: "last_updated_timestamp", type: "time", only: "order" },
  },
  modelVersions: {
    name: { wire: "name", type: "text" },
    runId: { wire: "run_id", type: "text", only: "filter" },
    sourcePath: { wire: "source_path", type: "text", only: "filter" },
    version: { wire: "version_number", type: "whole" },
    creationTimestamp: { wire: "creation_timestamp", type: "time", only: "order" },
    lastUpdatedTimestamp: { wire: "last_updated_timestamp", type: "time", only: "order" },
  },
  loggedModels: {
    name: { wire: "name", type: "listed" },
    modelId: { wire: "model_id", type: "listed" },
    modelType: { wire: "model_type", type: "listed" },
    sourceRunId: { wire: "source_run_id", type: "listed" },
    creationTimestamp: { wire: "creation_timestamp", type: "time" },
    lastUpdatedTimestamp: { wire: "last_updated_timestamp", type: "time" },
  },
} as const satisfies Readonly<Record<SearchTarget, Readonly<Record<string, Field>>>>;

export type Attributes = typeof ATTRIBUTES;

/** The names of a target's attributes that can be filtered, or ordered, by. */
export type AttributeOf<T extends SearchTarget, Use extends "filter" | "order"> = {
  [K in keyof Attributes[T]]: Attributes[T][K] extends {
    readonly only: Exclude<"filter" | "order", Use>;
  }
    ? never
    : K;
}[keyof Attributes[T]] &
  string;

/** An attribute as it is written in the language of filters. */
export function attributeOf(target: SearchTarget, name: string): Field {
  const fields: Readonly<Record<string, Field>> = ATTRIBUTES[target];
  return fields[name]!;
}
