import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Makes `close` end in time: connections on which nothing is asked end at once (Node waits for one that
 * never sent a request), the others when their reply is out, or after `drainMs`.
 */
export function addDrain(app: FastifyInstance, drainMs: number): void {
  const busy = new Map<Socket, number>();
  let closing = false;

  app.server.on("connection", (socket: Socket) => {
    busy.set(socket, 0);
    socket.once("close", () => busy.delete(socket));
  });
  app.addHook("onRequest", async ({ raw: { socket } }) => {
    if (busy.has(socket)) busy.set(socket, busy.get(socket)! + 1);
  });
  app.addHook("onResponse", async ({ raw: { socket } }) => {
    const left = (busy.get(socket) ?? 1) - 1;
    if (busy.has(socket)) busy.set(socket, left);
    if (closing && left === 0) socket.end();
  });
  app.addHook("preClose", async () => {
    closing = true;
    for (const [socket, requests] of busy) if (requests === 0) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of busy.keys()) socket.destroy();
    }, drainMs);
    timer.unref();
  });
}
