import { afterAll, describe, expect, test } from "vitest";
import { openScenario, readReplies } from "./replies.ts";

const scenario = openScenario("diff");
afterAll(() => scenario.remove());

describe("diff says what DVC says", () => {
  for (const { command, status, stdout } of readReplies("diff")) {
    test(command, async () => {
      const said = await scenario.ask(command);
      expect(said.status).toBe(status === 0 ? 0 : 2);
      if (status === 0) expect(said.stdout.split("\n")).toEqual(stdout);
    });
  }
});

describe("where it cannot compare", () => {
  for (const name of ["no-git", "broken"]) {
    test(`diff in "${name}" ends with 2`, async () => {
      const other = openScenario(name);
      try {
        const [recorded] = readReplies(name).filter(({ command }) => command === "diff --json");
        expect(recorded?.status).toBe(1);
        expect((await other.ask("diff --json")).status).toBe(2);
      } finally {
        other.remove();
      }
    });
  }
});
