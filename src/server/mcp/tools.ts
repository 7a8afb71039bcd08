import { associateMemories } from "./associate-memories.ts";
import { consolidateSession } from "./consolidate-session.ts";
import { dissociateMemories } from "./dissociate-memories.ts";
import { findContradictions } from "./find-contradictions.ts";
import { forgetMemory } from "./forget-memory.ts";
import { getMemory } from "./get-memory.ts";
import { listMemories } from "./list-memories.ts";
import { listModels } from "./list-models.ts";
import { listSessions } from "./list-sessions.ts";
import { memoryStats } from "./memory-stats.ts";
import { relatedMemories } from "./related-memories.ts";
import { retrieveMemories } from "./retrieve-memories.ts";
import { searchRuns } from "./search-runs.ts";
import { showDataset } from "./show-dataset.ts";
import { showModel } from "./show-model.ts";
import { showRun } from "./show-run.ts";
import { storeMemory } from "./store-memory.ts";
import type { McpTool } from "./tool.ts";
import { undoConsolidation } from "./undo-consolidation.ts";
import { updateMemory } from "./update-memory.ts";

/** Every tool, in the order in which agents see them. */
export const MCP_TOOLS: readonly McpTool[] = [
  storeMemory,
  retrieveMemories,
  getMemory,
  listMemories,
  listSessions,
  updateMemory,
  forgetMemory,
  associateMemories,
  dissociateMemories,
  relatedMemories,
  consolidateSession,
  undoConsolidation,
  findContradictions,
  memoryStats,
  searchRuns,
  showRun,
  listModels,
  showModel,
  showDataset,
];
