import type { Effects } from "../core/effects.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import { toFeatureSql } from "../features/feature-sql.ts";
import { toMatrix } from "../models/matrix.ts";
import { mostProbable, type Predictor } from "../models/predictor.ts";
import { createScorer } from "../models/score.ts";
import { type AppendColumn, openAppendTable } from "../table/append-table.ts";
import { copyNumbers } from "../table/chunk-values.ts";
import type { Engine } from "../table/engine.ts";
import { ROW_NUMBER } from "../table/relation.ts";
import type { Sql } from "../table/sql.ts";

export const ROW_ID = "row_id";
/** Index of the predicted class, in the table of scores. */
export const CLASS = "class";

const ROWS_A_BLOCK = 16_384;
const ROWS_A_CHUNK = 2048; // the most that the engine hands out at once

export type Scores = Readonly<{
  /** For FROM: row_id, class (classification only), p0, p1 …, one row for each row of the file. */
  sql: Sql;
  /** How often each class was predicted; empty for regression. */
  counts: Float64Array;
}>;

/** Features and scores of a relation with the view's raw columns, a block of rows at a time. */
export async function scoreRelation(
  engine: Engine,
  predictor: Predictor,
  from: Sql,
  rowCount: number,
  effects: Effects,
): Promise<Scores> {
  const { view, model, classes } = predictor;
  const names = view.outputs.map((output) => output.name);
  const width = Math.max(1, classes.length);
  const score: readonly AppendColumn[] = Array.from({ length: width }, (_, k) => ({
    ...{ name: `p${k}`, type: "DOUBLE" },
  }));
  const table = await openAppendTable(engine, [
    { name: ROW_ID, type: "BIGINT" },
    ...(classes.length === 0 ? [] : [{ name: CLASS, type: "INTEGER" } as const]),
    ...score,
  ]);
  const scorer = createScorer(model);
  const counts = new Float64Array(classes.length);
  const columns = [ROW_ID, ...names].map(() => new Float64Array(ROWS_A_BLOCK + ROWS_A_CHUNK));
  const task = effects.progress.start("score", rowCount, "rows");
  let filled = 0;

  function flush(): void {
    if (filled === 0) return;
    throwIfInterrupted(effects.signal);
    const [rowIds, ...features] = columns.map((values) => values.subarray(0, filled));
    const probabilities = scorer.probabilities(toMatrix(names, features, filled));
    const byClass = score.map((_, k) =>
      Float64Array.from({ length: filled }, (_, row) => probabilities[row * width + k]!),
    );
    if (classes.length === 0) table.append([rowIds!, ...byClass], filled);
    else {
      const best = Int32Array.from(rowIds!, (_, row) => mostProbable(probabilities, row, width));
      for (const place of best) if (place >= 0) counts[place]! += 1;
      table.append([rowIds!, best, ...byClass], filled);
    }
    task.advance(filled);
    filled = 0;
  }

  for await (const chunk of engine.stream(toFeatureSql(view, from, [ROW_NUMBER]))) {
    for (let i = 0; i < columns.length; i++) copyNumbers(chunk, i, columns[i]!, filled);
    filled += chunk.rowCount;
    if (filled >= ROWS_A_BLOCK) flush();
  }
  flush();
  table.close();
  task.done();
  return { sql: table.sql, counts };
}
