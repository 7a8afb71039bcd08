// Asks a real MLflow server the requests of test/interop/mlflow-3.17.2 and keeps its replies in
// replies.ndjson beside them. Run after each change of a request, for all groups or for those named:
// npx tsx scripts/record-mlflow.ts [group...]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  fillRequest,
  socketSender,
  type Variables,
} from "../test/interop/mlflow-3.17.2/exchange.ts";
import { GROUPS } from "../test/interop/mlflow-3.17.2/groups.ts";
import {
  digestOf,
  type RecordedReply,
  saveVariables,
  toReply,
} from "../test/interop/mlflow-3.17.2/reply.ts";
import { startMlflowServer } from "../test/interop/mlflow-server.ts";

const FILE = "test/interop/mlflow-3.17.2/replies.ndjson";
const named = new Set(process.argv.slice(2));

const kept = existsSync(FILE) ? readFileSync(FILE, "utf8").trimEnd().split("\n") : [];
const lines = new Map(kept.map((line) => [(JSON.parse(line) as RecordedReply).id, line]));
const server = await startMlflowServer(undefined, {
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "http,https",
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
});
try {
  const send = socketSender(server.url);
  for (const { name, requests } of GROUPS.filter(
    (each) => named.size === 0 || named.has(each.name),
  )) {
    const variables: Variables = new Map();
    for (const request of requests) {
      const raw = await send(fillRequest(request, variables));
      const id = `${name}: ${request.name}`;
      const missing = saveVariables(request, raw, variables);
      if (missing.length > 0) throw new Error(`${id}: expected ${missing}, got ${raw.body}`);
      const reply = { id, asks: digestOf(request), ...toReply(request, raw, variables) };
      lines.set(id, JSON.stringify(reply satisfies RecordedReply));
    }
    process.stdout.write(`${name}: ${requests.length} replies\n`);
  }
} finally {
  await server.stop();
  const ids = GROUPS.flatMap(({ name, requests }) =>
    requests.map((each) => `${name}: ${each.name}`),
  );
  const found = ids.flatMap((id) => lines.get(id) ?? []);
  writeFileSync(FILE, `${found.join("\n")}\n`);
}
