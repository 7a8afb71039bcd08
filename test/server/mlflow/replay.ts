import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { fillRequest, type Send, type Variables } from "../../interop/mlflow-3.17.2/exchange.ts";
import {
  type RecordedReply,
  type Reply,
  saveVariables,
  toReply,
} from "../../interop/mlflow-3.17.2/reply.ts";
import type { CorpusRequest, Group } from "../../interop/mlflow-3.17.2/request.ts";

/** What MLflow 3.17.2 answered, by the id of the request. */
export const RECORDED: ReadonlyMap<string, RecordedReply> = new Map(
  readFileSync(join(import.meta.dirname, "../../interop/mlflow-3.17.2/replies.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedReply)
    .map((reply) => [reply.id, reply]),
);

export type Compared = Readonly<{ id: string; wanted: Reply; got: Reply }>;

/** Asks a server the requests of a group in their order. */
export async function replay(group: Group, send: Send): Promise<Compared[]> {
  const variables: Variables = new Map();
  const compared: Compared[] = [];
  for (const request of group.requests) {
    const id = `${group.name}: ${request.name}`;
    const raw = await send(fillRequest(request, variables));
    if (raw.status === 200) saveVariables(request, raw, variables);
    const { id: _, asks: __, ...recorded } = RECORDED.get(id)!;
    const got = toReply(request, raw, variables);
    compared.push({ id, wanted: withFreeWords(request, recorded, got), got });
  }
  return compared;
}

/** The words of an error are free but for what clients match on. */
function withFreeWords({ says }: CorpusRequest, wanted: Reply, got: Reply): Reply {
  const [theirs, ours] = [messageOf(wanted), messageOf(got)];
  if (says === undefined || theirs === undefined || ours?.includes(says) !== true) return wanted;
  return { ...wanted, json: { ...(wanted.json as object), message: ours } };
}

export function messageOf({ json }: Reply): string | undefined {
  const message = (json as Readonly<Record<string, unknown>> | undefined)?.["message"];
  return typeof message === "string" ? message : undefined;
}

/** Asks in process, without a socket. */
export function injectSender(app: FastifyInstance): Send {
  return async ({ method, path, headers, body }) => {
    const reply = await app.inject({
      method: method as "GET",
      url: path,
      headers: { host: "localhost", ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: reply.statusCode, headers: reply.headers, body: reply.rawPayload };
  };
}
