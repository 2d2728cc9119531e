// One line a case, the reason and what was said under a failure, and the counts left in ASSIZE_COUNTS for ./test.
import { writeFileSync } from 'node:fs';
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';

const SAID_MAX = 8_000; // characters of what a failed case said itself

export default class CountingReporter implements Reporter {
  private passed = 0;
  private failed = 0;
  private suite: Suite | undefined;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const word = result.status === 'passed' ? 'ok' : result.status;
    const title = test.titlePath().slice(2).join(' › ');
    console.log(`${word.padEnd(8)} ${(result.duration / 1000).toFixed(1).padStart(5)} s  ${title}`);
    if (result.status === 'passed') {
      this.passed++;
    } else if (result.status !== 'skipped') {
      this.failed++;
      for (const error of result.errors) {
        console.log(indent(error.stack ?? error.message ?? String(error.value)));
      }
      const said = [...result.stdout, ...result.stderr].join('').trimEnd();
      if (said !== '') {
        console.log(indent(said.slice(-SAID_MAX)));
      }
    }
  }

  onError(error: { message?: string; stack?: string }): void {
    this.failed++;
    console.log(indent(error.stack ?? error.message ?? 'unknown error'));
  }

  onEnd(): void {
    // A case that never ran because its fixture failed counts as failed.
    const ran = this.passed + this.failed;
    const planned =
      this.suite?.allTests().filter((test) => test.outcome() !== 'skipped').length ?? 0;
    this.failed += Math.max(0, planned - ran);
    const file = process.env.ASSIZE_COUNTS;
    if (file !== undefined) {
      writeFileSync(file, `${this.passed} ${this.failed}\n`);
    }
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '         ');
}
