import {
  createServer,
  type IncomingMessage,
  request as open,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one request on its way to the server, or to its answer on the way back. */
export type Fault =
  /** Answered here; the server never sees it. */
  | Readonly<{ answer: number; body?: string; headers?: Readonly<Record<string, string>> }>
  /** The connection closes without an answer; with `reached` after the server did what was asked. */
  | Readonly<{ drop: true; reached?: boolean }>
  /** Nobody ever answers. */
  | Readonly<{ hang: true }>
  /** The connection closes after so many bytes of the answer's body. */
  | Readonly<{ cutAfterBytes: number }>
  /** One bit of the answer's body is another. */
  | Readonly<{ flipByte: number }>;

export type ProxiedRequest = Readonly<{
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
}>;

export type FaultProxy = Readonly<{
  endpoint: string;
  /** Every request so far, in the order in which they came. */
  requests: ProxiedRequest[];
  /** Decides on each request; undefined lets it pass. */
  onRequest(decide: (request: ProxiedRequest) => Fault | undefined): void;
  stop(): Promise<void>;
}>;

/** A real HTTP hop between a client and a server, that does harm when it is told to. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  let decide: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  const server = createServer((message, reply) => {
    const { method = "", url: path = "", headers } = message;
    const seen = { method, path, headers };
    requests.push(seen);
    message.on("error", () => {}); // the client left
    const fault = decide(seen);
    if (fault === undefined) forward(target, message, reply);
    else if ("hang" in fault) message.resume();
    else if ("drop" in fault && fault.reached !== true) message.destroy();
    else if ("answer" in fault) {
      message.resume().once("end", () => {
        reply.writeHead(fault.answer, { "content-type": "application/xml", ...fault.headers });
        reply.end(fault.body ?? "");
      });
    } else forward(target, message, reply, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    onRequest(next) {
      decide = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type FaultOnReturn = Exclude<Fault, { answer: number } | { hang: true }>;

function forward(
  target: string,
  message: IncomingMessage,
  reply: ServerResponse,
  fault?: FaultOnReturn,
): void {
  const { method, url, headers } = message;
  // The signature covers the Host header, so it passes as the client wrote it.
  const onward = open(`${target}${url}`, { method, headers }, (answer) => {
    if (fault !== undefined && "drop" in fault) {
      answer.resume().once("end", () => reply.destroy());
      return;
    }
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    let sent = 0;
    answer.on("data", (chunk: Buffer) => {
      let bytes = chunk;
      if (fault !== undefined && "flipByte" in fault) {
        const at = fault.flipByte - sent;
        if (at >= 0 && at < bytes.length) bytes[at]! ^= 1;
      }
      if (fault !== undefined && "cutAfterBytes" in fault) {
        bytes = bytes.subarray(0, Math.max(0, fault.cutAfterBytes - sent));
      }
      const isCut = bytes.length < chunk.length;
      sent += bytes.length;
      if (isCut) {
        answer.destroy();
        reply.write(bytes, () => reply.destroy());
      } else if (!reply.write(bytes)) {
        answer.pause();
        reply.once("drain", () => answer.resume());
      }
    });
    answer.once("end", () => reply.end());
    answer.on("error", () => reply.destroy());
  });
  onward.on("error", () => reply.destroy());
  reply.once("close", () => onward.destroy());
  message.pipe(onward);
}

/** An error as S3 writes it. */
export function s3Error(status: number, code: string): Fault {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>made by a test</Message></Error>`;
  return { answer: status, body };
}
