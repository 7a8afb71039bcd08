// node --import ./bench/as-built.mjs bench/NAME.ts: runs TypeScript as dist/ has it. tsx would keep the name of each
// function by a call wherever one is made, which users of the package do not pay: a retrieval of memories took a
// seventh longer.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "rolldown/utils";

if (isMainThread) register(import.meta.url);

/** A hook of Node's module loader: takes the types away, nothing else. */
export function load(url, context, next) {
  if (!url.endsWith(".ts")) return next(url, context);
  const file = fileURLToPath(url);
  const { code, errors } = transformSync(file, readFileSync(file, "utf8"), { sourcemap: false });
  if (errors.length > 0) throw errors[0];
  return { format: "module", source: code, shortCircuit: true };
}
