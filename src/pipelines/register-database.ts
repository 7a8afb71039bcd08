import type { Effects } from "../core/effects.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { BaseProject } from "./project.ts";
import { forgetKnownRecords } from "./register-known.ts";

/** Runs with the project's metadata store, and closes it whatever happens. */
export async function withDatabase<T>(
  project: BaseProject,
  effects: Effects,
  run: (db: Database) => Promise<T>,
): Promise<T> {
  const { root, env, params } = project;
  const beforeRestore = () => forgetKnownRecords(root);
  const options = { root, env, params: params.database, effects, beforeRestore };
  const opened = await openDatabase(options);
  try {
    return await run(opened.kysely);
  } finally {
    await opened.close();
  }
}
