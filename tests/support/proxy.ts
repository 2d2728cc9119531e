// A way over TCP that can be cut in the middle of whatever goes by.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** What is counted. to: what is sent to the target; from: what it answers. */
export const DIRECTIONS = ['both', 'to', 'from'] as const;
type Counted = (typeof DIRECTIONS)[number];
type Direction = Exclude<Counted, 'both'>;

export class Proxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Bytes that may still pass in the direction that counts, or in both together; after them every connection is reset. */
  private left = Infinity;
  private counts: Counted = 'both';
  /** How often cutAfter did cut, by what it counted. */
  readonly cuts: Record<Counted, number> = { both: 0, to: 0, from: 0 };
  private stalled = false;

  private constructor(target: number) {
    this.server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      this.carry(near, far, 'to');
      this.carry(far, near, 'from');
    });
  }

  static async to(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Cuts after so many bytes more, once. */
  cutAfter(bytes: number, counts: Counted = 'both'): void {
    this.left = bytes;
    this.counts = counts;
  }

  /** Takes connections, and carries nothing until it flows again. */
  stall(stalled: boolean): void {
    this.stalled = stalled;
    for (const socket of this.sockets)
      if (stalled) socket.pause();
      else socket.resume();
  }

  private carry(from: Socket, to: Socket, direction: Direction): void {
    this.sockets.add(from);
    from.on('data', (data) => {
      if (this.counts !== 'both' && this.counts !== direction) {
        to.write(data);
        return;
      }
      if (data.length > this.left) {
        to.write(data.subarray(0, this.left));
        this.cuts[this.counts]++;
        this.cut();
        return;
      }
      this.left -= data.length;
      to.write(data);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    if (this.stalled) from.pause();
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroySoon();
    });
  }

  private cut(): void {
    this.left = Infinity;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
