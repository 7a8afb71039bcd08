import { expect, test } from "vitest";
import { cutText } from "../../src/tracking/limits.ts";

test("a text is cut by characters, never through a surrogate pair", () => {
  expect(cutText("abc", 3)).toBe("abc");
  expect(cutText("abcd", 3)).toBe("abc");
  expect(cutText("a🧠🧠", 3)).toBe("a🧠🧠");
  expect(cutText("a🧠🧠b", 2)).toBe("a🧠");
});
