import { normaliseText } from "./normalise-text.ts";

/**
 * What in a memory looks as if it spoke to the agent that will read it, rather than of something:
 * orders to ignore instructions, the markup of chats, characters that hide text. Such a memory is kept
 * and found like any other (who studies injections must be able to store them), but its trust is
 * lowered and those who show it say what it is. A rule of thumb: it neither finds every attack nor
 * proves one.
 */
export const SUSPICIONS = ["instructions", "chat-markup", "hidden-text"] as const;
export type Suspicion = (typeof SUSPICIONS)[number];

/** What trust a suspicious memory has at most. */
export const SUSPICIOUS_TRUST = 0.1;

// each part: alternatives of one place; up to three other words may lie between two places
const ORDERS = [
  "ignore|disregard|forget|override|bypass previous|prior|earlier|above|preceding|all|your|system instructions|instruction|prompt|prompts|rules|guidelines|directives|safety",
  "reveal|print|show|repeat|leak|output system|hidden|initial|your prompt|instructions",
  "you are|re now a|an|in|no",
  "from now on you|always|never|ignore|respond",
  "do|must not|never tell|inform|mention|reveal user|human|operator|anyone",
  "new|updated|real instructions|orders|directives are|follow|from",
  "act|behave|pretend|respond as if|though|an|a unrestricted|jailbroken|dan|developer|admin|root|system",
  "execute|run this|the|following command|code|script|shell",
  "call|invoke|use the|this tool|function with|to|and",
].map((order) => order.split(" ").map((place) => new Set(place.split("|"))));

const MAX_GAP = 3;
const CHAT_MARKUP =
  /<\|[a-z_]{1,20}\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|assistant|tool_call|function_call)>|^[ \t]{0,8}#{1,4} ?(?:system|instruction)s? ?:/imu;
/** Tag characters, and controls of writing direction: shown as nothing, read by a model. */
const HIDDEN = /[\u{e0000}-\u{e007f}\u202a-\u202e\u2066-\u2069]/u;

/** What is suspicious about a text; empty for most. */
export function suspicionsOf(text: string): Suspicion[] {
  const words = normaliseText(text).split(" ");
  const suspicions: Suspicion[] = [];
  if (words.some((_, at) => ORDERS.some((order) => follows(words, at, order)))) {
    suspicions.push("instructions");
  }
  if (CHAT_MARKUP.test(text)) suspicions.push("chat-markup");
  if (HIDDEN.test(text)) suspicions.push("hidden-text");
  return suspicions;
}

/** Whether the places of an order are taken one after another from `at` on. */
function follows(words: readonly string[], at: number, order: readonly ReadonlySet<string>[]) {
  if (!order[0]!.has(words[at]!)) return false;
  let last = at;
  for (const place of order.slice(1)) {
    let next = last + 1;
    while (next <= last + 1 + MAX_GAP && !place.has(words[next] ?? "")) next += 1;
    if (next > last + 1 + MAX_GAP) return false;
    last = next;
  }
  return true;
}

/** The trust that a memory is stored with. */
export function trustOf(given: number, content: string): number {
  return suspicionsOf(content).length === 0 ? given : Math.min(given, SUSPICIOUS_TRUST);
}
