import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one line that people and scripts can read: `tests: N passed, N failed, N skipped`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'pending' ? 'skipped' : state]++;
      }
      // A file that does not load, or a hook that throws, fails without a failed test.
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) count.failed++;
    }
    count.failed += errors.length;
    // After the default reporter's own summary.
    setImmediate(() => {
      console.log(`tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
    });
  }
}
