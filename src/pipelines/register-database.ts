import type { Effects } from "../core/effects.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { Project } from "./project.ts";

/** Runs with the project's metadata store, and closes it whatever happens. */
export async function withDatabase<T>(
  project: Project,
  effects: Effects,
  run: (db: Database) => Promise<T>,
): Promise<T> {
  const { root, env, params } = project;
  const opened = await openDatabase({ root, env, params: params.database, effects });
  try {
    return await run(opened.kysely);
  } finally {
    await opened.close();
  }
}
