import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { createProject } from "../reproduce/project.ts";
import { command, dvc } from "./dvc-command.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "coming-from-dvc.md"), "utf8");

test("the blocks of docs/coming-from-dvc.md run one after the other in a repository of DVC's", () => {
  const project = createProject({
    "in.txt": "in\n",
    "dvc.yaml": "stages:\n  copy: {cmd: cp in.txt out.txt, deps: [in.txt], outs: [out.txt]}\n",
  });
  const { folder } = project;
  try {
    dvc(folder, "init", "--no-scm");
    dvc(folder, "repro");
    project.write("bin/duetmind", `#!/bin/sh\nexec node '${ROOT}/bin/duetmind.js' "$@"\n`);
    chmodSync(join(folder, "bin/duetmind"), 0o755);
    const blocks = [...PAGE.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1]!);
    expect(blocks).toHaveLength(3);
    writeFileSync(join(folder, "blocks.sh"), blocks.join("\n"));
    const path = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
    const output = command(folder, { PATH: path }, "sh", "-ex", "blocks.sh");
    const upToDate = output.split("\n").filter((line) => line.includes("are up to date."));
    // status, dvc status, dvc repro, status
    expect(upToDate.length).toBeGreaterThanOrEqual(4);
    expect(output.match(/Running stage/g)).toBeNull();
  } finally {
    project.remove();
  }
});
