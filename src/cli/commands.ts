import type { CommandDefinition } from "./command.ts";

export type CommandEntry = Readonly<{
  summary: string;
  aliases?: readonly string[];
  load(): Promise<CommandDefinition>;
}>;

/** Every command, loaded at first use: `--version` and `--help` must not pay for the engines. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  config: {
    summary: "Print the effective settings and where each came from",
    load: async () => (await import("./commands/config.ts")).command,
  },
  db: {
    summary: "Look after the schema of the metadata database",
    load: async () => (await import("./commands/db.ts")).command,
  },
  "api-keys": {
    summary: "Make, list and revoke the keys that callers of the server show",
    load: async () => (await import("./commands/api-keys.ts")).command,
  },
  tracking: {
    summary: "Look after what the tracking server keeps",
    load: async () => (await import("./commands/tracking.ts")).command,
  },
  serve: {
    summary: "Serve the tracking server and model registry over HTTP",
    load: async () => (await import("./commands/serve.ts")).command,
  },
  memory: {
    summary: "Store, search and look after the memory of agents",
    load: async () => (await import("./commands/memory.ts")).command,
  },
  mcp: {
    summary: "Serve the tools for agents over stdio, by the Model Context Protocol",
    load: async () => (await import("./commands/mcp.ts")).command,
  },
  import: {
    summary: "Bring what another tool has kept",
    load: async () => (await import("./commands/import.ts")).command,
  },
  validate: {
    summary: "Check data against its contract, or every contract of params.yaml",
    load: async () => (await import("./commands/validate.ts")).command,
  },
  profile: {
    summary: "Describe the columns of a file or dataset, and say what stands out",
    load: async () => (await import("./commands/profile.ts")).command,
  },
  contract: {
    summary: "Show a data contract as it is understood",
    load: async () => (await import("./commands/contract.ts")).command,
  },
  add: {
    summary: "Track files and folders: content into the cache, a .dvc file beside them",
    load: async () => (await import("./commands/add.ts")).command,
  },
  commit: {
    summary: "Put outs as they stand into the cache; with --force, record what changed in them",
    load: async () => (await import("./commands/commit.ts")).command,
  },
  checkout: {
    summary: "Bring outs from the cache to their places, as dvc.lock and .dvc files record them",
    load: async () => (await import("./commands/checkout.ts")).command,
  },
  gc: {
    summary: "Remove from the cache what no out uses; without --force only say what would go",
    load: async () => (await import("./commands/gc.ts")).command,
  },
  remove: {
    summary: "Stop tracking data, or take stages out of dvc.yaml; the data stays",
    aliases: ["rm"],
    load: async () => (await import("./commands/remove.ts")).command,
  },
  unprotect: {
    summary:
      "Make files that are links to the cache files of their own, so that they may be edited",
    load: async () => (await import("./commands/unprotect.ts")).command,
  },
  reproduce: {
    summary: "Run the stages of dvc.yaml that changed, and register what they made",
    aliases: ["repro"],
    load: async () => (await import("./commands/reproduce.ts")).command,
  },
  dag: {
    summary: "Draw which stage needs which: boxes, mermaid, dot, JSON or a page",
    load: async () => (await import("./commands/dag.ts")).command,
  },
  stage: {
    summary: "Show the stages of dvc.yaml as they are understood",
    load: async () => (await import("./commands/stage.ts")).command,
  },
  diff: {
    summary: "Compare the data of two revisions, or of one and the workspace",
    load: async () => (await import("./commands/diff.ts")).command,
  },
  metrics: {
    summary: "Show and compare the metrics that stages wrote",
    load: async () => (await import("./commands/metrics.ts")).command,
  },
  plots: {
    summary: "Draw what stages wrote for plots: a page, SVG, or Vega-Lite as JSON",
    load: async () => (await import("./commands/plots.ts")).command,
  },
  params: {
    summary: "Compare the parameters of a pipeline between revisions",
    load: async () => (await import("./commands/params.ts")).command,
  },
  push: {
    summary: "Send what the remote lacks of the outs",
    load: async () => (await import("./commands/push.ts")).command,
  },
  pull: {
    summary:
      "Fetch outs from the remote, bring them to their places, register what stages recorded",
    load: async () => (await import("./commands/pull.ts")).command,
  },
  fetch: {
    summary: "Bring into the cache what it lacks of the outs, from the remote",
    load: async () => (await import("./commands/fetch.ts")).command,
  },
  remote: {
    summary: "Set up the places where outs are pushed to",
    load: async () => (await import("./commands/remote.ts")).command,
  },
  status: {
    summary: "Say which stages and data differ from what dvc.lock and .dvc files record",
    load: async () => (await import("./commands/status.ts")).command,
  },
  sample: {
    summary: "Write synthetic data to try things with",
    load: async () => (await import("./commands/sample.ts")).command,
  },
  init: {
    summary: "Make a working project for your own data or for the sample",
    load: async () => (await import("./commands/init.ts")).command,
  },
  data: {
    summary: "Read the sources into data/raw, check their contracts, register the datasets",
    load: async () => (await import("./commands/data.ts")).command,
  },
  features: {
    summary: "Build features, labels and split from data/raw, register the feature view",
    load: async () => (await import("./commands/features.ts")).command,
  },
  "hash-features": {
    summary: "Print feature, fit and schema hash and data digest; explain a difference",
    load: async () => (await import("./commands/hash-features.ts")).command,
  },
  train: {
    summary: "Train, measure and register a model from data/processed",
    load: async () => (await import("./commands/train.ts")).command,
  },
  predict: {
    summary: "Score a raw file with a registered model",
    load: async () => (await import("./commands/predict.ts")).command,
  },
  datasets: {
    summary: "List the registered versions of every dataset",
    load: async () => (await import("./commands/datasets.ts")).command,
  },
  models: {
    summary: "List the registered versions of every model, or of one",
    load: async () => (await import("./commands/models.ts")).command,
  },
  show: {
    summary: "Print the card of a model version: lineage, metrics, decision, artifacts",
    load: async () => (await import("./commands/show.ts")).command,
  },
  verify: {
    summary: "Rebuild a model from its recorded lineage and compare every byte",
    load: async () => (await import("./commands/verify.ts")).command,
  },
  register: {
    summary: "Import the records of stages that ran elsewhere: a clone, a pull, a real dvc repro",
    load: async () => (await import("./commands/register.ts")).command,
  },
};
