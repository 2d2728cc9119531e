// Starting, watching and ending processes. Nothing a test starts may outlive it.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessInfo {
  pid: number;
  parent: number;
  name: string;
  command: string;
}

/** Every process whose command line satisfies the test. */
export function processes(matches: (process: ProcessInfo) => boolean): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) {
      continue;
    }
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const close = stat.lastIndexOf(')');
      const [state, parent] = stat.slice(close + 2).split(' ');
      const info = {
        pid: Number(entry),
        parent: Number(parent),
        name: stat.slice(stat.indexOf('(') + 1, close),
        command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
      };
      if (state !== 'Z' && matches(info)) {
        found.push(info);
      }
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

/** The direct child of a process with this program name, or undefined. */
export function childOf(parent: number, name: string): ProcessInfo | undefined {
  return processes((process) => process.parent === parent && process.name.startsWith(name))[0];
}

/** Asks until the answer is neither undefined nor false, and fails with the sentence when time is up; one that tells how things
 * stand is made then. */
export async function eventually<T>(
  what: string | (() => string),
  milliseconds: number,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer as Exclude<T, undefined | false>;
    }
    if (performance.now() > end) {
      throw new Error(`not within ${milliseconds} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await delay(20);
  }
}

/** A program with its output collected. */
export class Program {
  readonly file: string;
  readonly args: string[];
  readonly child: ChildProcess;
  readonly exit: Promise<number>;
  output = '';
  errors = '';
  private code: number | undefined;

  constructor(file: string, args: string[], environment: NodeJS.ProcessEnv = {}) {
    this.file = file;
    this.args = args;
    this.child = spawn(file, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.exit = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve((this.code = code ?? signalCode(signal))));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get exitCode(): number | undefined {
    return this.code;
  }

  /** The whole lines of standard output so far. */
  lines(): string[] {
    return this.output.split('\n').slice(0, -1);
  }

  /** Waits for the end; a program that does not end in time is killed and fails the test. */
  async end(milliseconds: number): Promise<number> {
    const late = delay(milliseconds, undefined, { ref: false }).then(() => undefined);
    const code = await Promise.race([this.exit, late]);
    if (code === undefined) {
      this.child.kill('SIGKILL');
      await this.exit;
      throw new Error(`${this.file} ${this.args.join(' ')} did not end\n${this.tail()}`);
    }
    return code;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', milliseconds = 10_000): Promise<number> {
    this.child.kill(signal);
    return this.end(milliseconds);
  }

  tail(): string {
    return (this.output.slice(-2000) + this.errors.slice(-4000)).trim();
  }
}

function signalCode(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 137 : signal === 'SIGTERM' ? 143 : 128;
}

/** Runs a program to its end; output is what it said on standard output. */
export async function run(
  file: string,
  args: string[],
  milliseconds = 60_000,
): Promise<{ code: number; output: string; errors: string }> {
  const program = new Program(file, args);
  const code = await program.end(milliseconds);
  return { code, output: program.output, errors: program.errors };
}
