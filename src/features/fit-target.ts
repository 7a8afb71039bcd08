import { DuetMindError } from "../core/errors.ts";
import type { Engine } from "../table/engine.ts";
import { id, lit, type Sql, sql } from "../table/sql.ts";
import { columnClass } from "./column-class.ts";
import type { ClassLabel, FeatureView } from "./feature-view.ts";

const MOST_CLASSES = 1000;
/** A target of whole numbers with at most so many different ones may be classes. */
const MOST_NUMBER_CLASSES = 20;

/** The condition that a row has a target. */
export function hasTarget(column: string, type: string): Sql {
  const name = id(column);
  if (type.startsWith("float")) return sql`(${name} IS NOT NULL AND NOT isnan(${name}))`;
  return columnClass({ type }) === "text"
    ? sql`(nullif(${name}::VARCHAR, '') IS NOT NULL)`
    : sql`(${name} IS NOT NULL)`;
}

/** Reads the classes of the target in the training rows; TARGET_INVALID when there is nothing to learn. */
export async function fitTarget(
  engine: Engine,
  target: Readonly<{ column: string; type: string }>,
  training: Sql,
): Promise<FeatureView["target"]> {
  const { column, type } = target;
  const kind = columnClass({ type });
  const value = kind === "text" ? sql`${id(column)}::VARCHAR` : id(column);
  const rows = await engine.rows(
    sql`SELECT DISTINCT ${value} AS v FROM ${training} ORDER BY v LIMIT ${lit(MOST_CLASSES + 1)}`,
  );
  const labels = rows.map((row) => row["v"] as ClassLabel);
  if (labels.length === 1) {
    throw new DuetMindError(
      "TARGET_INVALID",
      `features.target: expected at least two different values of "${column}" in the training split, got one`,
      { path: "features.target" },
    );
  }
  if (kind === "number") {
    const whole = labels.length <= MOST_NUMBER_CLASSES && labels.every(Number.isSafeInteger);
    return { column, type, classes: whole ? labels : null };
  }
  if (labels.length > MOST_CLASSES) {
    throw new DuetMindError(
      "TARGET_INVALID",
      `features.target: expected at most ${MOST_CLASSES} classes in "${column}", got more`,
      { path: "features.target", hint: "is it a name or an id?" },
    );
  }
  return { column, type, classes: labels };
}
