import { sql } from "kysely";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Clock } from "../core/clock.ts";
import { DuetMindError } from "../core/errors.ts";
import { uuidV7 } from "../core/ids.ts";
import { throwIfInterrupted } from "../core/interrupted.ts";
import type { OpenedDatabase } from "../store/database.ts";

export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** Long work that a request started (reference: api.md, "Long work"). */
export type Job = Readonly<{
  id: string;
  kind: string;
  state: JobState;
  progress: Readonly<{ done: number; total: number | null; unit: string | null }>;
  /** The last lines that the work wrote. */
  log_tail: string;
  result: unknown;
  error: unknown;
  actor: string;
  created_at: string;
  updated_at: string;
}>;

export type JobContext = Readonly<{
  actor: string;
  signal: AbortSignal;
  progress(done: number, total: number | null, unit: string): void;
  log(line: string): void;
}>;

/** Does one kind of work; what it returns is the result. */
export type JobKind = (request: unknown, context: JobContext) => Promise<unknown>;

export type JobService = Readonly<{
  start(kind: string, request: unknown, actor: string): Promise<Job>;
  get(id: string): Promise<Job>;
  list(limit: number): Promise<readonly Job[]>;
  /** Asks the work to end; one that is over stays as it is. */
  cancel(id: string): Promise<Job>;
  /** Ends what runs here and waits for it. */
  close(): Promise<void>;
}>;

const LEASE_MS = 30_000;
const REPORT_MS = 1_000;
const LOG_TAIL = 4_000;
/** Work at once in one process: each may be heavy. */
const AT_ONCE = 2;

/**
 * Jobs run in the process that started them and keep a lease while they do. One whose process died is
 * failed by whoever looks next: nobody knows how far it came, so it is started again by hand.
 */
export function createJobs(
  database: OpenedDatabase,
  kinds: Readonly<Record<string, JobKind>>,
  clock: Clock,
): JobService {
  const { kysely } = database;
  const running = new Map<string, Readonly<{ stop: AbortController; ended: Promise<void> }>>();
  const waiting: (() => void)[] = [];
  let active = 0;

  async function read(id: string): Promise<Job> {
    await failAbandoned();
    const found = /^[0-9a-f-]{36}$/.test(id) ? await rows({ id }, 1) : [];
    if (found[0] !== undefined) return found[0];
    throw new DuetMindError("NOT_FOUND", `job ${id}: expected one that was started, got none`);
  }

  async function rows(where: Readonly<{ id?: string }>, limit: number): Promise<Job[]> {
    const found = await kysely
      .selectFrom("job")
      .selectAll()
      .$if(where.id !== undefined, (query) => query.where("id", "=", where.id!))
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return found.map((row) => ({
      id: row.id,
      kind: row.kind,
      state: row.state as JobState,
      progress: { done: row.done, total: row.total, unit: row.unit },
      log_tail: row.log_tail,
      result: row.result,
      error: row.error,
      actor: row.actor,
      created_at: row.created_at.toISOString(),
      updated_at: row.updated_at.toISOString(),
    }));
  }

  async function failAbandoned(): Promise<void> {
    const now = clock.now();
    const error = canonicalJson({ code: "INTERRUPTED", message: "job: its server ended" });
    await sql`
      UPDATE duetmind.job SET state = 'failed', error = ${error}::jsonb, updated_at = ${now}::timestamptz
      WHERE state IN ('queued', 'running') AND leased_until < ${now}::timestamptz`.execute(kysely);
  }

  /** Writes down how a job stands; false when somebody has ended it meanwhile. */
  async function note(id: string, set: Readonly<Record<string, unknown>>): Promise<boolean> {
    const now = clock.now();
    const lease = new Date(now.getTime() + LEASE_MS);
    const done = await kysely
      .updateTable("job")
      .set({ ...set, updated_at: now, leased_until: lease })
      .where("id", "=", id)
      .where("state", "in", ["queued", "running"])
      .executeTakeFirst();
    return done.numUpdatedRows === 1n;
  }

  async function work(
    id: string,
    kind: JobKind,
    request: unknown,
    actor: string,
    stop: AbortController,
  ) {
    let progress = {};
    let tail = "";
    let end: Readonly<Record<string, unknown>>;
    // also while it waits for its turn: nobody must think that its server died
    const report = setInterval(() => {
      void note(id, { ...progress, log_tail: tail }).then(
        (alive) => alive || stop.abort(),
        () => {}, // the database is away: the next second tries again
      );
    }, REPORT_MS);
    if (active < AT_ONCE) active += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve)); // for the place of one that ended
    try {
      if (!(await note(id, { state: "running" }))) stop.abort();
      throwIfInterrupted(stop.signal);
      const context: JobContext = {
        actor,
        signal: stop.signal,
        progress: (done, total, unit) => {
          progress = { done, total, unit };
        },
        log: (line) => {
          tail = `${tail}${line}\n`.slice(-LOG_TAIL);
        },
      };
      const result = await kind(request, context);
      const state = stop.signal.aborted ? "cancelled" : "succeeded";
      end = { state, result: canonicalJson(result ?? null) };
    } catch (error) {
      const known =
        error instanceof DuetMindError
          ? error.toJSON()
          : { code: "INTERNAL", message: "internal error: this is a bug in DuetMind" };
      end = stop.signal.aborted
        ? { state: "cancelled" }
        : { state: "failed", error: canonicalJson(known) };
    }
    await noteEnd(id, { ...progress, log_tail: tail, ...end }, stop.signal);
    clearInterval(report);
    const next = waiting.shift();
    if (next === undefined) active -= 1;
    else next();
    running.delete(id);
  }

  /** Tries again while the database is away, as long as the lease may hold: then others fail the job. */
  async function noteEnd(
    id: string,
    set: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<void> {
    for (let waitedMs = 0; waitedMs < LEASE_MS; waitedMs += REPORT_MS) {
      try {
        await note(id, set);
        return;
      } catch {
        await clock.sleep(REPORT_MS, signal);
      }
    }
  }

  return {
    async start(kind, request, actor) {
      const found = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
      if (found === undefined) {
        const known = Object.keys(kinds).join(" or ");
        throw new DuetMindError("BAD_INPUT", `job: expected the kind ${known}, got "${kind}"`);
      }
      const id = uuidV7(clock);
      const now = clock.now();
      await kysely
        .insertInto("job")
        .values({
          id,
          kind,
          state: "queued",
          request: canonicalJson(request),
          actor,
          created_at: now,
          updated_at: now,
          leased_until: new Date(now.getTime() + LEASE_MS),
        })
        .execute();
      const stop = new AbortController();
      running.set(id, { stop, ended: work(id, found, request, actor, stop) });
      return read(id);
    },
    get: read,
    async list(limit) {
      await failAbandoned();
      return rows({}, limit);
    },
    async cancel(id) {
      await read(id);
      await note(id, { state: "cancelled" });
      running.get(id)?.stop.abort();
      return read(id);
    },
    async close() {
      const all = [...running.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
