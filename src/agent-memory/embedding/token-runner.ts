import { DuetMindError } from "../../core/errors.ts";
import type { Feeds, OnnxRuntime, OnnxValues } from "../../onnx/runtime.ts";
import type { ModelSource } from "./model-source.ts";
import { poolTokens } from "./pool-tokens.ts";
import { toUnit } from "./to-unit.ts";

/** Runs the graph of a model on the tokens of one text; the vector has length 1. */
export type TokenRunner = Readonly<{
  run(ids: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}>;

/** What a graph may ask for, in the names that exporters of transformers use. */
const INPUTS: Readonly<Record<string, (ids: readonly number[]) => BigInt64Array>> = {
  input_ids: (ids) => BigInt64Array.from(ids, BigInt),
  attention_mask: (ids) => new BigInt64Array(ids.length).fill(1n),
  token_type_ids: (ids) => new BigInt64Array(ids.length),
};

/** Opens the graph of a model; a file that is none, or asks for other inputs, is FILE_UNREADABLE. */
export async function openTokenRunner(
  source: ModelSource,
  runtime: OnnxRuntime,
): Promise<TokenRunner> {
  const refuse = (expected: string, got: string, cause?: unknown) =>
    new DuetMindError("FILE_UNREADABLE", `${source.file}: expected ${expected}, got ${got}`, {
      file: source.file,
      ...(cause === undefined ? {} : { cause }),
    });
  const session = await runtime.open(source.graph).catch((error: Error) => {
    throw refuse("an ONNX model", error.message, error);
  });
  const unknown = session.inputNames.find((name) => INPUTS[name] === undefined);
  if (unknown !== undefined) {
    throw refuse(`only inputs of ${Object.keys(INPUTS).join(", ")}`, `"${unknown}"`);
  }
  return {
    async run(ids) {
      const feeds: Feeds = Object.fromEntries(
        session.inputNames.map((name) => [
          name,
          { dims: [1, ids.length], values: INPUTS[name]!(ids) },
        ]),
      );
      const outputs = await session.run(feeds).catch((error: Error) => {
        throw refuse("to run on the tokens of its tokenizer.json", error.message, error);
      });
      const output = chooseOutput(outputs, session.outputNames);
      const values = output.data;
      const { dims } = output;
      if (values instanceof Float32Array && dims[0] === 1) {
        if (dims.length === 2) return toUnit(values);
        if (dims.length === 3 && dims[1] === ids.length) {
          return poolTokens(values, dims[2]!, source.pooling);
        }
      }
      throw refuse(
        `float vectors [1, dimensions] or [1, ${ids.length}, dimensions]`,
        `${output.type} [${dims.join(", ")}]`,
      );
    },
    close: () => session.close(),
  };
}

/** The vector of the whole text where the graph gives it, else those of its tokens. */
function chooseOutput(
  outputs: Readonly<Record<string, OnnxValues>>,
  names: readonly string[],
): OnnxValues {
  return outputs["sentence_embedding"] ?? outputs["last_hidden_state"] ?? outputs[names[0]!]!;
}
