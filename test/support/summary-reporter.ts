import type { Reporter, TestModule } from "vitest/node";

/**
 * Closes a run with one plain line, `N passed, N failed, N skipped`. Before it stands what was skipped, and
 * last what failed and why: of a log of which only the end is seen that is what one looks for.
 */
class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    const failed: string[] = [];
    for (const module of modules) {
      const file = module.relativeModuleId;
      const tests = [...module.children.allTests()];
      if (module.state() === "failed" && tests.length === 0) counts.failed += 1; // did not load
      failed.push(...module.errors().map(({ message }) => `${file}: ${firstLine(message)}`));
      for (const test of tests) {
        const { state, errors = [] } = test.result();
        counts[state] += 1;
        const name = `${file} > ${test.fullName}`;
        if (state === "skipped") skipped.push(name);
        else if (state === "pending") failed.push(`${name}: did not end`);
        failed.push(...errors.map(({ message }) => `${name}: ${firstLine(message)}`));
      }
    }
    for (const name of skipped) process.stdout.write(`SKIPPED ${name}\n`);
    for (const name of failed) process.stdout.write(`FAILED ${name}\n`);
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed + counts.pending} failed, ${counts.skipped} skipped\n`,
    );
  }
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0]!;
}

export default SummaryReporter;
