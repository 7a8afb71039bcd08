import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { paramsJsonSchema } from "../../src/pipelines/params-schema.ts";
import { contractJsonSchema } from "../../src/validation/contract-json-schema.ts";

const schemas = { params: paramsJsonSchema(), contract: contractJsonSchema() };

test.each(Object.entries(schemas))(
  "config/%s.schema.json is what the parser takes (npx tsx scripts/write-schemas.ts)",
  (name, schema) => {
    const path = new URL(`../../config/${name}.schema.json`, import.meta.url);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);
