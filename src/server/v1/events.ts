import type { ServerResponse } from "node:http";
import { z } from "zod";
import { DuetMindError } from "../../core/errors.ts";
import { toJsonText } from "../../core/json-text.ts";
import type { EventStream, StreamedEvent } from "../../events/event-stream.ts";
import { api } from "./route.ts";

const POLL_MS = 500;
const COMMENT_MS = 15_000;
const BATCH = 200;
/** A reader that leaves so much unread is dropped: it resumes by its last number. */
const MAX_UNREAD_BYTES = 1 << 20;

/** Everything that happens, as server-sent events (reference: api.md, "Events"). */
export const eventRoutes = [
  api({
    method: "GET",
    path: "/events",
    permission: "events:read",
    summary: "A stream of events, resumed by Last-Event-ID",
    query: z.strictObject({
      topics: z.string().optional().describe("comma list, such as `runs,models`; default: all"),
    }),
    async handle({ query, raw, reply, stillAllowed }, { eventStream, streams }) {
      const topics = query.topics?.split(",").filter((topic) => topic !== "");
      const bounds = await eventStream.bounds();
      const resumed = lastEventId(raw.headers["last-event-id"], bounds.last);
      reply.hijack();
      const out = reply.raw;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) out.setHeader(name, value);
      }
      out.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      if (resumed !== undefined && resumed + 1 < bounds.oldest) {
        // What lies between is forgotten: the reader has to read the state anew.
        out.write(`event: gap\ndata: ${toJsonText({ after: resumed, next: bounds.oldest })}\n\n`);
      }
      try {
        const from = { after: resumed ?? bounds.last, topics };
        await pump(out, eventStream, from, stillAllowed, streams.signal);
      } catch (error) {
        raw.log.error({ err: error }, "events: the stream was cut; its reader resumes");
      } finally {
        out.end();
      }
    },
  }),
];

function lastEventId(header: string | string[] | undefined, last: number): number | undefined {
  if (header === undefined) return undefined;
  const number = Number(header);
  if (Number.isSafeInteger(number) && number >= 0 && number <= last) return number;
  throw new DuetMindError(
    "BAD_INPUT",
    `Last-Event-ID: expected a number that this server gave, got "${header}"`,
  );
}

type From = Readonly<{ after: number; topics: readonly string[] | undefined }>;

/** Writes events as they come until the reader leaves, falls behind or loses its key, or the server stops. */
async function pump(
  out: ServerResponse,
  events: EventStream,
  from: From,
  stillAllowed: () => Promise<boolean>,
  stopped: AbortSignal,
): Promise<void> {
  let { after } = from;
  let lastWrite = performance.now();
  out.write(": hello\n\n");
  while (!out.destroyed && !stopped.aborted) {
    const found = await events.readAfter(after, from.topics, BATCH);
    if (!(await stillAllowed())) return;
    for (const event of found) out.write(toText(event));
    after = found.at(-1)?.number ?? after;
    if (out.writableLength > MAX_UNREAD_BYTES) {
      out.destroy();
      return;
    }
    const now = performance.now();
    if (found.length > 0) lastWrite = now;
    else if (now - lastWrite > COMMENT_MS) {
      out.write(": still here\n\n");
      lastWrite = now;
    }
    if (found.length < BATCH) await pause(out, stopped);
  }
}

function toText({ number, at, topic, kind, actor, data }: StreamedEvent): string {
  const body = { number, at: at.toISOString(), topic, kind, actor, data };
  return `id: ${number}\nevent: ${kind}\ndata: ${toJsonText(body)}\n\n`;
}

/** Until the next look, or until the reader leaves or the server stops. */
function pause(out: ServerResponse, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      out.off("close", done);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MS);
    out.once("close", done);
    stopped.addEventListener("abort", done, { once: true });
  });
}
