import fc from "fast-check";
import pg from "pg";
import { expect, test } from "vitest";
import { columnTypes } from "../../src/store/column-types.ts";

const TIMESTAMPTZ = 1184;
const ours = columnTypes.getTypeParser(TIMESTAMPTZ, "text") as (text: string) => unknown;
const theirs = pg.types.getTypeParser(TIMESTAMPTZ, "text") as (text: string) => unknown;

test("times are read as pg reads them, to the millisecond", () => {
  const times = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 6 }), fc.nat(999), (time, digits, micro) => {
      const iso = time.toISOString();
      const fraction = `${iso.slice(20, 23)}${String(micro).padStart(3, "0")}`.slice(0, digits);
      const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)}${digits === 0 ? "" : `.${fraction}`}+00`;
      const kept = Number(fraction.slice(0, 3).padEnd(3, "0"));
      expect(ours(text)).toEqual(new Date(Math.floor(time.getTime() / 1000) * 1000 + kept));
    }),
  );
});

test.each([
  "2026-11-27 09:30:00+05:30",
  "2026-11-27 09:30:00.5-08",
  "0044-03-15 12:00:00+00 BC",
  "12026-01-01 00:00:00+00",
  "0099-06-01 00:00:00.25+00",
  "infinity",
  "-infinity",
])("any other text is left to pg: %s", (text) => {
  expect(ours(text)).toEqual(theirs(text));
});
