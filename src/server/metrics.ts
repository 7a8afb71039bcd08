import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { VERSION } from "../core/version.ts";
import type { Authenticate } from "./authenticate.ts";

const BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
];

/**
 * `/metrics` in Prometheus' text format: requests by route and status, the process, its event loop.
 * Routes are named by their pattern, so that ids do not become labels.
 */
export function addMetrics(app: FastifyInstance, authenticate: Authenticate): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  new Gauge({
    name: "duetmind_info",
    help: "The version that runs, as a label",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version: VERSION }, 1);
  const seconds = new Histogram({
    name: "duetmind_http_request_duration_seconds",
    help: "Time from a request's head to the end of its reply",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    seconds.observe(labels, reply.elapsedTime / 1000);
  });
  app.addHook("onClose", async () => registry.clear());
  app.get("/metrics", async (request, reply) => {
    await authenticate(request, "read");
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
