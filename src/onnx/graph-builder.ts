import {
  type Attributes,
  model,
  node,
  type TensorValues,
  tensor,
  type ValueInfo,
} from "./proto.ts";
import type { Bytes } from "./protobuf.ts";

/** Name of a value in a graph: an input, a constant or what a node gives. */
export type Value = string & { readonly __value: unique symbol };

export type NodeOptions = Readonly<{ domain?: string; attributes?: Attributes; output?: string }>;

/**
 * Builds a graph node by node, inputs first. Names are numbers in order of appearance, so equal calls give equal
 * bytes; a constant that appears twice is stored once.
 */
export type GraphBuilder = Readonly<{
  input(info: ValueInfo): Value;
  output(info: ValueInfo): void;
  constant(dims: readonly number[], data: TensorValues): Value;
  /** A constant that is stored as it is: to compare millions of values with others would take long. */
  weights(dims: readonly number[], data: TensorValues): Value;
  node(operator: string, inputs: readonly Value[], options?: NodeOptions): Value;
  /** Cuts a value into equal parts along an axis. */
  split(value: Value, axis: number, parts: number): Value[];
  toBytes(facts: ModelFacts): Bytes;
}>;

export type ModelFacts = Readonly<{
  name: string;
  producer: Readonly<{ name: string; version: string }>;
  doc: string;
  metadata: Readonly<Record<string, string>>;
}>;

/** IR 8 with opset 17 and ai.onnx.ml 3: read by every ONNX Runtime since 1.12. */
const IR_VERSION = 8;
const OPSETS: readonly OperatorSet[] = [
  { domain: "", version: 17 },
  { domain: "ai.onnx.ml", version: 3 },
];

/** A domain of operators, "" for ONNX's own, and the version that a graph is written in. */
export type OperatorSet = Readonly<{ domain: string; version: number }>;

export function createGraphBuilder(opsets: readonly OperatorSet[] = OPSETS): GraphBuilder {
  const nodes: Bytes[] = [];
  const initializers: Bytes[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const constants = new Map<string, Value>();
  let count = 0;

  const taken = new Set<string>();

  function nextName(): Value {
    const name = `v${count++}`;
    return taken.has(name) ? nextName() : (name as Value); // an input may be called v0
  }

  function store(dims: readonly number[], data: TensorValues): Value {
    const name = nextName();
    initializers.push(tensor(name, dims, data));
    return name;
  }

  return {
    input(info) {
      inputs.push(info);
      taken.add(info.name);
      return info.name as Value;
    },
    output(info) {
      outputs.push(info);
    },
    constant(dims, data) {
      const key = constantKey(dims, data);
      const known = constants.get(key);
      if (known !== undefined) return known;
      const name = store(dims, data);
      constants.set(key, name);
      return name;
    },
    weights: store,
    split(value, axis, parts) {
      const outputs = Array.from({ length: parts }, nextName);
      const attributes = {
        axis: { kind: "int", value: axis },
        num_outputs: { kind: "int", value: parts },
      } as const;
      nodes.push(node({ operator: "Split", inputs: [value], outputs, attributes }));
      return outputs;
    },
    node(operator, given, options = {}) {
      const output = (options.output ?? nextName()) as Value;
      nodes.push(
        node({
          operator,
          inputs: given,
          outputs: [output],
          ...(options.domain === undefined ? {} : { domain: options.domain }),
          ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
        }),
      );
      return output;
    },
    toBytes: (facts) =>
      model({
        graph: { name: facts.name, nodes, initializers, inputs, outputs },
        irVersion: IR_VERSION,
        opsets,
        producer: facts.producer,
        doc: facts.doc,
        metadata: facts.metadata,
      }),
  };
}

function constantKey(dims: readonly number[], data: TensorValues): string {
  const values = Array.from(data.values as ArrayLike<unknown>, (value) =>
    Object.is(value, -0) ? "-0" : String(value),
  );
  return JSON.stringify([dims, data.type, values]);
}
