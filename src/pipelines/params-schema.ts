import { z } from "zod";
import { baseParamsSchema } from "./params.ts";

/** JSON Schema (draft 2020-12) of params.yaml as a person writes it: what has a default may be left out. */
export function paramsJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(baseParamsSchema, { io: "input", unrepresentable: "any" });
  return { ...schema, title: "DuetMind params.yaml" };
}
