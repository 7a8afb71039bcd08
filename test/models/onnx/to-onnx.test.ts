import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { toFloat } from "../../../src/models/onnx/cast-nodes.ts";
import { addFeatures } from "../../../src/models/onnx/feature-nodes.ts";
import { toOnnx } from "../../../src/models/onnx/to-onnx.ts";
import type { Predictor } from "../../../src/models/predictor.ts";
import { createGraphBuilder } from "../../../src/onnx/graph-builder.ts";
import type { OnnxRuntime, RuntimeName } from "../../../src/onnx/runtime.ts";
import { loadOnnxRuntime } from "../../../src/onnx/runtime.ts";
import { predictor, rows, toView } from "./arbitrary-predictor.ts";
import { featuresOf, type RawRow, scoreOf } from "./reference-scorer.ts";

function runOnnx(runtime: OnnxRuntime, made: Predictor, given: readonly RawRow[]) {
  return runBytes(runtime, toOnnx(made, "0.0.0"), given);
}

async function runBytes(runtime: OnnxRuntime, bytes: Uint8Array, given: readonly RawRow[]) {
  const session = await runtime.open(bytes);
  const dims = session.inputNames.length === 1 ? [given.length, 1] : [given.length];
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const values = given.map((row) => row[name]!);
      const isText = typeof values[0] === "string";
      return [
        name,
        { dims, values: isText ? (values as string[]) : Float64Array.from(values as number[]) },
      ];
    }),
  );
  const outputs = await session.run(feeds);
  await session.close();
  return outputs;
}

describe.each<RuntimeName>(["onnxruntime-web", "onnxruntime-node"])("%s", (name) => {
  let runtime: OnnxRuntime;
  beforeAll(async () => {
    runtime = await loadOnnxRuntime(name);
  });

  test("every feature view and model scores as defined, to 1e-6", async () => {
    await fc.assert(
      fc.asyncProperty(predictor, rows, async (made, given) => {
        const outputs = await runOnnx(runtime, made, given);
        const columns =
          made.model.task === "regression"
            ? ["prediction"]
            : made.classes.map((label) => `probability_${label}`);
        given.forEach((row, i) => {
          const expected = scoreOf(made.model, featuresOf(made.view, made.model.featureNames, row));
          const got = columns.map((column) => Number(outputs[column]!.data[i]));
          for (const [k, value] of expected.entries()) expectNear(got[k]!, value);
          if (made.model.task === "regression") return;
          const [best, second] = [...expected].sort((a, b) => b - a);
          if (Number.isNaN(best) || best! - second! < 1e-6) return;
          expect(outputs["prediction"]!.data[i]).toBe(made.classes[expected.indexOf(best!)]);
        });
      }),
      { numRuns: 150 },
    );
  });

  test("every feature has the same float32 value, but for the last bit of a logarithm", async () => {
    await fc.assert(
      fc.asyncProperty(predictor, rows, async ({ view, model }, given) => {
        const graph = createGraphBuilder();
        const names = model.featureNames;
        const name = toFloat(graph, addFeatures(graph, view, names));
        graph.output({ name, type: "float", shape: ["N", names.length] });
        const facts = { name: "f", producer: { name: "t", version: "0" }, doc: "", metadata: {} };
        const { [name]: got } = await runBytes(runtime, graph.toBytes(facts), given);
        const expected = given.flatMap((row) => featuresOf(view, names, row));
        expected.forEach((value, i) => {
          const output = view.outputs.find((one) => one.name === names[i % names.length])!;
          const logs = "steps" in output && output.steps.some((step) => step.op === "log");
          if (!logs) expect(got!.data[i]! === value || Number.isNaN(value)).toBe(true);
          expectNear(Number(got!.data[i]), value);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("labels keep their type: booleans, integers, fractions, text", async () => {
    const view = toView([{ name: "f0", kind: "numeric", input: "n1", steps: [] }]);
    const model = {
      ...{ kind: "linear" as const, task: "binary" as const, featureNames: ["f0"], classCount: 2 },
      ...{ outputCount: 1, coefficients: Float64Array.of(1), intercepts: Float64Array.of(0) },
    };
    const label = async (classes: Predictor["classes"]) => {
      const made = { name: "labels", view, model, classes };
      const { prediction } = await runOnnx(runtime, made, [{ n1: -1 }, { n1: 1 }]);
      return [prediction!.type, ...Array.from(prediction!.data)];
    };
    expect(await label([false, true])).toEqual(["bool", 0, 1]);
    expect(await label([3, 7])).toEqual(["int64", 3n, 7n]);
    expect(await label([0.5, 2])).toEqual(["float64", 0.5, 2]);
    expect(await label(["nein", "ja"])).toEqual(["string", "nein", "ja"]);
  });

  test("a raw column named like an output keeps its name", async () => {
    const base = toView([{ name: "f0", kind: "numeric", input: "prediction", steps: [] }]);
    const view = {
      ...base,
      inputs: [{ ...base.inputs[0]!, name: "prediction" }],
    };
    const model = {
      ...{ kind: "linear" as const, task: "binary" as const, featureNames: ["f0"], classCount: 2 },
      ...{ outputCount: 1, coefficients: Float64Array.of(1), intercepts: Float64Array.of(0) },
    };
    const outputs = await runOnnx(runtime, { name: "x", view, model, classes: [0, 1] }, [
      { prediction: 2 },
    ]);
    expect(Object.keys(outputs)).toEqual(["prediction_output", "probability_0", "probability_1"]);
  });
});

function expectNear(got: number, expected: number): void {
  if (Number.isNaN(expected)) expect(got).toBeNaN();
  else expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
}

test("equal predictors give equal bytes", () => {
  fc.assert(
    fc.property(predictor, (made) => {
      expect(Buffer.from(toOnnx(made, "1"))).toEqual(
        Buffer.from(toOnnx(structuredClone(made), "1")),
      );
    }),
    { numRuns: 20 },
  );
});
