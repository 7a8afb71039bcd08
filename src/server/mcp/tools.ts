import { listModels } from "./list-models.ts";
import { searchRuns } from "./search-runs.ts";
import { showDataset } from "./show-dataset.ts";
import { showModel } from "./show-model.ts";
import { showRun } from "./show-run.ts";
import type { McpTool } from "./tool.ts";

/** Every tool, in the order in which agents see them. */
export const MCP_TOOLS: readonly McpTool[] = [
  searchRuns,
  showRun,
  listModels,
  showModel,
  showDataset,
];
