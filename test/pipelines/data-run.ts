import { realEffects } from "../../src/core/effects.ts";
import { DuetMindError } from "../../src/core/errors.ts";
import { runData } from "../../src/pipelines/data-stage.ts";
import { loadProject } from "../../src/pipelines/project.ts";

/** The stage in a process of its own, for tests that limit or kill it: prints the error's code. */
try {
  await runData(await loadProject(process.cwd(), {}, realEffects), realEffects);
} catch (error) {
  process.stdout.write(error instanceof DuetMindError ? error.code : String(error));
  process.exitCode = error instanceof DuetMindError ? error.exitCode : 99;
}
