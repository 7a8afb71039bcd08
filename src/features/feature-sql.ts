import { id, join, lit, type Sql, sql } from "../table/sql.ts";
import type { FeatureView, FittedOutput, NumericStep } from "./feature-view.ts";
import { toInputSql } from "./input-sql.ts";
import { double, type Level, logLevels } from "./log-sql.ts";

/**
 * A feature view as one query for DuckDB over anything that has its raw columns: the output columns
 * as DOUBLE in the view's order, NULL where missing, after the columns named in `keep`. Rows come in
 * the order of the relation.
 *
 * A value that an expression needs several times is first named by a subquery of its own, so each
 * numeric output climbs its levels, all outputs side by side:
 *
 *     SELECT "o0_2" AS "age" FROM (SELECT *, (…"o0_1"…) AS "o0_2" FROM (SELECT *, … FROM (inputs)))
 */
export function toFeatureSql(
  view: Pick<FeatureView, "inputs" | "outputs">,
  relation: Sql,
  keep: readonly string[] = [],
): Sql {
  const inputs = new Map(view.inputs.map((input, i) => [input.name, `i${i}`]));
  const programs = view.outputs.map((output, i) => toProgram(output, inputs, `o${i}`));
  const base = sql`SELECT ${join([
    ...keep.map((name, i) => sql`${id(name)} AS ${id(`k${i}`)}`),
    ...view.inputs.map((input, i) => sql`${toInputSql(input)} AS ${id(`i${i}`)}`),
  ])} FROM ${relation}`;
  const height = Math.max(0, ...programs.map((program) => program.levels.length));
  let query = base;
  for (let level = 0; level < height; level++) {
    const columns = programs.flatMap((program) =>
      (program.levels[level] ?? []).map(([alias, value]) => sql`${value} AS ${id(alias)}`),
    );
    query = sql`SELECT *, ${join(columns)} FROM (${query})`;
  }
  return sql`SELECT ${join([
    ...keep.map((name, i) => sql`${id(`k${i}`)} AS ${id(name)}`),
    ...programs.map((program, i) => sql`${program.result} AS ${id(view.outputs[i]!.name)}`),
  ])} FROM (${query})`;
}

type Program = Readonly<{ levels: readonly Level[]; result: Sql }>;

function toProgram(
  output: FittedOutput,
  inputs: ReadonlyMap<string, string>,
  prefix: string,
): Program {
  const input = (name: string) => id(inputs.get(name)!);
  switch (output.kind) {
    case "indicator": {
      const value = sql`CASE WHEN ${input(output.input)} = ${lit(output.value)} THEN ${double(1)} ELSE ${double(0)} END`;
      return { levels: [], result: value };
    }
    case "missing": {
      const value = sql`CASE WHEN ${input(output.input)} IS NULL THEN ${double(1)} ELSE ${double(0)} END`;
      return { levels: [], result: value };
    }
    case "lookup": {
      const text = input(output.input);
      const entries = output.entries.map(
        ([word, value]) => sql`WHEN ${text} = ${lit(word)} THEN ${double(value)}`,
      );
      const missing = sql`WHEN ${text} IS NULL THEN ${orNull(output.missing)}`;
      const value = sql`CASE ${join([missing, ...entries], " ")} ELSE ${orNull(output.other)} END`;
      return { levels: [], result: value };
    }
    case "numeric":
      return withSteps(input(output.input), output.steps, prefix);
    case "product":
      return withSteps(join(output.factors.map(input), " * "), output.steps, prefix);
    case "ratio": {
      const [top, bottom] = [input(output.numerator), input(output.denominator)];
      const value = sql`CASE WHEN ${bottom} <> 0 THEN ${top} / ${bottom} END`;
      return withSteps(value, output.steps, prefix);
    }
  }
}

function withSteps(start: Sql, steps: readonly NumericStep[], prefix: string): Program {
  const levels: Level[] = [];
  let value = start;
  /** Gives the value so far a name, so that it can be used several times. */
  const settle = (): string => {
    const alias = `${prefix}_${levels.length}`;
    levels.push([[alias, value]]);
    value = id(alias);
    return alias;
  };
  for (const step of steps) {
    switch (step.op) {
      case "impute":
        value = sql`coalesce(${value}, ${double(step.value)})`;
        break;
      case "scale":
        value = sql`((${value}) - ${double(step.center)}) / ${double(step.scale)}`;
        break;
      case "clip":
        value = clip(id(settle()), step.min, step.max);
        break;
      case "bin":
        value = bin(id(settle()), step.edges);
        break;
      case "log": {
        const x = settle();
        const result = `${prefix}_${levels.length}`;
        levels.push(...logLevels(x, step.offset, result));
        value = id(result);
      }
    }
  }
  return { levels, result: value };
}

function clip(x: Sql, min: number | null, max: number | null): Sql {
  const low = min === null ? sql`` : sql`WHEN ${x} < ${double(min)} THEN ${double(min)}`;
  const high = max === null ? sql`` : sql`WHEN ${x} > ${double(max)} THEN ${double(max)}`;
  return min === null && max === null ? x : sql`CASE ${low} ${high} ELSE ${x} END`;
}

function bin(x: Sql, edges: readonly number[]): Sql {
  const cases = edges.map((edge, i) => sql`WHEN ${x} < ${double(edge)} THEN ${double(i)}`);
  return sql`CASE WHEN ${x} IS NULL THEN NULL ${join(cases, " ")} ELSE ${double(edges.length)} END`;
}

function orNull(value: number | null): Sql {
  return value === null ? sql`NULL::DOUBLE` : double(value);
}
