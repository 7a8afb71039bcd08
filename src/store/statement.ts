import { type CompiledQuery, type RawBuilder, sql } from "kysely";
import { PREPARED } from "./prepared.ts";
import type { Lane } from "./travel-together.ts";

/** What stands for each value while a statement is made. */
export type Marks<Values> = { readonly [Name in keyof Values]: RawBuilder<Values[Name]> };

/** Runs a statement with these values; gives its rows. */
export type Statement<Values, Row> = (lane: Lane, values: Values) => Promise<Row[]>;

/**
 * A prepared statement (see prepared.ts) that is also put together once: to do it for each call takes as long as
 * all that the driver does. One text whatever the values, so what changes the text makes a statement of its own.
 *
 *     const findTypes = statement<{ agent: string }, { memory_type: string }>(
 *       ({ agent }) => sql`SELECT DISTINCT m.memory_type FROM duetmind.agent_memory m WHERE m.agent = ${agent}`,
 *     );
 *     const rows = await findTypes(db, { agent: "nurse" });
 */
export function statement<Values extends object, Row>(
  build: (marks: Marks<Values>) => RawBuilder<Row>,
): Statement<Values, Row> {
  let compiled: CompiledQuery<Row> | undefined;
  return async (lane, values) => {
    const executor = lane.getExecutor();
    compiled ??= sql<Row>`${PREPARED} ${build(MARKS as Marks<Values>)}`.compile(lane);
    const parameters = compiled.parameters.map((each) =>
      each instanceof Mark ? values[each.name as keyof Values] : each,
    );
    const { query, queryId, sql: text } = compiled;
    const { rows } = await executor.executeQuery<Row>({ query, queryId, sql: text, parameters });
    return rows;
  };
}

/** The statements of one text each, made when they are asked for first. */
export function statementsBy<Form, Values, Row>(
  nameOf: (form: Form) => string,
  make: (form: Form) => Statement<Values, Row>,
): (form: Form) => Statement<Values, Row> {
  const made = new Map<string, Statement<Values, Row>>();
  return (form) => {
    const name = nameOf(form);
    const found = made.get(name) ?? make(form);
    made.set(name, found);
    return found;
  };
}

class Mark {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const MARKS = new Proxy({}, { get: (_, name) => sql.val(new Mark(String(name))) });
