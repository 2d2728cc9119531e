// A whole Assize in a state directory of its own, as `assize up` runs it, from the build named by ASSIZE_BUILD.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from './ports.ts';
import { childOf, eventually, processes, Program, run, type ProcessInfo } from './processes.ts';
import { request } from './http.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const BUILD = process.env.ASSIZE_BUILD ?? join(ROOT, 'build/release');
/** Not by Debian's wrappers, which take longer than most of what is asked. */
export const POSTGRES_BIN = '/usr/lib/postgresql/15/bin';

export function binary(name: string): string {
  return join(BUILD, 'bin', name);
}

/** Of /proc/PID/stat, a second; the same on every Linux that Debian builds. */
const CLOCK_TICKS = 100;
/** Of a log, in the sentence of a failure. */
const TOLD_CHARS = 8_000;

export type Daemon = 'assized' | 'assize-relay' | 'assize-studio' | 'postgres';

/** The people of the demonstration hearing, by participant number. */
export const PEOPLE = {
  judge: 1,
  clerk: 2,
  counsel: 3,
  detention: 5,
  witness: 6,
  procurator: 7,
  victim: 8,
  official: 9,
} as const;
export type Person = keyof typeof PEOPLE;

/** Part of each name, enough to find its owner on a screen. */
export const NAMES = {
  judge: 'Minh Hạnh',
  clerk: 'Quốc Bảo',
  counsel: 'Hoàng Yến',
  detention: 'Mạnh Cường',
  defendant: 'Văn Tuấn',
  witness: 'Ngọc Lan',
  procurator: 'Đức Thắng',
  victim: 'Thu Phương',
  official: 'Thanh Tùng',
} as const;

export interface Hearing {
  id: string;
  links: Record<Person, string>;
  gallery: string;
}

export class Server {
  readonly state: string;
  readonly port: number;
  readonly mediaPort: number;
  private readonly settings: string[];
  private program: Program;

  private constructor(state: string, port: number, mediaPort: number, settings: string[]) {
    this.state = state;
    this.port = port;
    this.mediaPort = mediaPort;
    this.settings = settings;
    this.program = this.launch();
  }

  /** Its state directory is made in the folder. */
  static async start(
    settings: Record<string, string> = {},
    folder: string = tmpdir(),
  ): Promise<Server> {
    const { port, mediaPort } = await freePorts();
    const state = mkdtempSync(join(folder, 'assize-t-'));
    const sets = Object.entries({
      'listen.port': String(port),
      'media.port': String(mediaPort),
      'web.root': join(ROOT, 'web/dist'),
      'drain.seconds': '2',
      'record.reserve_mb': '16',
      'events.reserve_mb': '16',
      'hearing.procedures': join(ROOT, 'tests/support/procedures'),
      'record.programme': '0', // each hearing left in session would keep a studio busy
      ...settings,
    }).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const server = new Server(state, port, mediaPort, sets);
    await server.ready();
    return server;
  }

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** All that the daemon has logged. */
  log(name: Daemon): string {
    return this.stateFile(`log/${name}.log`);
  }

  get exit(): Promise<number> {
    return this.program.exit;
  }

  private launch(): Program {
    return new Program(binary('assize'), ['up', '--state', this.state, ...this.settings]);
  }

  /** For the sentence of a failure: the studios that run, and in lines of their own what was said last. */
  studiosTold(): string {
    const running = this.studios().map(
      ({ pid, command }) => `${pid} of ${/--hearing (\S+)/.exec(command)?.[1]}`,
    );
    return `${running.join(', ') || 'none runs'}\n${this.log('assized').slice(-TOLD_CHARS)}\n${this.program.tail()}`;
  }

  /** Starts again on the same state directory after stop(). */
  async restart(): Promise<void> {
    this.program = this.launch();
    await this.ready();
  }

