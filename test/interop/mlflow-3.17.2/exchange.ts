import { request as httpRequest } from "node:http";
import type { CorpusRequest } from "./request.ts";

/** Values of earlier replies of a group, by name. */
export type Variables = Map<string, string>;

type Headers = Readonly<Record<string, string | string[] | number | undefined>>;

export type RawReply = Readonly<{ status: number; headers: Headers; body: Buffer }>;

/** A request as it is sent: variables are filled in. */
export type FilledRequest = Readonly<{
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}>;

export type Send = (request: FilledRequest) => Promise<RawReply>;

/** A variable without a value stays as it is: the reply that lacked it is the one to look at. */
export function fillRequest(request: CorpusRequest, variables: Variables): FilledRequest {
  const value = (name: string) => variables.get(name) ?? `{{${name}}}`;
  const inText = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => value(name));
  return {
    method: request.method,
    path: inText(
      request.path.replace(/%7B%7B(\w+)%7D%7D/g, (_, name) => encodeURIComponent(value(name))),
    ),
    headers: request.headers ?? {},
    body: request.body === undefined ? undefined : inText(request.body),
  };
}

/** Sends over a socket, with the path exactly as given: `fetch` would resolve its dots. */
export function socketSender(url: string): Send {
  const { hostname, port } = new URL(url);
  return ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const sent = httpRequest(
        { hostname, port, method, path, headers: { ...headers, ...length }, agent: false },
        (reply) => {
          const parts: Buffer[] = [];
          reply.on("data", (part: Buffer) => parts.push(part));
          reply.on("error", reject);
          reply.on("end", () => {
            const { statusCode = 0, headers: received } = reply;
            resolve({ status: statusCode, headers: received, body: Buffer.concat(parts) });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
}
