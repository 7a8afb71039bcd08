import { sql } from "kysely";
import type { Sql } from "../search/condition.ts";

/** Which rows a search looks at: those that are there, those that were deleted, or both. */
export type View = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export function inView(lifecycleStage: Sql, view: View): readonly Sql[] {
  switch (view) {
    case "ACTIVE_ONLY":
      return [sql`${lifecycleStage} = 'active'`];
    case "DELETED_ONLY":
      return [sql`${lifecycleStage} = 'deleted'`];
    case "ALL":
      return [];
  }
}
