import { z } from "zod";
import { contractSchema } from "./contract-schema.ts";

/** JSON Schema (draft 2020-12) of a contract file as a person writes it, for editors. */
export function contractJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(contractSchema, { io: "input", unrepresentable: "any" });
  return { ...schema, title: "DuetMind data contract (Pandera's schema format)" };
}
