import { expect, test } from "vitest";
import { nextLink } from "../../src/sources/http-link.ts";

test.each([
  // as GitHub writes it
  [
    '<https://api.example.org/r?page=1>; rel="prev", <https://api.example.org/r?page=3>; rel="next"',
    "https://api.example.org/r?page=3",
  ],
  // RFC 8288, section 3.5: unquoted, several relations, other parameters, a comma in the title
  ["</TheBook/chapter4>; rel=next", "/TheBook/chapter4"],
  ["</c2>; rel=\"previous next\"; title*=UTF-8'de'letztes%20Kapitel", "/c2"],
  ['</a>; title="one, two; rel=next"; rel=prev, </b>; REL="Next"', "/b"],
  ["<?page=2,3>;rel=next", "?page=2,3"],
  ['</a>; rel="nextish", </b>; rel="prev"', undefined],
  ["", undefined],
  ["rel=next", undefined],
])("%j", (header, target) => {
  expect(nextLink(header)).toBe(target);
});
