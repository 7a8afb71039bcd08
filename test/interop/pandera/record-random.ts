import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "../../../src/core/random.ts";
import { pythonEnvironment } from "../python-environment.ts";
import { randomCase } from "./random-case.ts";

/** Records what Pandera says of random contracts, for tests without it: `npx tsx test/interop/pandera/record-random.ts` */
const COUNT = 200;
const random = createRandom("pandera-recorded");

async function record(): Promise<void> {
  const cases = Array.from({ length: COUNT }, (_, i) => randomCase(random.split(i), `${i}`));
  const python = await pythonEnvironment("pandera");
  const input = JSON.stringify(cases.map(({ name: _, ...each }) => each));
  const outcomes = JSON.parse(
    python.run([join(import.meta.dirname, "validate.py")], { input }),
  ) as unknown[];
  const lines = cases.map((each, i) => JSON.stringify({ ...each, pandera: outcomes[i] }));
  const path = join(import.meta.dirname, "../pandera-0.35.0/random.json");
  writeFileSync(path, `[\n${lines.join(",\n")}\n]\n`);
}

await record();
