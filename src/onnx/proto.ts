import {
  type Bytes,
  bytesField,
  floatField,
  intField,
  intsField,
  littleEndian,
  message,
  textField,
} from "./protobuf.ts";

/**
 * ONNX's messages as functions, with the field numbers of onnx.proto3 (onnx 1.22). Only what our
 * models use.
 */
export type ElementType = "float" | "double" | "int64" | "string" | "bool";

/** int8 is for weights alone: no input or output of ours is of it. */
const ELEMENT: Readonly<Record<ElementType | "int8", number>> = {
  float: 1,
  int8: 3,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
};

export type TensorValues =
  | Readonly<{ type: "float"; values: Float32Array }>
  | Readonly<{ type: "double"; values: Float64Array }>
  | Readonly<{ type: "int8"; values: Int8Array }>
  | Readonly<{ type: "int64"; values: BigInt64Array }>
  | Readonly<{ type: "bool"; values: readonly boolean[] }>
  | Readonly<{ type: "string"; values: readonly string[] }>;

/** TensorProto. */
export function tensor(name: string, dims: readonly number[], data: TensorValues): Bytes {
  return message(
    dims.length === 0 ? message() : intsField(1, dims),
    intField(2, ELEMENT[data.type]),
    textField(8, name),
    tensorPayload(data),
  );
}

function tensorPayload(data: TensorValues): Bytes {
  if (data.type === "string") return message(...data.values.map((text) => textField(6, text)));
  if (data.type === "bool") return bytesField(9, Uint8Array.from(data.values, Number));
  if (data.type === "int8") {
    const { buffer, byteOffset, byteLength } = data.values;
    return bytesField(9, new Uint8Array(buffer, byteOffset, byteLength));
  }
  return bytesField(9, littleEndian(data.values));
}

export type Attribute =
  | Readonly<{ kind: "int"; value: number }>
  | Readonly<{ kind: "float"; value: number }>
  | Readonly<{ kind: "string"; value: string }>
  | Readonly<{ kind: "floats"; value: Float32Array }>
  | Readonly<{ kind: "ints"; value: Iterable<number> }>
  | Readonly<{ kind: "strings"; value: readonly string[] }>;

export type Attributes = Readonly<Record<string, Attribute>>;

/** AttributeProto: its value and the number that says which of its fields holds it. */
function attribute(name: string, attribute: Attribute): Bytes {
  const [payload, type] = attributePayload(attribute);
  return message(textField(1, name), payload, intField(20, type));
}

function attributePayload(attribute: Attribute): [Bytes, number] {
  switch (attribute.kind) {
    case "float":
      return [floatField(2, attribute.value), 1];
    case "int":
      return [intField(3, attribute.value), 2];
    case "string":
      return [textField(4, attribute.value), 3];
    case "floats":
      return [bytesField(7, littleEndian(attribute.value)), 6];
    case "ints":
      return [intsField(8, attribute.value), 7];
    case "strings":
      return [message(...attribute.value.map((text) => textField(9, text))), 8];
  }
}

export type NodeSpec = Readonly<{
  operator: string;
  domain?: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Attributes;
}>;

/** NodeProto. */
export function node(spec: NodeSpec): Bytes {
  return message(
    ...spec.inputs.map((name) => textField(1, name)),
    ...spec.outputs.map((name) => textField(2, name)),
    textField(3, `${spec.operator}_${spec.outputs[0] ?? ""}`),
    textField(4, spec.operator),
    ...Object.entries(spec.attributes ?? {}).map(([name, value]) =>
      bytesField(5, attribute(name, value)),
    ),
    spec.domain === undefined ? message() : textField(7, spec.domain),
  );
}

/** A dimension is a length, or a name for one that the caller chooses. */
export type Dimension = number | string;

export type ValueInfo = Readonly<{
  name: string;
  type: ElementType;
  /** Left out: of any rank. */
  shape?: readonly Dimension[];
  doc?: string;
}>;

/** ValueInfoProto. */
function valueInfo({ name, type, shape, doc }: ValueInfo): Bytes {
  const dimensions = shape?.map((size) =>
    bytesField(1, typeof size === "number" ? intField(1, size) : textField(2, size)),
  );
  const tensorType = message(
    intField(1, ELEMENT[type]),
    dimensions === undefined ? message() : bytesField(2, message(...dimensions)),
  );
  return message(
    textField(1, name),
    bytesField(2, bytesField(1, tensorType)),
    doc === undefined ? message() : textField(3, doc),
  );
}

export type GraphSpec = Readonly<{
  name: string;
  nodes: readonly Bytes[];
  initializers: readonly Bytes[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
}>;

export type ModelSpec = Readonly<{
  graph: GraphSpec;
  irVersion: number;
  opsets: readonly Readonly<{ domain: string; version: number }>[];
  producer: Readonly<{ name: string; version: string }>;
  doc: string;
  metadata: Readonly<Record<string, string>>;
}>;

/** ModelProto: the bytes of a .onnx file. */
export function model(spec: ModelSpec): Bytes {
  return message(
    intField(1, spec.irVersion),
    textField(2, spec.producer.name),
    textField(3, spec.producer.version),
    textField(6, spec.doc),
    bytesField(7, graph(spec.graph)),
    ...spec.opsets.map(({ domain, version }) =>
      bytesField(8, message(textField(1, domain), intField(2, version))),
    ),
    ...Object.entries(spec.metadata).map(([key, value]) =>
      bytesField(14, message(textField(1, key), textField(2, value))),
    ),
  );
}

function graph(spec: GraphSpec): Bytes {
  return message(
    ...spec.nodes.map((bytes) => bytesField(1, bytes)),
    textField(2, spec.name),
    ...spec.initializers.map((bytes) => bytesField(5, bytes)),
    ...spec.inputs.map((info) => bytesField(11, valueInfo(info))),
    ...spec.outputs.map((info) => bytesField(12, valueInfo(info))),
  );
}
