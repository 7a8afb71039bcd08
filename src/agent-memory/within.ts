import { sql } from "kysely";
import { fromDatabaseFault, isRowRefused } from "../core/database-fault.ts";
import type { Database, OpenedDatabase } from "../store/database.ts";
import { statement, statementsBy } from "../store/statement.ts";
import type { Answers, Journey, Lane } from "../store/travel-together.ts";
import type { MemoryIdentity } from "./memory.ts";

/** Who asks, about which sessions, and when. */
export type Asking = Readonly<{
  identity: Readonly<{ tenant: string; agent: string; reach: MemoryIdentity["reach"] | "upkeep" }>;
  /** The sessions that a caller of reach "session" may see into. */
  sessions?: readonly string[];
  /** What has expired by then is not there; `null` shows what has expired too. */
  at: Date | null;
  /** Settings of the server for this transaction: few forms of them, for each is a statement. */
  settings?: Readonly<Record<string, string>>;
}>;

/** For chores on every tenant: sees which sessions there are, and of memories those to be deleted. */
export const UPKEEP = { tenant: "", agent: "", reach: "upkeep" } as const;

/**
 * Runs a transaction on the tables of agent memory as its plain role, under the policies of
 * infra/migrations/0005-agent-memory.up.sql: it sees and writes what the identity may, whatever its
 * statements say. What failed because of another writer is tried again, for a transaction is whole.
 */
export function within<T>(
  database: OpenedDatabase,
  asking: Asking,
  run: (db: Database) => Promise<T>,
): Promise<T> {
  return againAfterOthers(() =>
    database.transaction(async (db) => {
      await become(db, asking);
      return run(db);
    }),
  );
}

/** The same in few round trips to the server. */
export function withinTogether<First extends Answers, T>(
  database: OpenedDatabase,
  asking: Asking,
  journey: Pick<Journey<First, T>, "first" | "run">,
): Promise<T> {
  const open = (lane: Lane) => become(lane, asking);
  return againAfterOthers(() => database.travelTogether({ open, ...journey }));
}

async function againAfterOthers<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isOfOthers(error) || tries === MOST_TRIES) {
        throw fromDatabaseFault(error) ?? error;
      }
    }
  }
}

const DEADLOCK = "40P01";
/** A memory was there when it was read, and forgotten by another when something was to point at it. */
const FOREIGN_KEY = "23503";
const MOST_TRIES = 10;

/** Whether it may go well next time: what the other did is seen then. */
function isOfOthers(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === DEADLOCK || code === FOREIGN_KEY || isRowRefused(error);
}

/**
 * Takes the plain role and says who asks, for the rest of the transaction: connections are shared, and
 * `true` ends each setting with it. Only upkeep, which works for many, calls it a second time.
 */
export async function become(
  db: Lane,
  { identity, sessions = [], at, settings = {} }: Asking,
): Promise<void> {
  await sayWho(Object.keys(settings))(db, {
    ...settings,
    tenant: identity.tenant,
    agent: identity.agent,
    reach: identity.reach,
    sessions,
    at: at?.toISOString() ?? "-infinity",
  });
}

type Said = {
  tenant: string;
  agent: string;
  reach: string;
  sessions: readonly string[];
  at: string;
};

const sayWho = statementsBy(
  (settings: readonly string[]) => settings.join(),
  (settings) =>
    statement<Said & Record<string, unknown>, unknown>((marks) => {
      const more = settings.map(
        (name) => sql`, set_config(${sql.lit(name)}, ${marks[name]}, true)`,
      );
      return sql`SELECT set_config('role', 'duetmind_memory', true),
        set_config('duetmind.tenant', ${marks.tenant}, true),
        set_config('duetmind.agent', ${marks.agent}, true),
        set_config('duetmind.reach', ${marks.reach}, true),
        set_config('duetmind.sessions', ${marks.sessions}, true),
        set_config('duetmind.at', ${marks.at}, true)${sql.join(more, sql``)}`;
    }),
);

/** What a call that names a session sees: no further than that session and what is shared with it. */
export function inSession(
  identity: MemoryIdentity,
  sessionId: string | undefined,
): Pick<Asking, "identity" | "sessions"> {
  if (sessionId === undefined) return { identity };
  const reach = identity.reach === "agent" ? "session" : identity.reach;
  return { identity: { ...identity, reach }, sessions: [sessionId] };
}
