import type { NewMemory } from "../memory.ts";
import type { MemoryPrivacy } from "./memory-privacy.ts";
import type { Redaction } from "./redact.ts";
import { trustOf } from "./suspicions.ts";

type Texts = Readonly<{ content?: string; metadata?: Readonly<Record<string, unknown>> }>;

/** The trust of a memory whose origin nobody vouched for. */
const UNKNOWN_TRUST = 0.5;

/** A memory as it is stored: redacted, and with little trust in a content that speaks to the agent. */
export async function prepareMemory(
  memory: NewMemory,
  privacy: MemoryPrivacy,
): Promise<Readonly<{ memory: NewMemory; redacted: Redaction["counts"] }>> {
  const { value, redacted } = await redactTexts(memory, privacy);
  const trust = trustOf(memory.trust ?? UNKNOWN_TRUST, value.content);
  return { memory: { ...value, trust }, redacted };
}

/**
 * Redacts the content and every text of the metadata. A subject, source and actor stay, for a memory is
 * found, forgotten and judged by them: they should be ids, not names.
 */
export async function redactTexts<T extends Texts>(
  given: T,
  { redact }: MemoryPrivacy,
): Promise<Readonly<{ value: T; redacted: Redaction["counts"] }>> {
  if (redact === undefined) return { value: given, redacted: {} };
  const counts: Record<string, number> = {};
  const hook = async (text: string): Promise<string> => {
    const redaction = await redact(text);
    for (const [type, times] of Object.entries(redaction.counts)) {
      counts[type] = (counts[type] ?? 0) + times;
    }
    return redaction.text;
  };
  const { content, metadata } = given;
  const value = {
    ...given,
    ...(content === undefined ? {} : { content: await hook(content) }),
    ...(metadata === undefined ? {} : { metadata: await mapTexts(metadata, hook) }),
  };
  return { value, redacted: counts };
}

/** Every text within a JSON value; keys stay. */
async function mapTexts(value: unknown, hook: (text: string) => Promise<string>): Promise<unknown> {
  if (typeof value === "string") return hook(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((each) => mapTexts(each, hook)));
  const entries = Object.entries(value).map(
    async ([key, each]) => [key, await mapTexts(each, hook)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
