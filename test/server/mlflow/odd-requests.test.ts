import fc from "fast-check";
import { expect, test } from "vitest";
import { testServer } from "../../support/server.ts";
import { knownIds, oddRequest, statusOf } from "./odd-requests.ts";

const server = await testServer();
const known = await knownIds(server);

// 100,000 of them: npm run bench bench/fuzz-requests.ts
test("no request is answered with a 500", async () => {
  await fc.assert(
    fc.asyncProperty(oddRequest(known), async (request) => {
      const status = await statusOf(server, request);
      expect(status, `${JSON.stringify(request)}\n${server.log.at(-1)}`).not.toBe(500);
    }),
    { numRuns: Number(process.env["ODD_RUNS"] ?? 600) },
  );
});
