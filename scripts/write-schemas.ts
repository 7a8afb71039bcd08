// Writes config/params.schema.json from the zod schemas, so that editors complete params.yaml.
import { writeFileSync } from "node:fs";
import { paramsJsonSchema } from "../src/pipelines/params-schema.ts";

const path = new URL("../config/params.schema.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(paramsJsonSchema(), null, 2)}\n`);
