import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createProject } from "./project.ts";

/** Stages in file order, each with some of those before or after it as deps, without a cycle. */
const pipeline = fc
  .tuple(
    fc.array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 2, maxLength: 7 }),
    fc.infiniteStream(fc.nat()),
  )
  .map(([deps, random]) => {
    const stages = deps.map((numbers, i) => ({
      name: `s${i}`,
      deps: i === 0 ? [] : [...new Set(numbers.map((n) => `s${n % i}`))],
    }));
    for (let i = stages.length - 1; i > 0; i--) {
      const j = random.next().value! % (i + 1);
      [stages[i], stages[j]] = [stages[j]!, stages[i]!];
    }
    return stages;
  });

function dvcYaml(stages: readonly Readonly<{ name: string; deps: readonly string[] }>[]): string {
  const lines = stages.map(({ name, deps }) => {
    const inputs = deps.map((dep) => `${dep}.out`);
    return `  ${name}: {cmd: 'cat in ${inputs.join(" ")} > ${name}.out', deps: [in, ${inputs.join(", ")}], outs: [${name}.out]}`;
  });
  return `stages:\n${lines.join("\n")}\n`;
}

test("dvc.lock of a parallel run is that of a serial run, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(pipeline, async (stages) => {
      const files = { "dvc.yaml": dvcYaml(stages), in: "x\n" };
      const [serial, parallel] = [createProject(files), createProject(files)];
      try {
        const first = await serial.run({ jobs: 1 });
        const second = await parallel.run({ jobs: 4 });
        expect(second).toEqual(first);
        expect(Object.keys(second.stages)).toEqual(Object.keys(first.stages));
        expect(parallel.read("dvc.lock")).toBe(serial.read("dvc.lock"));
        serial.write("in", "y\n");
        parallel.write("in", "y\n");
        await serial.run({ jobs: 1 });
        await parallel.run({ jobs: 4 });
        expect(parallel.read("dvc.lock")).toBe(serial.read("dvc.lock"));
      } finally {
        serial.remove();
        parallel.remove();
      }
    }),
    { numRuns: 8 },
  );
}, 120_000);

test("stages that need nothing of each other run at the same time", async () => {
  // each waits for the other through a pair of pipes: one after the other would never end
  const p = createProject({
    "dvc.yaml": `stages:
  a: {cmd: 'echo from a > to-b; cat to-a > a', outs: [a]}
  b: {cmd: 'cat to-b > b; echo from b > to-a', outs: [b]}
  setup: {cmd: 'true'}
`,
  });
  try {
    execFileSync("mkfifo", ["to-a", "to-b"], { cwd: p.folder });
    expect(await p.run({ jobs: 2 })).toMatchObject({ ok: true });
    expect([p.read("a"), p.read("b")]).toEqual(["from b\n", "from a\n"]);
  } finally {
    p.remove();
  }
});

test("lines of stages that run together begin with their names, a stage alone writes for itself", async () => {
  const p = createProject({
    "dvc.yaml": `stages:
  a: {cmd: 'echo one; printf two; touch a', outs: [a]}
  b: {cmd: 'echo three >&2; touch b', outs: [b]}
`,
  });
  try {
    let written = "";
    const output = { fd: 2, write: (text: string) => (written += text) };
    await p.run({ jobs: 2, output });
    expect(written.split("\n").toSorted()).toEqual(["", "a | one", "a | two", "b | three"]);
  } finally {
    p.remove();
  }
});

test("after a failure what runs comes to its end, and is kept", async () => {
  const p = createProject({
    "dvc.yaml": `stages:
  a: {cmd: 'cat fifo; exit 3', outs: [a]}
  b: {cmd: 'echo go > fifo; echo b > b', outs: [b]}
  c: {cmd: 'echo c > c', deps: [a], outs: [c]}
`,
  });
  try {
    execFileSync("mkfifo", ["fifo"], { cwd: p.folder });
    const outcome = await p.run({ jobs: 2 });
    expect(outcome).toMatchObject({
      ok: false,
      failure: "stage a: expected exit code 0, got 3 from: cat fifo; exit 3",
    });
    expect(outcome.stages["b"]).toBe("ran | new: not in dvc.lock");
    expect(outcome.stages).not.toHaveProperty("c");
    expect((await p.run({ dry: true })).stages["b"]).toBe("unchanged");
  } finally {
    p.remove();
  }
});

const FAILING = `stages:
  a: {cmd: exit 3, outs: [a]}
  b: {cmd: echo b > b, deps: [a], outs: [b]}
  c: {cmd: echo c > c, outs: [c]}
`;

test("keep-going leaves out what needs the failed stage, and ends with a failure", async () => {
  const p = createProject({ "dvc.yaml": FAILING });
  try {
    expect(await p.run({ onError: "keep-going" })).toMatchObject({
      ok: false,
      stages: {
        a: "failed | new: not in dvc.lock",
        b: "blocked",
        c: "ran | new: not in dvc.lock",
      },
    });
  } finally {
    p.remove();
  }
});

test("ignore-errors goes on with everything, and ends well", async () => {
  const p = createProject({ "dvc.yaml": FAILING.replace("exit 3", "touch a; exit 3") });
  try {
    expect(await p.run({ onError: "ignore" })).toMatchObject({
      ok: true,
      stages: {
        a: "failed | new: not in dvc.lock",
        b: "ran | new: not in dvc.lock",
        c: "ran | new: not in dvc.lock",
      },
    });
  } finally {
    p.remove();
  }
});

test("force-downstream runs what comes after a stage that ran, changed or not", async () => {
  const p = createProject({
    "dvc.yaml": `stages:
  a: {cmd: 'cat in > /dev/null; echo same > a', deps: [in], outs: [a]}
  b: {cmd: cp a b, deps: [a], outs: [b]}
  c: {cmd: cp b c, deps: [b], outs: [c]}
  d: {cmd: touch d, outs: [d]}
`,
    in: "1",
  });
  try {
    await p.run();
    p.write("in", "2");
    expect((await p.run({ forceDownstream: true })).stages).toEqual({
      a: "ran | deps: in modified",
      b: "ran | forced",
      c: "ran | forced",
      d: "unchanged",
    });
  } finally {
    p.remove();
  }
});
