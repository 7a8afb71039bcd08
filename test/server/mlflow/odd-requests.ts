import fc from "fast-check";
import { MLFLOW_ROUTES } from "../../../src/server/mlflow/add-mlflow.ts";
import type { MlflowRoute } from "../../../src/server/mlflow/route.ts";
import type { TestServer } from "../../support/server.ts";

/** A request that a broken or hostile client might send: its body as it goes over the wire. */
export type OddRequest = Readonly<{ method: string; url: string; body: string; type: string }>;

/** Ids that lead past the first checks. */
export type Known = Readonly<{ experiment: string; run: string; model: string }>;

const ROUTES = MLFLOW_ROUTES.filter(({ streams, atRoot }) => streams !== true && atRoot !== true);

export async function knownIds({ mlflow }: TestServer): Promise<Known> {
  const run = await mlflow("POST", "runs/create", { experiment_id: "0" });
  await mlflow("POST", "registered-models/create", { name: "known" });
  const source = "s3://bucket/model";
  await mlflow("POST", "model-versions/create", { name: "known", source });
  const { info } = run.json<{ run: { info: { run_id: string } } }>().run;
  return { experiment: "0", run: info.run_id, model: "known" };
}

const scalar: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...["null", "true", "false", "NaN", "Infinity", "-Infinity", "{}", "[]", "[null]", '[""]'],
    ...["0", "-1", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "-0.0", '"1"'],
    ...['""', '" "', '"\\u0000"', '"\\ud800"', '"a\\u0000b"', '"../x"', '"/"', '"NaN"', '"2"'],
    ...[
      '"metrics.x > 1"',
      "\"name = 'a'\"",
      '"tags.a IS NULL"',
      '"READY"',
      '"FINISHED"',
      '"Staging"',
    ],
    ...['["metrics.x DESC"]', '[{"key":"a","value":"b"}]', '[{"key":"a","value":1,"timestamp":1}]'],
    ...['[{"key":"a"},{"key":"a"}]', '[{"value":NaN}]', `"${"x".repeat(9000)}"`, '{"a":{"b":[]}}'],
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

function field(name: string, known: Known): fc.Arbitrary<string> {
  const good = goodValue(name, known);
  return good === undefined
    ? scalar
    : fc.oneof({ weight: 2, arbitrary: fc.constant(good) }, scalar);
}

function goodValue(name: string, known: Known): string | undefined {
  if (name === "run_id" || name === "run_uuid") return JSON.stringify(known.run);
  if (name === "experiment_id") return JSON.stringify(known.experiment);
  if (name === "experiment_ids") return JSON.stringify([known.experiment]);
  if (name === "name") return JSON.stringify(known.model);
  if (name === "version") return '"1"';
  if (name === "key" || name === "metric_key" || name === "alias") return '"a"';
  if (name === "value" || name === "timestamp" || name === "max_results") return "5";
  return undefined;
}

/** Of any route: its fields with any values, or a body that is none. */
export function oddRequest(known: Known): fc.Arbitrary<OddRequest> {
  return fc.constantFrom(...ROUTES).chain((route) => {
    const path = route.path.replace(/:\w+/g, known.run);
    const url = `/api/${route.version ?? "2.0"}${path}`;
    const names = Object.keys(route.fields ?? {});
    const fields = fc.record(Object.fromEntries(names.map((name) => [name, field(name, known)])), {
      requiredKeys: [],
    });
    if (route.method === "GET") {
      return fields.map((given) => ({ ...get(route, url, given), body: "", type: "" }));
    }
    const body = fields.map(
      (given) =>
        `{${Object.entries(given)
          .map(([k, v]) => `${JSON.stringify(k)}:${v}`)
          .join(",")}}`,
    );
    const broken = fc.constantFrom(
      "",
      "{",
      "[]",
      "null",
      '"{}"',
      "5",
      '{"a":',
      "\u0000",
      '{"a":1}}',
    );
    const type = fc.constantFrom("application/json", "application/json", "text/plain", "");
    return fc
      .tuple(
        fc.oneof({ weight: 8, arbitrary: body }, broken),
        fc.oneof({ weight: 9, arbitrary: fc.constant("application/json") }, type),
      )
      .map(([text, media]) => ({ method: route.method, url, body: text, type: media }));
  });
}

function get(route: MlflowRoute, url: string, given: Readonly<Record<string, unknown>>) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    query.append(name, String(value).replace(/^"(.*)"$/s, "$1"));
  }
  return { method: route.method, url: `${url}?${query}` };
}

/** The status of the answer. */
export async function statusOf({ app }: TestServer, request: OddRequest): Promise<number> {
  const reply = await app.inject({
    method: request.method as "POST",
    url: request.url,
    headers: {
      host: "localhost",
      ...(request.type === "" ? {} : { "content-type": request.type }),
    },
    ...(request.method === "GET" ? {} : { payload: request.body }),
  });
  return reply.statusCode;
}
