// Writes config/*.schema.json from the zod schemas, so that editors complete params.yaml and contracts.
import { writeFileSync } from "node:fs";
import { paramsJsonSchema } from "../src/pipelines/params-schema.ts";
import { contractJsonSchema } from "../src/validation/contract-json-schema.ts";

const SCHEMAS = { params: paramsJsonSchema(), contract: contractJsonSchema() };
for (const [name, schema] of Object.entries(SCHEMAS)) {
  const path = new URL(`../config/${name}.schema.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
}
