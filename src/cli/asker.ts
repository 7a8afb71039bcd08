import { createInterface, type Interface } from "node:readline/promises";

export type Input = NodeJS.ReadableStream & Readonly<{ isTTY?: boolean }>;

/** Asks a person questions of yes or no. An input that is no terminal, or that ends, says no. */
export type Asker = Readonly<{
  confirm(question: string): Promise<boolean>;
  close(): void;
}>;

export function createAsker(
  stdin: (() => Input) | undefined,
  output: Readonly<{ write(text: string): unknown }>,
  signal: AbortSignal,
): Asker {
  let reader: Interface | undefined; // one for all questions: it may hold answers typed ahead
  let lines: AsyncIterator<string> | undefined;
  return {
    async confirm(question) {
      const input = stdin?.();
      if (input?.isTTY !== true) return false;
      reader ??= createInterface({ input, signal });
      lines ??= reader[Symbol.asyncIterator]();
      output.write(`${question} [y/n] `);
      for (;;) {
        const { value, done } = await lines.next();
        const answer = done === true ? "no" : value.trim().toLowerCase();
        if (["y", "yes"].includes(answer)) return true;
        if (["n", "no"].includes(answer)) return false;
        output.write("Answer yes or no: ");
      }
    },
    close: () => reader?.close(),
  };
}
