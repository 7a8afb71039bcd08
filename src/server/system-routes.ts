import type { FastifyInstance } from "fastify";
import { VERSION } from "../core/version.ts";

/** Whether the server is there and which one it is: open to everybody, as MLflow's are. */
export function addSystemRoutes(app: FastifyInstance): void {
  app.get("/health", async (_request, reply) => reply.type("text/plain; charset=utf-8").send("OK"));
  app.get("/version", async (_request, reply) => {
    return reply.type("text/html; charset=utf-8").send(VERSION);
  });
}
