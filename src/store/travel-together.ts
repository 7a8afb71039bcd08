import { CompiledQuery, type Kysely, type QueryExecutorProvider } from "kysely";

/**
 * Where statements of a transaction go. On a server those that are given without awaiting the answers
 * before them travel together, and so do their answers: a round trip takes as long as a small statement.
 * They run in the order in which they are given; where one fails, those behind it fail too.
 */
export type Lane = QueryExecutorProvider;

/** Answers that are on their way. */
export type Answers = Readonly<Record<string, Promise<unknown> | undefined>>;

export type Journey<First extends Answers, T> = Readonly<{
  /** Goes out with BEGIN: what has to hold for each statement behind it. */
  open(lane: Lane): Promise<unknown>;
  /** Goes out with them too, before they are answered, and so only reads. */
  first(lane: Lane): First;
  /**
   * Goes on when the transaction is open. `commit` sends COMMIT behind what was given before, whose
   * failure it turns into ROLLBACK; where it is not called, COMMIT follows.
   */
  run(lane: Lane, first: First, commit: () => Promise<void>): Promise<T>;
}>;

/** Runs a transaction in few round trips; whatever fails, it is rolled back and what came is not given. */
export function travelTogether<DB, First extends Answers, T>(
  kysely: Kysely<DB>,
  isPipelined: boolean,
  { open, first, run }: Journey<First, T>,
): Promise<T> {
  return kysely.connection().execute(async (db) => {
    const lane = isPipelined ? await pipelined(db) : db;
    const say = (statement: CompiledQuery) => lane.getExecutor().executeQuery(statement);
    let committed: Promise<unknown> | undefined;
    const commit = async () => {
      committed ??= say(COMMIT);
      await committed;
    };
    try {
      const opening = Promise.all([say(BEGIN), open(lane)]);
      const asked = first(lane);
      for (const answer of Object.values(asked)) answer?.catch(() => {}); // nobody may come to await it
      await opening;
      const result = await run(lane, asked, commit);
      await commit();
      return result;
    } catch (error) {
      await say(ROLLBACK).catch(() => {}); // the connection may be what failed
      throw error;
    }
  });
}

const BEGIN = CompiledQuery.raw("begin");
const COMMIT = CompiledQuery.raw("commit");
const ROLLBACK = CompiledQuery.raw("rollback");

/** The connection that is reserved, without the queue in which each statement awaits the one before. */
async function pipelined(db: QueryExecutorProvider): Promise<Lane> {
  const queued = db.getExecutor();
  const connection = await queued.provideConnection(async (reserved) => reserved);
  const executor = queued.withConnectionProvider({
    provideConnection: (consumer) => consumer(connection),
  });
  return { getExecutor: () => executor };
}
