import { isMarked } from "./prepared.ts";
import { type ClientMessage, frame, sqlOf } from "./wire.ts";

/**
 * Statements that the embedded database need not parse and plan again. All clients share its one session,
 * so no client has names of its own: each sends a marked statement (see prepared.ts) whole and without a
 * name, and it is given one here, where it is known what the session holds. What runs the same text runs
 * the same statement, whoever asks.
 *
 * A name is closed before a text is prepared under it, so what the session still has of it does not matter.
 * Whatever may have taken a statement away, or have changed what it means, has to `forget` them all.
 *
 * A plan goes by the sizes of tables. Nothing renews the statistics of this database while it grows, so no
 * plan is kept for longer than `keepMs`: one that was made of an empty table reads all of a full one.
 */
export type KeptStatements = Readonly<{
  /** Runs one; gives what the client would have read had it run as it was sent. */
  run(statement: MarkedStatement): Buffer;
  forget(): void;
}>;

/** Parse, Bind, Describe, Execute and Sync of a statement with the mark and without a name. */
export type MarkedStatement = Readonly<{
  /** The text and the types of its parameters. */
  parse: Buffer;
  /** The formats and the values. */
  bind: Buffer;
  /** The frames behind Bind. */
  rest: Buffer;
}>;

export type KeepOptions = Readonly<{
  /** How many are kept; the one that was not used for longest makes room. */
  most: number;
  keepMs: number;
  /** Milliseconds that never go back. */
  now(): number;
}>;

const PARSE_COMPLETE = frame("1");
const CLOSE_COMPLETE = frame("3");

/** Keeps statements in the session behind `exec`. */
export function createKeptStatements(
  exec: (frames: Buffer) => Buffer,
  { most, keepMs, now }: KeepOptions,
): KeptStatements {
  /** The one that was used last comes last. */
  const kept = new Map<string, Readonly<{ name: string; since: number }>>();

  function freeName(): string {
    if (kept.size < most) {
      const taken = new Set(Array.from(kept.values(), ({ name }) => name));
      for (let i = 0; ; i += 1) if (!taken.has(nameOf(i))) return nameOf(i);
    }
    const [oldest, { name }] = kept.entries().next().value!;
    kept.delete(oldest);
    return name;
  }

  return {
    run({ parse, bind, rest }) {
      const key = parse.toString("latin1");
      const found = kept.get(key);
      kept.delete(key);
      if (found !== undefined && now() - found.since < keepMs) {
        kept.set(key, found);
        const reply = exec(Buffer.concat([frame("B", "", found.name, bind), rest]));
        return Buffer.concat([PARSE_COMPLETE, reply]);
      }
      const name = found?.name ?? freeName();
      const reply = exec(
        Buffer.concat([
          frame("C", Buffer.from("S"), name),
          frame("P", name, parse),
          frame("B", "", name, bind),
          rest,
        ]),
      ).subarray(CLOSE_COMPLETE.length);
      if (reply[0] === PARSE_COMPLETE[0]) kept.set(key, { name, since: now() });
      return reply;
    },
    forget: () => kept.clear(),
  };
}

function nameOf(number: number): string {
  return `duetmind statement ${number}`;
}

/** What a whole batch runs if it is one marked statement; undefined for any other. */
export function markedStatement(batch: readonly ClientMessage[]): MarkedStatement | undefined {
  if (batch.map(({ type }) => type).join("") !== "PBDES") return undefined;
  const [parse, bind, describe, execute, sync] = batch.map((message) => message.frame);
  const isUnnamed =
    parse![5] === 0 && bind!.readUInt16BE(5) === 0 && describe![6] === 0 && execute![5] === 0;
  if (!isUnnamed || describe![5] !== PORTAL || !isMarked(sqlOf(batch[0]!)!)) return undefined;
  return {
    parse: parse!.subarray(6),
    bind: bind!.subarray(7),
    rest: Buffer.concat([describe!, execute!, sync!]),
  };
}

const PORTAL = 0x50; // P; S would be the statement
