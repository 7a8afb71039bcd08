import { existsSync, readdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { publishContent } from "../core/files.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import {
  ALZHEIMER_CONTRACTS,
  ALZHEIMER_PARAMS,
  ALZHEIMER_ROWS,
  ALZHEIMER_SEED,
  ALZHEIMER_SOURCE,
} from "../sample/alzheimer-project.ts";
import { PROJECT_GITIGNORE, paramsHead, STAGE_COMMAND, toPipelineYaml } from "./init-files.ts";
import type { Guess } from "./init-guess.ts";
import { toOwnParams } from "./init-params.ts";

export type InitOptions = Readonly<{
  /** Absolute path of the new project's folder. */
  folder: string;
  /** Absolute path of the package's `config`, whose schemas are copied. */
  schemas: string;
  origin: Readonly<{ sample: "alzheimer" }> | Readonly<{ from: string; target: string }>;
}>;

export type InitResult = Readonly<{
  files: readonly string[];
  /** What was guessed from the person's own file. */
  guess?: Guess;
}>;

type NewFile = Readonly<{ path: string; content: string } | { path: string; copyOf: string }>;

/** Writes a project that `duetmind reproduce` runs at once. Refuses to write over anything. */
export async function runInit(options: InitOptions, effects: Effects): Promise<InitResult> {
  refuseProject(options.folder);
  const { origin } = options;
  const made =
    "sample" in origin ? sampleFiles() : await ownFiles(origin.from, origin.target, effects);
  const files = [...made.files, ...schemaFiles(options.schemas)].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  for (const { path } of files) {
    if (!existsSync(join(options.folder, path))) continue;
    throw new DuetMindError(
      "CONFLICT",
      `${path}: expected no such file in the new project's folder, got one`,
      { file: path, hint: "choose another folder" },
    );
  }
  for (const file of files) await writeNew(options.folder, file, effects);
  return {
    files: files.map(({ path }) => path),
    ...(made.guess === undefined ? {} : { guess: made.guess }),
  };
}

function refuseProject(folder: string): void {
  const found = ["params.yaml", "dvc.yaml"].find((name) => existsSync(join(folder, name)));
  if (found === undefined) return;
  throw new DuetMindError(
    "CONFLICT",
    `${folder}: expected a folder without a project, got one with a ${found}`,
    { hint: "choose another folder" },
  );
}

async function writeNew(folder: string, file: NewFile, effects: Effects): Promise<void> {
  const path = join(folder, file.path);
  if ("content" in file) return publishContent(effects.files, path, file.content);
  await effects.files.publish(path, (temporary) => copyFile(file.copyOf, temporary));
}

/** Editors look for the schemas beside the files they check. */
function schemaFiles(folder: string): NewFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".schema.json"))
    .map((name) => ({ path: `config/${name}`, copyOf: join(folder, name) }));
}

type Made = Readonly<{ files: readonly NewFile[]; guess?: Guess }>;

const PARAMS_SCHEMA = "./config/params.schema.json";
const CONTRACT_HEAD = "# yaml-language-server: $schema=../config/contract.schema.json\n";

/** The reference application, as it stands at the root of DuetMind's own repository. */
export function sampleFiles(): Made {
  const command = `${STAGE_COMMAND} sample alzheimer --rows ${ALZHEIMER_ROWS} --seed ${ALZHEIMER_SEED} --out ${ALZHEIMER_SOURCE}`;
  const pipeline = toPipelineYaml({
    sample: { command, out: ALZHEIMER_SOURCE },
    sourcePath: ALZHEIMER_SOURCE,
    rawContract: "contracts/patients.yaml",
    outputContracts: ["contracts/features.yaml", "contracts/labels.yaml"],
    model: "alzheimer",
    sections: [...SECTIONS, "model.slices"],
  });
  const contracts = Object.entries(ALZHEIMER_CONTRACTS).map(([path, text]) => ({
    path,
    content: CONTRACT_HEAD + text,
  }));
  return {
    files: [
      { path: "params.yaml", content: paramsHead(PARAMS_SCHEMA) + ALZHEIMER_PARAMS },
      { path: "dvc.yaml", content: pipeline },
      { path: ".gitignore", content: PROJECT_GITIGNORE },
      ...contracts,
    ],
  };
}

const SECTIONS = [
  "duetmind",
  "sources",
  "contracts.raw",
  "contracts",
  "features",
  "split",
  "model",
  "thresholds",
];

/** A project around a person's own file. */
async function ownFiles(from: string, target: string, effects: Effects): Promise<Made> {
  const { readOwnSource } = await import("./init-source.ts");
  const source = await readOwnSource(from, target);
  throwIfInterrupted(effects.signal);
  const { name, path, guess } = source;
  const pipeline = toPipelineYaml({
    sourcePath: path,
    rawContract: `contracts/${name}.yaml`,
    outputContracts: [],
    model: name,
    sections: SECTIONS,
  });
  return {
    guess,
    files: [
      { path: "params.yaml", content: paramsHead(PARAMS_SCHEMA) + toOwnParams(source) },
      { path: "dvc.yaml", content: pipeline },
      { path: ".gitignore", content: PROJECT_GITIGNORE },
      { path: `contracts/${name}.yaml`, content: CONTRACT_HEAD + source.contract },
      { path, copyOf: from },
    ],
  };
}
