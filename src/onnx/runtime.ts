import { DuetMindError } from "../core/errors.ts";

/**
 * The seam to ONNX Runtime, which turns texts into vectors and checks our models, but is never needed
 * to score them. Two builds of one library: onnxruntime-node (native, an optional peer) when it is
 * installed, else onnxruntime-web (WebAssembly, a dependency). Both run on one thread, so that sums keep their order.
 */
export type OnnxRuntime = Readonly<{
  name: RuntimeName;
  open(model: Uint8Array): Promise<OnnxSession>;
}>;

export type RuntimeName = "onnxruntime-node" | "onnxruntime-web";

export type OnnxSession = Readonly<{
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(feeds: Feeds): Promise<Readonly<Record<string, OnnxValues>>>;
  close(): Promise<void>;
}>;

export type Feeds = Readonly<Record<string, Feed>>;

export type Feed = Readonly<{
  dims: readonly number[];
  values: Float64Array | BigInt64Array | readonly string[];
}>;

export type OnnxValues = Readonly<{
  type: string;
  dims: readonly number[];
  data: ArrayLike<number | bigint | string>;
}>;

type Library = typeof import("onnxruntime-web");

/** Loads the native runtime when it is there, else the WebAssembly one; or the one that is named. */
export async function loadOnnxRuntime(name?: RuntimeName): Promise<OnnxRuntime> {
  const native = await chooseNative(name);
  if (native !== undefined) return createRuntime("onnxruntime-node", native);
  const web: Library = await import("onnxruntime-web");
  web.env.wasm.numThreads = 1; // more threads start workers that keep the process alive
  return createRuntime("onnxruntime-web", web);
}

/** Which of them `loadOnnxRuntime` would load; of WebAssembly nothing is read. */
export async function findOnnxRuntime(name?: RuntimeName): Promise<RuntimeName> {
  return (await chooseNative(name)) === undefined ? "onnxruntime-web" : "onnxruntime-node";
}

async function chooseNative(name: RuntimeName | undefined): Promise<Library | undefined> {
  if (name === "onnxruntime-web") return undefined;
  const native = await loadNative();
  if (native !== undefined || name === undefined) return native;
  throw new DuetMindError("PART_MISSING", `${name}: expected the package, got none installed`, {
    hint: `npm install ${name}, or let onnxruntime-web do the work`,
  });
}

/** An optional peer: absent, or present without its library because install scripts did not run. */
async function loadNative(): Promise<Library | undefined> {
  try {
    return (await import("onnxruntime-node")) as unknown as Library;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return undefined;
    if (code === "ERR_DLOPEN_FAILED") return undefined;
    throw error;
  }
}

function createRuntime(name: RuntimeName, library: Library): OnnxRuntime {
  library.env.logLevel = "error";
  return {
    name,
    async open(model) {
      const session = await library.InferenceSession.create(model, {
        executionProviders: [name === "onnxruntime-web" ? "wasm" : "cpu"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 4, // what goes wrong is thrown, and need not be printed as well
      });
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: async (feeds) =>
          (await session.run(toTensors(feeds, library))) as Record<string, OnnxValues>,
        close: () => session.release(),
      };
    },
  };
}

function toTensors(
  feeds: Feeds,
  library: Library,
): Record<string, InstanceType<Library["Tensor"]>> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { values, dims }]) => {
      if (values instanceof Float64Array)
        return [name, new library.Tensor("float64", values, dims)];
      if (values instanceof BigInt64Array) return [name, new library.Tensor("int64", values, dims)];
      return [name, new library.Tensor("string", [...values], dims)];
    }),
  );
}
