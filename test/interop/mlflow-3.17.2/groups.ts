import type { Group } from "./request.ts";
import { artifacts } from "./requests/artifacts.ts";
import { experimentSearch } from "./requests/experiment-search.ts";
import { experiments } from "./requests/experiments.ts";
import { loggedModels } from "./requests/logged-models.ts";
import { metrics } from "./requests/metrics.ts";
import { modelSearch } from "./requests/model-search.ts";
import { models } from "./requests/models.ts";
import { runSearch } from "./requests/run-search.ts";
import { runs } from "./requests/runs.ts";
import { webhooks } from "./requests/webhooks.ts";

/** Every group, in the order in which the real server was asked. */
export const GROUPS: readonly Group[] = [
  experiments,
  experimentSearch,
  runs,
  metrics,
  runSearch,
  modelSearch,
  models,
  loggedModels,
  artifacts,
  webhooks,
];
