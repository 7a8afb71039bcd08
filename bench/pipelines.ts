import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonEnvironment } from "../test/interop/python-environment.ts";
import { figures, measureProcess, medianOf, type Used } from "./measure-process.ts";
import {
  copyRepository,
  createRepository,
  type PeerDvc,
  type Repository,
  referenceApplication,
  removeRepository,
  writeAddedFiles,
  writeChain,
  writeIndependent,
  writeLargeFile,
  writeSmallFiles,
} from "./pipelines-repository.ts";
import { type BenchCase, printCases, reportBench } from "./result.ts";

/**
 * The pipeline commands against real DVC 3.67.1 on the same repositories, a cold process each time, CPU
 * seconds of the process and all it started. Ours are medians; DVC's long cases are measured once.
 * `npm run build` comes first.
 *
 * Run: npm run bench bench/pipelines.ts -- [--case NAME]...   (with --case nothing is written to results/)
 */
const ROUNDS = 5;
const DVC = "DVC 3.67.1";
const LARGE_BYTES = 2_000_000_000;

const { bin } = await pythonEnvironment("dvc");
const peer: PeerDvc = { command: join(bin, "dvc") };
const folder = mkdtempSync(join(tmpdir(), "duetmind-pipelines-"));

const CASES: Readonly<Record<string, () => readonly BenchCase[]>> = {
  "status-reference": statusReference,
  "status-2105": statusAddedFiles,
  "add-70000": addSmallFiles,
  "chain-1000": unchangedChain,
  "chain-200": firstChain,
  "add-2gb": addLargeFile,
  "parallel-8": independentStages,
};

function statusReference(): readonly BenchCase[] {
  const demo = referenceApplication(folder, peer);
  const [ours, theirs] = warmPairs(demo, demo, ["status"]);
  const [start, bare] = inTurn(
    3 * ROUNDS, // what counts is a difference of milliseconds
    () => demo.ours("status"),
    () => measureProcess(0, process.execPath, "-e", "0"),
  );
  const over = (key: "cpuSeconds" | "wallSeconds"): BenchCase => ({
    case: `status of the reference pipeline, over bare node, ${key}`,
    ours: figures(start),
    peer: { name: "node -e 0", ...figures(bare) },
    figure: start[key] - bare[key],
    bar: { op: "<=", value: 0.08 },
  });
  return [
    faster("status of the reference pipeline", ours, theirs, 4),
    over("cpuSeconds"),
    over("wallSeconds"),
  ];
}

function statusAddedFiles(): readonly BenchCase[] {
  const repository = createRepository(folder, "added", peer);
  writeAddedFiles(repository, 2105);
  const [ours, theirs] = warmPairs(repository, repository, ["status"]);
  return [faster("status, 2,105 .dvc files", ours, theirs, 20)];
}

function addSmallFiles(): readonly BenchCase[] {
  const firsts = Array.from({ length: 3 }, () => {
    const [own, other] = ["own", "dvc"].map((name) => createRepository(folder, name, peer)) as [
      Repository,
      Repository,
    ];
    for (const each of [own, other]) writeSmallFiles(each, 70_000);
    const used = { ours: own.ours("add", "data"), theirs: other.dvc("add", "data") };
    equalFiles(own, other, "data.dvc");
    return { own, other, used };
  });
  const added = medianOf(firsts.map(({ used }) => used.ours));
  const theirs = medianOf(firsts.map(({ used }) => used.theirs));
  const [status, theirStatus] = warmPairs(firsts[0]!.own, firsts[0]!.other, ["status"]);
  return [
    faster("first add of a directory of 70,000 small files", added, theirs, 3),
    faster("status of a directory of 70,000 small files", status, theirStatus, 5),
    {
      case: "status of a directory of 70,000 small files, wall seconds",
      ours: figures(status),
      peer: { name: "fixed limit, seconds" },
      figure: status.wallSeconds,
      bar: { op: "<=", value: 1 },
    },
  ];
}

function unchangedChain(): readonly BenchCase[] {
  const own = createRepository(folder, "chain", peer);
  writeChain(own, 1000);
  own.ours("reproduce");
  const other = copyRepository(own, peer);
  const [status, theirStatus] = warmPairs(own, other, ["status"]);
  const reproduce = times(ROUNDS, () => own.ours("reproduce"));
  const repro = other.dvc("repro");
  equalFiles(own, other, "dvc.lock");
  return [
    faster("status, 1,000-stage chain, nothing to do", status, theirStatus, 10),
    faster("reproduce, 1,000-stage chain, nothing to do", reproduce, repro, 20),
  ];
}

