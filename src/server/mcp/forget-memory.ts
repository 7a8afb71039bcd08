import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { forgetFields, memoryId, toSelection } from "../memory-fields.ts";
import { memoryOf } from "../memory-services.ts";
import { CHANGES, tool } from "./tool.ts";

const MAX_IDS = 100;

export const forgetMemory = tool({
  name: "forget_memory",
  title: "Forget memories",
  description:
    "Forget one memory by its id, or all that a filter names. soft takes them out of every search and " +
    "deletes them later, hard deletes them now. Try dry_run first with a filter.",
  scope: "write",
  hints: CHANGES,
  input: z.strictObject({
    id: memoryId.optional(),
    filter: z.strictObject(forgetFields).optional(),
    mode: z.enum(["soft", "hard"]).default("soft"),
    dry_run: z.boolean().default(false).describe("only say what would be forgotten"),
  }),
  output: z.object({
    forgotten: z.int(),
    ids: z.array(z.string()).describe(`the first ${MAX_IDS}`),
    dry_run: z.boolean(),
  }),
  async run({ id, filter, mode, dry_run }, caller, services) {
    if ((id === undefined) === (filter === undefined)) {
      throw new DuetMindError(
        "BAD_INPUT",
        `forget_memory: expected an id or a filter, got ${id === undefined ? "neither" : "both"}`,
      );
    }
    const selection = id === undefined ? toSelection(filter!) : { id };
    const memory = await memoryOf(services, caller);
    const { forgotten, ids } = await memory.forgetMemories(selection, { mode, dryRun: dry_run });
    return { forgotten, ids: ids.slice(0, MAX_IDS), dry_run };
  },
});
