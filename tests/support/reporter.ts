// One line a case, the reason and what was said under a failure or a skipped case, and the counts left in ASSIZE_COUNTS for ./test,
// with a line for each failure and each case that was skipped.
import { writeFileSync } from 'node:fs';
import type {
  FullConfig,
  Reporter,
  Suite,
  TestCase,
  TestError,
  TestResult,
} from '@playwright/test/reporter';
import { TOLD } from './tell.ts';

const SAID_MAX = 8_000; // characters of what a failed case said itself

export default class CountingReporter implements Reporter {
  private passed = 0;
  private failed = 0;
  private failures: string[] = [];
  private skipped: string[] = [];
  private suite: Suite | undefined;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const word = result.status === 'passed' ? 'ok' : result.status;
    const title = test.titlePath().slice(2).join(' › ');
    console.log(`${word.padEnd(8)} ${(result.duration / 1000).toFixed(1).padStart(5)} s  ${title}`);
    for (const { type, description = '' } of result.annotations)
      if (type === TOLD) console.log(indent(description));
    if (result.status === 'passed') {
      this.passed++;
    } else if (result.status === 'skipped') {
      const said = result.annotations.find(({ type }) => type === 'skip')?.description;
      const why = said ?? 'a case before it did not pass';
      this.skipped.push(`${title}: ${why}`);
      console.log(indent(why));
    } else {
      this.failed++;
      this.failures.push(`${title}: ${firstLine(result.errors[0])}`);
      for (const error of result.errors) {
        console.log(indent(error.stack ?? error.message ?? String(error.value)));
      }
      const said = [...result.stdout, ...result.stderr].join('').trimEnd();
      if (said !== '') {
        console.log(indent(said.slice(-SAID_MAX)));
      }
    }
  }

  onError(error: TestError): void {
    this.failed++;
    this.failures.push(firstLine(error));
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
      const lines = [...this.failures, ...this.skipped.map((line) => `SKIPPED ${line}`)];
      writeFileSync(file, [`${this.passed} ${this.failed}`, ...lines, ''].join('\n'));
    }
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '         ');
}

/** What went wrong in few words, without the colours of a terminal. */
function firstLine(error?: TestError): string {
  const text = error?.message ?? error?.value ?? 'no reason given';
  // eslint-disable-next-line no-control-regex
  return (text.replace(/\u001b\[\d+m/g, '').split('\n', 1)[0] ?? '').slice(0, 200);
}
