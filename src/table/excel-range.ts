/** Cells of a sheet, 0-based; without an end it goes as far as the data. */
export type ExcelRange = Readonly<{
  firstRow: number;
  firstColumn: number;
  lastRow: number;
  lastColumn: number;
}>;

/** `B3:F100`, or `B3` for everything right of and below it. */
export function parseRange(text = "A1"): ExcelRange {
  const [start, end] = text.split(":").map(parseCell);
  return {
    firstRow: start!.row,
    firstColumn: start!.column,
    lastRow: end?.row ?? Number.POSITIVE_INFINITY,
    lastColumn: end?.column ?? Number.POSITIVE_INFINITY,
  };
}

export function isInRange(cell: string, range: ExcelRange): boolean {
  const { row, column } = parseCell(cell);
  const inRows = row >= range.firstRow && row <= range.lastRow;
  return inRows && column >= range.firstColumn && column <= range.lastColumn;
}

/** `AB12` → row 11, column 27. */
function parseCell(cell: string): Readonly<{ row: number; column: number }> {
  const [, letters = "", digits = ""] = cell.match(/^([A-Z]+)(\d+)$/) ?? [];
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return { row: Number(digits) - 1, column: column - 1 };
}
