import { DuetMindError } from "../core/errors.ts";

/** Every column costs time and memory of its own wherever it is planned or measured, however few the rows. */
const MAX_COLUMNS = 5000;

export function checkColumnCount(count: number, file: string): void {
  if (count <= MAX_COLUMNS) return;
  throw new DuetMindError(
    "BAD_INPUT",
    `${file}: expected at most ${MAX_COLUMNS} columns, got ${count}`,
    {
      file,
      hint: "turn columns that measure the same thing into rows: one for each name and value",
    },
  );
}
