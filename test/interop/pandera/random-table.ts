import type { Random } from "../../../src/core/random.ts";
import { chance, pick } from "./random-choice.ts";

export type Kind = "int" | "float" | "text" | "bool" | "datetime";
export type Table = Readonly<{
  columns: readonly Readonly<{ name: string; kind: Kind }>[];
  csv: string;
  types: Readonly<Record<string, string>>;
}>;

const NAMES = ["a", "b", "x_1", "x_2", "c d", "é", "y.z", "x"];

/** What a cell of the kind may hold, as CSV has it. */
const CELLS: Readonly<Record<Kind, readonly string[]>> = {
  int: ["0", "1", "2", "3", "-3", "5", "12", "1000000"],
  float: ["0.5", "1.0", "2.0", "-2.25", "3.5", "0.1", "1e10", "1e-7", "inf"],
  text: ["a", "ab", "b1", "B", "xyz", "é", "a|b", "2.5", "1", "x y", "True", "nan", "it's"],
  bool: ["True", "False"],
  datetime: [
    "2020-01-01 00:00:00",
    "2020-01-02 00:00:00",
    "2020-01-05 10:30:00",
    "1999-12-31 23:59:59",
  ],
};

export function randomTable(random: Random): Table {
  const names = NAMES.filter(() => chance(random, 0.4));
  if (names.length === 0) names.push("a");
  const rowCount = 1 + random.integer(7);
  const types: Record<string, string> = {};
  const columns = names.map((name) => {
    const kind = pick(random, [
      "int",
      "int",
      "float",
      "float",
      "text",
      "text",
      "text",
      "bool",
      "datetime",
    ] as const);
    // pandas keeps a bool with nulls as objects, and reads a column of nulls alone as floats
    const nulls = kind === "bool" || chance(random, 0.5) ? 0 : pick(random, [0.2, 0.5]);
    const used = CELLS[kind].filter(() => chance(random, 0.6));
    const cells = Array.from({ length: rowCount }, () =>
      chance(random, nulls) ? "" : pick(random, used.length === 0 ? CELLS[kind] : used),
    );
    if (kind === "datetime") types[name] = pick(random, ["datetime64[ns]", "datetime64[us]"]);
    if (kind === "text") types[name] = "str";
    const isWhole = !cells.includes("");
    if (kind === "int" && isWhole && chance(random, 0.2)) types[name] = "int32";
    if (kind === "float" && !cells.includes("1e10") && chance(random, 0.15))
      types[name] = "float32";
    else if (kind === "float") types[name] = "float64";
    if (kind === "int" && !isWhole) types[name] = "float64";
    return { name, kind, cells };
  });
  const lines = [
    names,
    ...Array.from({ length: rowCount }, (_, i) => columns.map((c) => c.cells[i]!)),
  ];
  // a lone empty field would be an empty line
  const quoted = lines.map((line) =>
    line.map((cell) => (cell === "" && names.length === 1 ? '""' : cell)),
  );
  return { columns, csv: `${quoted.map((line) => line.join(",")).join("\n")}\n`, types };
}
