import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const SHARED = join(ROOT, "..", "shared");
const folder = mkdtempSync(join(tmpdir(), "duetmind-examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Results of the READMEs: a change of one is a change of the other. */
const EXAMPLES = [
  { name: "alzheimers-public", data: "alzheimers.csv", accuracy: 0.953, rocAuc: 0.972 },
  { name: "alzheimers-csf", data: "alzheimers-csf.csv", accuracy: 0.864, rocAuc: 0.859 },
];

type Outcome = Readonly<{
  ok: boolean;
  lock_changed: boolean;
  registered: readonly Readonly<{ kind: string; name: string; status?: string }>[];
}>;

for (const { name, data, accuracy, rocAuc } of EXAMPLES) {
  const isThere = existsSync(join(SHARED, "data", data));
  const reason = isThere ? "" : ` (skipped: ../shared/data/${data} is absent)`;
  test.skipIf(!isThere)(`examples/${name} gives the result of its README${reason}`, () => {
    const copy = copyOf(name);
    const first = reproduce(copy);
    expect(first.ok).toBe(true);
    const model = name.replace("-", "_");
    expect(first.registered).toContainEqual(
      expect.objectContaining({ kind: "model", name: model, status: "staging" }),
    );
    const { metrics } = JSON.parse(
      readFileSync(join(copy, "models", model, "metrics.json"), "utf8"),
    ).test as { metrics: Record<string, { value: number }> };
    expect(metrics["accuracy"]!.value).toBeCloseTo(accuracy, 3);
    expect(metrics["roc_auc"]!.value).toBeCloseTo(rocAuc, 2);
    const readme = readFileSync(join(copy, "README.md"), "utf8");
    expect(readme).toContain(`| ${accuracy} |`);
    expect(reproduce(copy).lock_changed).toBe(false);
  });
}

/** A copy in the same place beside `shared` as the original. */
function copyOf(name: string): string {
  const repository = join(folder, name, "repository");
  mkdirSync(join(repository, "examples"), { recursive: true });
  symlinkSync(SHARED, join(folder, name, "shared"));
  const copy = join(repository, "examples", name);
  cpSync(join(ROOT, "examples", name), copy, {
    recursive: true,
    filter: (path) => !/(\.duetmind|[/\\]data|[/\\]models|\.dvc|dvc\.lock)$/.test(path),
  });
  return copy;
}

function reproduce(copy: string): Outcome {
  const stdout = execFileSync(
    process.execPath,
    [join(ROOT, "bin/duetmind.js"), "reproduce", "--json"],
    {
      cwd: copy,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return JSON.parse(stdout) as Outcome;
}
