import { expect, test } from "vitest";
import { isSameHost, redactUrl } from "../../src/sources/http-url.ts";

test.each([
  ["https://ann:pw@h/a?site=A#x", "https://h/a?site=A"],
  ["https://h/a?api_key=1&site=A", "https://h/a?api_key=***&site=A"],
  ["https://h/a?X-Amz-Signature=1&x=2", "https://h/a?X-Amz-Signature=***&x=2"],
  ["https://h/a?page_token=abc", "https://h/a?page_token=abc"],
])("%s is shown as %s", (url, shown) => {
  expect(redactUrl(new URL(url))).toBe(shown);
});

test("a parameter of our own that is secret is hidden whatever its name", () => {
  expect(redactUrl(new URL("https://h/a?mine=1&x=2"), ["mine"])).toBe("https://h/a?mine=***&x=2");
});

test.each([
  ["http://h/a", "http://h/b", true],
  ["http://h/a", "https://h/b", true],
  ["http://h:8080/a", "http://h/a", false],
  ["http://h:8080/a", "https://h:8443/a", false],
  ["http://h/a", "http://h.evil/a", false],
])("%s and %s: %s", (a, b, same) => {
  expect(isSameHost(new URL(a), new URL(b))).toBe(same);
});
