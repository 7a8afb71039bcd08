import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { paramsJsonSchema } from "../../src/pipelines/params-schema.ts";

test("config/params.schema.json is what the schemas say (npx tsx scripts/write-schemas.ts)", () => {
  const path = new URL("../../config/params.schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(
    JSON.parse(JSON.stringify(paramsJsonSchema())),
  );
});
