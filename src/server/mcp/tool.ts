import { z } from "zod";
import type { Scope } from "../../access/scope.ts";
import type { Caller } from "../caller.ts";
import type { McpServices } from "./services.ts";

/** What an agent's host may assume of a tool before it lets the agent call it. */
export type ToolHints = Readonly<{
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  /** False for every tool: none of them reaches beyond this platform. */
  openWorldHint: boolean;
}>;

/** One tool of the MCP server: its schemas are its types, its checks and what agents read of it. */
export type McpTool = Readonly<{
  name: string;
  title: string;
  /** For the model that decides whether to call it. */
  description: string;
  /** The scope of API key that may call it. */
  scope: Scope;
  hints: ToolHints;
  input: z.ZodType;
  inputJson: Readonly<Record<string, unknown>>;
  outputJson: Readonly<Record<string, unknown>>;
  /** A line before the result where it holds what others wrote. */
  notice: string | undefined;
  run(args: unknown, caller: Caller, services: McpServices): Promise<object>;
}>;

type Definition<I extends z.ZodType, O extends z.ZodType<object>> = Readonly<{
  name: string;
  title: string;
  description: string;
  scope: Scope;
  hints: ToolHints;
  input: I;
  output: O;
  notice?: string;
  run(args: z.output<I>, caller: Caller, services: McpServices): Promise<z.input<O>>;
}>;

/** Binds a tool's function to its schemas. */
export function tool<I extends z.ZodType, O extends z.ZodType<object>>(
  definition: Definition<I, O>,
): McpTool {
  const { output, run, notice, ...rest } = definition;
  return {
    ...rest,
    notice,
    inputJson: toJsonSchema(definition.input, "input"),
    outputJson: toJsonSchema(output, "output"),
    run: run as McpTool["run"],
  };
}

export const READS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** A search is counted as a use of what it finds. */
export const RECALLS: ToolHints = { ...READS, idempotentHint: false };

/** Adds, and adds nothing twice. */
export const WRITES: ToolHints = { ...READS, readOnlyHint: false };

export const CHANGES: ToolHints = { ...WRITES, destructiveHint: true };

function toJsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
