// The C peer as a program: people who send and receive real media without a browser.
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { eventually, Program, run } from './processes.ts';
import { binary, type Server } from './server.ts';
import { token } from './session.ts';

/** What a peer writes: one JSON object a line. */
interface Line {
  event: string;
  packets_in?: number;
  streams?: { mid: string; packets: number }[];
  slots?: Record<string, Occupant>;
}

/** Who or what is in a receiving m-line: an endpoint, what somebody shows, or a feed. */
type Occupant = number | 'share' | 'programme' | 'record';
type Wish = '--programme' | '--listen' | '--share' | '--share-unasked';

/** How the person of a join link is told to a subcommand. */
export function personOf(server: Server, link: string): string[] {
  const certificate = join(server.state, 'tls/cert.pem');
  return ['--url', server.url, '--token', token(link), '--cert', certificate];
}

/** A participant that sends and receives, and comes back by itself. */
export class Peer {
  readonly program: Program;

  constructor(server: Server, link: string, media?: 'detention' | 'victim', wishes: Wish[] = []) {
    const sends = media === undefined ? [] : ['--media', media];
    const args = ['sim', ...personOf(server, link), ...sends, '--stats', ...wishes];
    this.program = new Program(binary('assize-peer'), args);
  }

  private lines(): Line[] {
    return this.program.lines().map((line) => JSON.parse(line) as Line);
  }

  /** What is in its receiving m-lines, by mid. */
  get slots(): Record<string, Occupant> {
    return this.lines().findLast((line) => line.event === 'slots')?.slots ?? {};
  }

  /** The m-line in which it is shown what somebody shares. */
  get shareSlot(): string | undefined {
    return Object.entries(this.slots).find(([, occupant]) => occupant === 'share')?.[0];
  }

  count(event: string): number {
    return this.lines().filter((line) => line.event === event).length;
  }

  /** Packets of all its media connections, which each count from nothing; of m-lines whose mid begins so. */
  packets(medium = ''): number {
    let sum = 0;
    let before = 0;
    for (const { streams } of this.lines().filter((line) => line.event === 'stats')) {
      const now = (streams ?? [])
        .filter(({ mid }) => mid.startsWith(medium))
        .reduce((total, { packets }) => total + packets, 0);
      sum += now >= before ? now - before : now;
      before = now;
    }
    return sum;
  }

  /** Waits until so many more media packets have come than now. */
  async receives(milliseconds: number, more = 50, medium = ''): Promise<void> {
    const before = this.packets(medium);
    await eventually(
      'media arrives',
      milliseconds,
      () => this.packets(medium) >= before + more,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.program.tail()}`);
    });
  }

  /** No packet of this medium comes for two whole seconds. */
  async isSilent(medium = ''): Promise<boolean> {
    await delay(1_100);
    const before = this.packets(medium);
    await delay(2_100);
    return this.packets(medium) === before;
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}

/** Runs a subcommand to its end; summary is its last line. */
export async function peer(
  args: string[],
  milliseconds = 30_000,
): Promise<{ code: number; summary: Record<string, unknown>; errors: string }> {
  const { code, output, errors } = await run(binary('assize-peer'), args, milliseconds);
  const last = output.trim().split('\n').at(-1) ?? '';
  const summary = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {};
  return { code, summary, errors };
}
