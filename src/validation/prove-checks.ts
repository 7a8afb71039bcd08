import type { Engine } from "../table/engine.ts";
import { type ColumnStatistics, readStatistics } from "../table/parquet-statistics.ts";
import type { Relation } from "../table/relation.ts";
import type { Sql } from "../table/sql.ts";
import { dataDtype } from "./dtype.ts";
import type { PlannedCheck, Proof } from "./plan-types.ts";
import { provenSql } from "./proof.ts";
import { selectQuery } from "./scan-sql.ts";
import { columnSql } from "./value-sql.ts";

export type Proven = Readonly<{
  /** Checks that hold for every row. */
  checks: ReadonlySet<PlannedCheck>;
  /** Nulls of columns, by the SQL of their values, where the statistics tell. */
  nulls: ReadonlyMap<string, number>;
}>;

/** What the statistics of the files prove about the checks, before anything is scanned. */
export async function proveChecks(
  engine: Engine,
  relation: Relation,
  checks: readonly PlannedCheck[],
): Promise<Proven> {
  const asked = checks.flatMap((check): [PlannedCheck, Proof][] =>
    check.test.kind === "rows" && check.test.proof != null ? [[check, check.test.proof]] : [],
  );
  if (relation.files === undefined || asked.length === 0) {
    return { checks: new Set(), nulls: new Map() };
  }
  const statistics = await readStatistics(engine, relation.files, relation.columns);
  const columns = new Map(relation.columns.map((column) => [column.name, column]));
  const isFloat = (name: string) => /^(FLOAT|DOUBLE)$/.test(columns.get(name)!.duckdbType);
  const proofs = asked.flatMap(([check, proof]): { check: PlannedCheck; proven: Sql }[] => {
    const found = statistics.get(proof.column);
    if (found === undefined) return [];
    return [{ check, proven: provenSql(proof, found, isFloat(proof.column)) }];
  });
  const counted = proofs.map(({ proven }, i) => ({ name: `p${i}`, expression: proven }));
  const row = counted.length === 0 ? {} : (await engine.rows(selectQuery(counted, null)))[0]!;
  return {
    checks: new Set(proofs.filter((_, i) => row[`p${i}`] === true).map(({ check }) => check)),
    nulls: knownNulls(relation, statistics, isFloat),
  };
}

/** A float's nulls are known where its bounds say that it holds no NaN. */
function knownNulls(
  relation: Relation,
  statistics: ReadonlyMap<string, ColumnStatistics>,
  isFloat: (name: string) => boolean,
): ReadonlyMap<string, number> {
  return new Map(
    relation.columns.flatMap(({ name, type, duckdbType }): [string, number][] => {
      const found = statistics.get(name);
      if (found === undefined || (isFloat(name) && found.bounds === null)) return [];
      return [[columnSql(name, dataDtype(type, duckdbType)).text, found.nulls]];
    }),
  );
}
