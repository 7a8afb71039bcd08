import { z } from "zod";
import { DuetMindError } from "../core/errors.ts";

/**
 * A logical dump of the metadata, as lines of JSON, gzipped:
 *
 *     {"kind":"header","format":1,"duetmind":"0.1.0","postgresql":"18","taken_at":"…","next_xid":"812","migrations":[…]}
 *     {"kind":"table","name":"runs","columns":[{"name":"run_id","type":"text"},…]}
 *     ["a1b2","0",null,…]                                     one line a row
 *     {"kind":"end_of_table","name":"runs","rows":1}
 *     {"kind":"sequence","name":"experiments_experiment_id_seq","last_value":"7","is_called":true}
 *     {"kind":"end","tables":23,"rows":41877}
 *
 * A value is PostgreSQL's own text of it (the shortest that gives the same double back, a json's very
 * bytes), so any later PostgreSQL reads it, and nothing passes through a JavaScript number. The schema is
 * not in it: the migrations of the header make it again, with its rights. Tables stand in the order
 * of their foreign keys. A dump without its last line is not whole.
 */
export const DUMP_FORMAT = 1;

const migration = z.object({
  number: z.int(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.coerce.date(),
  duetmind: z.string(),
});

const count = z.int().nonnegative();

/** A line that is no row. */
export const dumpLine = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("header"),
    format: z.literal(DUMP_FORMAT),
    duetmind: z.string(),
    /** The PostgreSQL major that wrote it. */
    postgresql: z.string(),
    taken_at: z.iso.datetime(),
    /** The next transaction's number: the same later means that nothing was written since. */
    next_xid: z.string(),
    migrations: z.array(migration),
  }),
  z.object({
    kind: z.literal("table"),
    name: z.string(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })).min(1),
  }),
  z.object({ kind: z.literal("end_of_table"), name: z.string(), rows: count }),
  z.object({
    kind: z.literal("sequence"),
    name: z.string(),
    last_value: z.string(),
    is_called: z.boolean(),
  }),
  z.object({ kind: z.literal("end"), tables: count, rows: count }),
]);

export type DumpRow = (string | null)[];
type Marker = z.infer<typeof dumpLine>;
export type DumpLine = DumpRow | Marker;
export type DumpHeader = Extract<Marker, { kind: "header" }>;
export type DumpTable = Extract<Marker, { kind: "table" }>;
export type DumpSequence = Extract<Marker, { kind: "sequence" }>;

/** A dump that is not what was written. */
export function damagedDump(path: string, expected: string, got: string): DuetMindError {
  return new DuetMindError("CHECKSUM_MISMATCH", `${path}: expected ${expected}, got ${got}`, {
    file: path,
    hint: "move the file away: the dump before it is used then",
  });
}
