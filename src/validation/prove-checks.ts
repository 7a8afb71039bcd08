import type { Engine } from "../table/engine.ts";
import { type ColumnStatistics, readStatistics } from "../table/parquet-statistics.ts";
import type { Relation } from "../table/relation.ts";
import { join, lit, type Sql, sql } from "../table/sql.ts";
import { dataDtype } from "./dtype.ts";
import type { PlannedCheck, Proof } from "./plan-types.ts";
import { provenSql } from "./proof.ts";
import { anyOf, brokenSql, selectQuery } from "./scan-sql.ts";
import { columnSql } from "./value-sql.ts";

export type Proven = Readonly<{
  /** Checks that hold for every row. */
  checks: ReadonlySet<PlannedCheck>;
  /** Nulls of columns, by the SQL of their values, where the statistics tell. */
  nulls: ReadonlyMap<string, number>;
}>;

type Asked = readonly [PlannedCheck, Proof];

/** What statistics and dictionaries of the files prove about the checks, before anything is scanned. */
export async function proveChecks(
  engine: Engine,
  relation: Relation,
  checks: readonly PlannedCheck[],
): Promise<Proven> {
  const asked = checks.flatMap((check): Asked[] =>
    check.test.kind === "rows" && check.test.proof != null ? [[check, check.test.proof]] : [],
  );
  if (relation.files === undefined || asked.length === 0) {
    return { checks: new Set(), nulls: new Map() };
  }
  const statistics = await readStatistics(engine, relation.files, relation.columns);
  const proofs = asked.flatMap(([check, proof]): { check: PlannedCheck; proven: Sql }[] => {
    const found = statistics.get(proof.column);
    if (found === undefined) return [];
    return [{ check, proven: provenSql(proof, found) }];
  });
  const counted = proofs.map(({ proven }, i) => ({ name: `p${i}`, expression: proven }));
  const row = counted.length === 0 ? {} : (await engine.rows(selectQuery(counted, null)))[0]!;
  const proven = new Set(proofs.filter((_, i) => row[`p${i}`] === true).map(({ check }) => check));
  const open = asked.filter(([check]) => !proven.has(check));
  return {
    checks: new Set([...proven, ...(await proveByDictionary(engine, relation, statistics, open))]),
    nulls: knownNulls(relation, statistics),
  };
}

/** Each column that is asked of has a scan of its own: a fifth of a millisecond, and more in wide tables. */
const DICTIONARIES_AT_MOST = 64;

/**
 * Checks that no row breaks. A condition of one column alone is asked of the few values of its dictionary;
 * with others beside it, it would be asked of every row, a hundred times as long.
 */
async function proveByDictionary(
  engine: Engine,
  relation: Relation,
  statistics: ReadonlyMap<string, ColumnStatistics>,
  open: readonly Asked[],
): Promise<readonly PlannedCheck[]> {
  const byColumn = new Map<string, PlannedCheck[]>();
  for (const [check, { column }] of open) {
    if (statistics.get(column)?.isDictionary !== true) continue;
    byColumn.set(column, [...(byColumn.get(column) ?? []), check]);
  }
  const groups = [...byColumn.values()];
  if (groups.length === 0 || groups.length > DICTIONARIES_AT_MOST) return [];
  const questions = groups.map((checks, i) => {
    const broken = anyOf(checks.map(({ test }) => brokenSql(test, undefined)!));
    return sql`(SELECT ${lit(i)} AS place FROM ${relation.sql} WHERE ${broken} LIMIT 1)`;
  });
  const rows = await engine.rows(join(questions, " UNION ALL "));
  const broken = new Set(rows.map((row) => Number(row["place"])));
  return groups.filter((_, i) => !broken.has(i)).flat();
}

/** A float's nulls are known where it holds no NaN, which counts as one. */
function knownNulls(
  relation: Relation,
  statistics: ReadonlyMap<string, ColumnStatistics>,
): ReadonlyMap<string, number> {
  return new Map(
    relation.columns.flatMap(({ name, type, duckdbType }): [string, number][] => {
      const found = statistics.get(name);
      if (found === undefined || found.mayHoldNaN) return [];
      return [[columnSql(name, dataDtype(type, duckdbType)).text, found.nulls]];
    }),
  );
}
