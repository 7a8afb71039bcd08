import { expect, test } from "vitest";
import { DuetMindError } from "../../src/core/errors.ts";
import { parseWith } from "../../src/core/parse.ts";
import { sourcesParams } from "../../src/sources/params.ts";

const URL_ = "https://api.example.org/v1/visits";

function messageOf(source: unknown): string {
  try {
    parseWith(sourcesParams, { visits: source }, "params.yaml: sources");
  } catch (error) {
    if (error instanceof DuetMindError) return error.message;
  }
  throw new Error("it should have failed");
}

test.each([
  [{}, "visits: expected one of path, http, database, got none"],
  [
    { path: "a.csv", http: { url: URL_ } },
    "visits: expected one of path, http, database, got path and http",
  ],
  [{ http: { url: "ftp://x/y" } }, "visits.http.url: expected an http:// or https:// address"],
  [{ http: { url: "example.org/y" } }, "visits.http.url: expected an http:// or https:// address"],
  [
    { http: { url: URL_, pages: { by: "pgae" } } },
    'expected "page", "offset", "cursor", "next" or',
  ],
  [{ http: { url: URL_, pages: { by: "cursor" } } }, "visits.http.pages.param: expected a string"],
  [{ http: { url: URL_, retries: 3 } }, 'expected a known key, got "retries"'],
  [{ http: { url: URL_, headers: { Host: "x" } } }, "headers.Host: expected the name of a header"],
  [{ http: { url: URL_, headers: { "a b": "x" } } }, "headers.a b: expected the name of a header"],
])("%j is refused: %s", (source, message) => {
  expect(messageOf(source)).toContain(message);
});

// what a person might paste in the wrong place must not come back in a message
test.each([
  [{ url: "https://ann:s3cret@example.org/" }, "visits.http.url: expected"],
  [{ url: `${URL_}?api_key=s3cret` }, "write it as query: {NAME: {env: VARIABLE}}"],
  [{ url: URL_, query: { api_key: "s3cret" } }, "visits.http.query.api_key: expected {env:"],
  [{ url: URL_, headers: { Authorization: "s3cret" } }, "headers.Authorization: expected {env:"],
  [{ url: URL_, headers: { "X-API-Key": "s3cret" } }, "headers.X-API-Key: expected {env:"],
  [{ url: URL_, auth: { bearer: "s3cret" } }, "http.auth.bearer: expected the name of an"],
  [
    { url: URL_, auth: { basic: { user: "U", password: "s3cret" } } },
    "basic.password: expected the",
  ],
  [{ url: URL_, auth: "s3cret" }, "visits.http.auth: expected {bearer: VARIABLE} or"],
  [{ url: URL_, query: { q: { env: "s3cret" } } }, "http.query.q.env: expected the name of an"],
])("a secret in params.yaml is refused and not repeated: %j", (http, message) => {
  const text = messageOf({ http });
  expect(text).toContain(message);
  expect(text).not.toContain("s3cret");
});
