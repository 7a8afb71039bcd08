import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DuetMindError } from "../core/errors.ts";
import { type Digest, digestBytes } from "../core/hash.ts";
import { packageFile } from "../core/package-file.ts";

/** One numbered pair of files of infra/migrations. */
export type Migration = Readonly<{
  number: number;
  /** Such as `0001-create-metadata`. */
  name: string;
  up: string;
  down: string;
  /** Of the up file; an applied migration is never edited. */
  checksum: Digest;
  /** False for a file headed `-- no transaction`: one idempotent statement. */
  transaction: boolean;
}>;

const FILE = /^(\d{4})-[a-z0-9-]+\.(up|down)\.sql$/;

/** The folder of the migrations, in the clone and in the package. */
export function migrationsFolder(): string {
  return packageFile("infra/migrations");
}

/** Reads every migration in order; a gap, a wrong name or a missing half is an error. */
export function readMigrations(folder: string = migrationsFolder()): Migration[] {
  const names = new Set<string>();
  for (const file of readdirSync(folder).sort()) {
    if (!FILE.test(file)) throw invalid(folder, "0001-name.up.sql or .down.sql", file);
    names.add(file.replace(/\.(up|down)\.sql$/, ""));
  }
  return [...names].map((name, i) => {
    const number = Number(name.slice(0, 4));
    if (number !== i + 1) throw invalid(folder, `number ${i + 1}`, name);
    const [up, down] = (["up", "down"] as const).map((half) => {
      const path = join(folder, `${name}.${half}.sql`);
      if (!existsSync(path)) throw invalid(folder, `${name}.${half}.sql`, "no file");
      return readFileSync(path, "utf8");
    }) as [string, string];
    const transaction = !/^--\s*no transaction\s*$/m.test(up.split("\n", 1)[0]!);
    return { number, name, up, down, checksum: digestBytes(up), transaction };
  });
}

function invalid(folder: string, expected: string, got: string): DuetMindError {
  return new DuetMindError("DATABASE_SCHEMA", `${folder}: expected ${expected}, got ${got}`, {
    file: folder,
  });
}