  async ready(milliseconds = 30_000): Promise<void> {
    await eventually(`ready\n${this.state}`, milliseconds, async () => {
      if (this.program.exitCode !== undefined) {
        throw new Error(`assize up ended with ${this.program.exitCode}\n${this.program.tail()}`);
      }
      return this.healthy();
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.program.tail()}`);
    });
  }

  async healthy(): Promise<boolean> {
    // A centre speaks only with courts, so its supervisor is asked.
    if (this.settings.includes('role=center')) {
      return this.program.lines().some((line) => line.startsWith('ready '));
    }
    try {
      return (await request(`${this.url}/healthz`)).status === 200;
    } catch {
      return false;
    }
  }

  /** One of the numbers of /metrics; the relay's are up to a second old. */
  async metric(name: string, url = this.url): Promise<number> {
    const { body } = await request(`${url}/metrics`, { from: '127.0.0.1' });
    const line = body
      .toString()
      .split('\n')
      .find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? NaN);
  }

  daemon(name: Daemon): ProcessInfo | undefined {
    return childOf(this.pid, name);
  }

  /** Every studio that runs. */
  studios(): ProcessInfo[] {
    return processes(({ parent, name }) => parent === this.pid && name.startsWith('assize-studio'));
  }

  /** The newest live studio of a hearing. */
  studio(hearing: string): ProcessInfo | undefined {
    return this.studios()
      .filter(({ command }) => command.includes(`--hearing ${hearing}`))
      .sort((one, other) => other.pid - one.pid)[0];
  }

  /** The processor time a daemon has used. */
  cpuSeconds(name: Daemon): number {
    const pid = this.daemon(name)?.pid ?? 0;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return (Number(user) + Number(system)) / CLOCK_TICKS;
  }

  /** The memory a daemon has resident, in MB. */
  residentMb(name: Daemon): number {
    const status = readFileSync(`/proc/${this.daemon(name)?.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Kills a daemon with no warning; returns the pid that is gone. */
  kill(name: Daemon, signal: NodeJS.Signals = 'SIGKILL'): number {
    const daemon = this.daemon(name);
    if (daemon === undefined) {
      throw new Error(`${name} is not running`);
    }
    process.kill(daemon.pid, signal);
    return daemon.pid;
  }

  /** Everything of the server that runs on this state directory. */
  remains(): ProcessInfo[] {
    return processes(
      ({ name, command }) => command.includes(this.state) && !name.startsWith('assize-peer'),
    );
  }

  async assize(...args: string[]): Promise<string> {
    return this.assizeFor(60_000, ...args);
  }

  /** The same for a command that takes its time. */
  async assizeFor(milliseconds: number, ...args: string[]): Promise<string> {
    const { code, output, errors } = await run(
      binary('assize'),
      [...args, '--state', this.state, ...this.settings],
      milliseconds,
    );
    if (code !== 0) {
      throw new Error(`assize ${args.join(' ')} ended with ${code}\n${output}${errors}`);
    }
    return output;
  }

  /** A new demonstration hearing, with links for its people; unless told otherwise, no law stands in its way. */
  async seed(procedure = 'plain'): Promise<Hearing> {
    const made = JSON.parse(
      await this.assize('demo', 'seed', '--new', '--json', '--procedure', procedure),
    ) as {
      hearing: string;
      participants: { participant: number; url: string }[];
      gallery: { url: string };
    };
    const link = (person: Person) =>
      made.participants.find((one) => one.participant === PEOPLE[person])?.url ?? '';
    const links = Object.fromEntries(
      (Object.keys(PEOPLE) as Person[]).map((person) => [person, link(person)]),
    ) as Record<Person, string>;
    return { id: made.hearing, links, gallery: made.gallery.url };
  }

  /** A join link; single-use unless the options say otherwise. */
  async issueLink(hearing: Hearing, person: Person, ...options: string[]): Promise<string> {
    const participant = String(PEOPLE[person]);
    const said = await this.assize(
      ...['link', 'issue', '--hearing', hearing.id, '--participant', participant],
      ...options,
    );
    return said.trim();
  }

  /** A link into the gallery, for as many viewers as the options say. */
  async issueGalleryLink(hearing: Hearing, ...options: string[]): Promise<string> {
    const said = await this.assize(
      ...['link', 'issue', '--hearing', hearing.id, '--gallery'],
      ...options,
    );
    return said.trim();
  }

  async revokeLink(link: string): Promise<void> {
    await this.assize('link', 'revoke', link);
  }

  /** Lets a day go by for every link of the hearing. */
  async expireLinks(hearing: Hearing): Promise<void> {
    await this.sql(
      `UPDATE join_link SET expires_at = now() - interval '1 second' WHERE hearing = '${hearing.id}'`,
    );
  }

  /** Asks the private PostgreSQL, past all of the server's own code. */
  async sql(query: string, milliseconds = 60_000): Promise<string[][]> {
    return this.sqlEach([query], milliseconds);
  }

  /** The same, one after the other in one session, each in a transaction of its own. */
  async sqlEach(queries: string[], milliseconds = 60_000): Promise<string[][]> {
    const { code, output, errors } = await run(
      join(POSTGRES_BIN, 'psql'),
      [
        ...['-h', join(this.state, 'run/pg'), '-U', 'assize', '-d', 'assize'],
        ...['-X', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1'],
        ...queries.flatMap((query) => ['-c', query]),
      ],
      milliseconds,
    );
    if (code !== 0) {
      throw new Error(`psql: ${errors}`);
    }
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }

  /** Ends the supervisor's process without a trace or a test of it. */
  async stop(): Promise<void> {
    const code = await this.program.stop('SIGTERM', 20_000);
    if (code !== 0) {
      throw new Error(`assize up ended with ${code}\n${this.program.tail()}`);
    }
    const remains = this.remains();
    for (const process_ of remains) {
      process.kill(process_.pid, 'SIGKILL');
    }
    if (remains.length > 0) {
      throw new Error(`left behind: ${remains.map((process) => process.command).join('; ')}`);
    }
  }

  /** What a sanitizer said in the logs of the daemons. */
  private sanitizerReports(): string[] {
    return readdirSync(join(this.state, 'log'))
      .flatMap((name) => this.stateFile(join('log', name)).split('\n'))
      .filter((line) => /Sanitizer:|runtime error:/.test(line));
  }

  /** Stops, checks that nothing is left, and removes the state; the log stays where a failure can be read. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
      const reports = this.sanitizerReports();
      if (reports.length > 0) {
        throw new Error(reports.join('\n'));
      }
    } finally {
      const results = join(ROOT, 'test-results');
      if (existsSync(results)) {
        cpSync(join(this.state, 'log'), join(results, `server-${this.port}`), { recursive: true });
      }
      rmSync(this.state, { recursive: true, force: true });
    }
  }

  stateFile(name: string): string {
    return readFileSync(join(this.state, name), 'utf8');
  }
}
