import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { type Engine, type EngineOptions, openEngine } from "../../src/table/engine.ts";

const folders: string[] = [];
const engines: Engine[] = [];

afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "duetmind-test-"));
  folders.push(folder);
  return folder;
}

/** A file in a folder that goes when the test ends. */
export function scratchFile(name: string, content: string | Uint8Array): string {
  const path = join(scratchFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** An engine that is closed when the test ends. */
export async function scratchEngine(options: EngineOptions = { threads: 2 }): Promise<Engine> {
  const engine = await openEngine(options);
  engines.push(engine);
  return engine;
}
