import { Agent, request } from "node:http";

export type Sent = Readonly<{ status: number; body: string; ms: number }>;

export type HttpLoad = Readonly<{
  post(path: string, body: unknown): Promise<Sent>;
  get(path: string): Promise<Sent>;
  /** Sends `count` requests, so many at once; every reply must be 200. Gives their times. */
  run(count: number, atOnce: number, send: (index: number) => Promise<Sent>): Promise<number[]>;
  close(): void;
}>;

/** Requests over connections that stay open, as a client keeps them. */
export function createHttpLoad(url: string): HttpLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(url);

  function send(method: string, path: string, body?: string): Promise<Sent> {
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const headers =
        body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const asked = request({ agent, hostname, port, method, path, headers }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("error", reject);
        reply.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: reply.statusCode!, body: text, ms: performance.now() - start });
        });
      });
      asked.on("error", reject);
      asked.end(body);
    });
  }

  return {
    post: (path, body) => send("POST", path, JSON.stringify(body)),
    get: (path) => send("GET", path),
    async run(count, atOnce, ask) {
      const times: number[] = [];
      let next = 0;
      const worker = async () => {
        while (next < count) {
          const reply = await ask(next++);
          if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.body.slice(0, 300)}`);
          times.push(reply.ms);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      return times;
    },
    close: () => agent.destroy(),
  };
}
