import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { realEffects } from "../../src/core/effects.ts";
import { loadProject, type Project } from "../../src/pipelines/project.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const REST = `features: {view: f, source: patients, subject: id, target: y, transforms: [{numeric: age}]}
model: {name: m}
tracking: {experiment: e}
`;

/** A project in a folder that goes when the test ends; `sections` are the data, sources and contracts. */
export async function dataProject(
  sections: string,
  files: Readonly<Record<string, string>>,
): Promise<Project> {
  const root = mkdtempSync(join(tmpdir(), "duetmind-test-"));
  folders.push(root);
  for (const [path, content] of Object.entries(files)) writeIn(root, path, content);
  writeIn(root, "params.yaml", `${sections}\n${REST}`);
  return loadProject(root, {}, realEffects);
}

export function writeIn(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