function firstChain(): readonly BenchCase[] {
  const first = (stages: number): Used =>
    times(3, () => {
      const repository = createRepository(folder, `chain-${stages}`, peer);
      writeChain(repository, stages);
      const used = repository.ours("reproduce");
      removeRepository(repository);
      return used;
    });
  const [one, two, four] = [100, 200, 400].map(first) as [Used, Used, Used];
  const [own, other] = ["own", "dvc"].map((name) => createRepository(folder, name, peer)) as [
    Repository,
    Repository,
  ];
  for (const each of [own, other]) writeChain(each, 200);
  own.ours("reproduce");
  const theirs = other.dvc("repro");
  equalFiles(own, other, "dvc.lock");
  const growth = (four.cpuSeconds - two.cpuSeconds) / (2 * (two.cpuSeconds - one.cpuSeconds));
  return [
    faster("first reproduce of a 200-stage chain of trivial commands", two, theirs, 20),
    {
      case: "first reproduce, a stage's cost from 200 to 400 against from 100 to 200",
      ours: { at400: four.cpuSeconds, at200: two.cpuSeconds, at100: one.cpuSeconds },
      peer: { name: "linear" },
      figure: growth,
      bar: { op: "<=", value: 1.15 },
    },
  ];
}

function addLargeFile(): readonly BenchCase[] {
  const source = join(folder, "large.bin");
  writeLargeFile(source, LARGE_BYTES);
  const copied = times(3, () => {
    const copy = measureProcess(0, "cp", source, `${source}.copy`);
    const sum = measureProcess(0, "md5sum", source);
    rmSync(`${source}.copy`);
    return added(copy, sum);
  });
  const addBy = (tool: "ours" | "dvc") => {
    const repository = createRepository(folder, "large", peer);
    measureProcess(0, "ln", source, join(repository.folder, "large.bin"));
    const used = repository[tool]("add", "large.bin");
    removeRepository(repository);
    return used;
  };
  const ours = times(3, () => addBy("ours"));
  const theirs = addBy("dvc");
  rmSync(source);
  return [
    {
      case: "first add of one file of 2 GB against cp and md5sum together",
      ours: figures(ours),
      peer: { name: "cp, md5sum", ...figures(copied) },
      ratios: { wall: ours.wallSeconds / copied.wallSeconds },
      figure: ours.cpuSeconds / copied.cpuSeconds,
      bar: { op: "<=", value: 1.3 },
    },
    faster("first add of one file of 2 GB", ours, theirs, 3),
  ];
}

function independentStages(): readonly BenchCase[] {
  const run = (...words: readonly string[]) => {
    const repository = createRepository(folder, "independent", peer);
    writeIndependent(repository, 8);
    return repository.ours("reproduce", ...words);
  };
  const [parallel, serial] = [run("-j", "2"), run("-j", "1")];
  return [
    {
      case: "8 independent stages of 2 s, 2 at a time against one at a time, wall time",
      ours: figures(parallel),
      peer: { name: "one at a time", ...figures(serial) },
      figure: parallel.wallSeconds / serial.wallSeconds,
      bar: { op: "<=", value: 0.6 },
    },
  ];
}

/** Both tools' medians, run in turn, after a first run of each that fills what they remember. */
function warmPairs(
  own: Repository,
  other: Repository,
  words: readonly string[],
): readonly [Used, Used] {
  upToDate(own.ours(...words));
  upToDate(other.dvc(...words));
  return inTurn(
    ROUNDS,
    () => own.ours(...words),
    () => other.dvc(...words),
  );
}

/** Medians of two that are compared, each in turn, so that both see the same machine. */
function inTurn(rounds: number, a: () => Used, b: () => Used): readonly [Used, Used] {
  const pairs = Array.from({ length: rounds }, () => [a(), b()] as const);
  return [medianOf(pairs.map(([one]) => one)), medianOf(pairs.map(([, other]) => other))];
}

function upToDate({ output }: Used): void {
  const said = "Data and pipelines are up to date.";
  if (!output.includes(said)) throw new Error(`status: expected "${said}", got "${output}"`);
}

function equalFiles(own: Repository, other: Repository, name: string): void {
  const [a, b] = [own, other].map((each) => readFileSync(join(each.folder, name), "utf8"));
  if (a !== b) throw new Error(`${name}: expected DVC's bytes, got others`);
}

function times(rounds: number, run: () => Used): Used {
  return medianOf(Array.from({ length: rounds }, run));
}

function added(a: Used, b: Used): Used {
  return {
    ...a,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    wallSeconds: a.wallSeconds + b.wallSeconds,
  };
}

/** How many times DVC's CPU time is ours. */
function faster(name: string, ours: Used, theirs: Used, atLeast: number): BenchCase {
  return {
    case: `${name}, times faster`,
    ours: figures(ours),
    peer: { name: DVC, ...figures(theirs) },
    ratios: { wall: theirs.wallSeconds / ours.wallSeconds },
    figure: theirs.cpuSeconds / ours.cpuSeconds,
    bar: { op: ">=", value: atLeast },
  };
}

function askedCases(words: readonly string[]): readonly string[] {
  const asked = words.filter((word) => word !== "--case");
  const unknown = asked.find((name) => CASES[name] === undefined);
  if (unknown === undefined) return asked;
  const names = Object.keys(CASES).join(", ");
  throw new Error(`--case: expected one of ${names}, got ${unknown}`);
}

try {
  const asked = askedCases(process.argv.slice(2));
  const run = (name: string) => CASES[name]!();
  if (asked.length > 0) {
    const cases = asked.flatMap(run);
    printCases(cases);
    process.stdout.write(`${JSON.stringify(cases, null, 2)}\n`);
  } else reportBench("pipelines", Object.keys(CASES).flatMap(run));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
