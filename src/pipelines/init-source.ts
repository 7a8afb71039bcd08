import { basename, extname } from "node:path";
import { openEngine } from "../table/engine.ts";
import { openSource } from "../table/source.ts";
import type { Contract } from "../validation/contract.ts";
import { inferContract } from "../validation/infer-contract.ts";
import { toContractYaml } from "../validation/write-contract.ts";
import { type Guess, guessProject } from "./init-guess.ts";
import { isUnique, readColumnFacts } from "./init-source-sql.ts";

/** What is known of a person's own file. */
export type OwnSource = Readonly<{
  /** Name of the source, dataset and model, from the file's name. */
  name: string;
  /** Where the copy goes, relative to the project. */
  path: string;
  guess: Guess;
  /** Columns that identify a row; empty where none do. */
  key: readonly string[];
  /** The inferred contract as YAML. */
  contract: string;
}>;

/** Reads a file to guess what its columns are. Throws as the data stage would on a file that is none. */
export async function readOwnSource(file: string, target: string): Promise<OwnSource> {
  const engine = await openEngine();
  try {
    const relation = await openSource(engine, { path: file });
    const facts = await readColumnFacts(engine, relation);
    const guess = guessProject(facts, relation.rowCount, target);
    let key: readonly string[] = [];
    for (const columns of guess.keys) {
      if (key.length === 0 && (await isUnique(engine, relation, columns))) key = columns;
    }
    const types = Object.fromEntries(guess.dates.map((date) => [date, "datetime64[ns]"]));
    const typed =
      guess.dates.length === 0 ? relation : await openSource(engine, { path: file, types });
    const name = sourceName(file);
    const { contract } = await inferContract(engine, typed, { name });
    return {
      ...{ name, path: `data/source/${basename(file)}`, guess, key },
      contract: toContractYaml(markIdentifiers(contract, guess)),
    };
  } finally {
    engine.close();
  }
}

/** `My patients (2).csv.gz` → `My_patients_2`. */
function sourceName(file: string): string {
  const stem = basename(file).replace(/\.(gz|zst)$/, "");
  const words = stem.slice(0, stem.length - extname(stem).length).match(/[A-Za-z0-9]+/g) ?? [];
  const name = words.join("_");
  return /^[A-Za-z]/.test(name) ? name : `data_${name}`.replace(/_$/, "");
}

/** Whoever a row is about is not shown in clear by reports. */
function markIdentifiers(contract: Contract, guess: Guess): Contract {
  return {
    ...contract,
    columns: contract.columns.map((column) =>
      column.name === guess.subject ? { ...column, sensitivity: "identifier" } : column,
    ),
  };
}
