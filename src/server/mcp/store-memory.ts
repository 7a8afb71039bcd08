import { z } from "zod";
import { toJsonText } from "../../core/json-text.ts";
import { keyHolderOf } from "../caller.ts";
import { memoryId, newMemoryFields, relation, sessionId, toNewMemory } from "../memory-fields.ts";
import { storedReply } from "../memory-schemas.ts";
import { memoryOf } from "../memory-services.ts";
import { tool, WRITES } from "./tool.ts";

const { content, memory_type, importance, metadata, scope, subject, source, actor, trust } =
  newMemoryFields;
const link = z.strictObject({
  id: memoryId,
  relation: relation.default("similar"),
  weight: z.number().min(0).max(1).optional(),
});

export const storeMemory = tool({
  name: "store_memory",
  title: "Store a memory",
  description:
    "Remember one thing for later: a conclusion (reasoning), what happened (experience) or a fact " +
    "(knowledge). Store what is new and worth finding again, one statement each, never what you have " +
    "just recalled. The same content in a session is one memory.",
  scope: "write",
  hints: WRITES,
  input: z.strictObject({
    session_id: sessionId.describe("the conversation, case or task that it belongs to"),
    ...{ content, memory_type, importance, metadata, scope, subject, source, actor, trust },
    tags: z.array(z.string().min(1).max(100)).max(50).optional().describe("kept as metadata.tags"),
    created_at: newMemoryFields.created_at,
    valid_from: newMemoryFields.valid_from,
    valid_to: newMemoryFields.valid_to,
    expires_at: newMemoryFields.expires_at,
    ttl_s: newMemoryFields.ttl_seconds.describe("seconds, in place of expires_at"),
    associate_with: z.array(link).max(100).optional().describe("memories that it comes from"),
    idempotency_key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("the same key within a day has the same answer, and stores once"),
  }),
  output: storedReply,
  async run(args, caller, services) {
    const { session_id, tags, ttl_s, associate_with, idempotency_key: key, ...fields } = args;
    const associations = associate_with?.map(({ id, relation, weight }) => ({
      ...{ to: id, relation, strength: weight },
    }));
    const tagged = tags === undefined ? fields.metadata : { ...fields.metadata, tags };
    const wanted = toNewMemory(
      session_id,
      { ...fields, metadata: tagged, ttl_seconds: ttl_s, associations },
      services.memory.clock.now(),
    );
    const store = async () => {
      const [stored] = await (await memoryOf(services, caller)).storeMemories([wanted]);
      return stored!;
    };
    if (key === undefined) return { ...(await store()) } as z.infer<typeof storedReply>;
    const { body } = await services.idempotentReplies.once(
      { actor: keyHolderOf(caller), key, request: ["store_memory", args] },
      async () => ({ status: 200, headers: {}, body: toJsonText(await store()) }),
    );
    return storedReply.parse(JSON.parse(body));
  },
});
