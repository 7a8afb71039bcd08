import fc from "fast-check";
import { expect, test } from "vitest";
import { toWireBytes, WireText } from "../../../src/server/mlflow/write-json.ts";

test("a reply in pieces is the bytes of the pieces joined, whatever the characters", () => {
  const pieces = fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, (texts) => {
      expect(toWireBytes(new WireText(texts)).toString("utf8")).toBe(texts.join(""));
    }),
  );
});
