import { DuetMindError } from "../core/errors.ts";
import type { Migration } from "./migration-files.ts";

export type AppliedMigration = Readonly<{
  number: number;
  name: string;
  checksum: string;
  applied_at: Date;
  duetmind: string;
}>;

export type MigrationStatus = Readonly<{
  applied: readonly AppliedMigration[];
  pending: readonly Migration[];
}>;

/**
 * What is applied and what is to come. Refuses a database of a newer DuetMind and an applied file
 * that was changed: either would let the schema and the code disagree in silence.
 */
export function planMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): MigrationStatus {
  for (const [i, done] of applied.entries()) {
    const known = migrations[i];
    if (known === undefined) {
      throw new DuetMindError(
        "DATABASE_SCHEMA",
        `database: expected at most migration ${migrations.length}, got ${done.name} of duetmind ${done.duetmind}`,
        { hint: `use duetmind ${done.duetmind} or later` },
      );
    }
    if (known.number !== done.number || known.checksum !== done.checksum) {
      throw new DuetMindError(
        "DATABASE_SCHEMA",
        `${known.name}: expected the file that was applied (${done.checksum}), got ${known.checksum}`,
        { hint: "an applied migration is never edited: restore the file and write a new one" },
      );
    }
  }
  return { applied, pending: migrations.slice(applied.length) };
}
