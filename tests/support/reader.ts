// Looks again and again at what has effect at servers, while it comes there: each look asks for what is new since the one before.
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from './server.ts';

/** Of a case: how far it was seen, and the hashes that its records had, in their order. */
interface Seen {
  source: string;
  key: string;
  seq: number;
  hashes: string;
}

/** What is new behind what is known ($1); of a hash enough to know it again. */
const seen = (known: string) => `
  SELECT i.source, i.case_key, coalesce(k.seq, 0), max(i.seq), count(*), (
    SELECT h.seq FROM case_head h WHERE h.source = i.source AND h.case_key = i.case_key),
    string_agg(encode(substr(i.hash, 1, 8), 'hex'), ' ' ORDER BY i.seq)
  FROM inbox i LEFT JOIN json_to_recordset('${known}') AS k(source text, key text, seq bigint)
    ON k.source = i.source AND k.key = i.case_key
  WHERE i.seq > coalesce(k.seq, 0) GROUP BY i.source, i.case_key, k.seq`;

export class Reader {
  readonly wrong: string[] = [];
  /** Of each server, how often it was there to be looked at. */
  readonly looks = new Map<Server, number>();
  private readonly cases = new Map<Server, Map<string, Seen>>();
  private running = true;
  private readonly done: Promise<void>;

  constructor(servers: readonly Server[]) {
    this.done = this.run(servers);
  }

  private async run(servers: readonly Server[]): Promise<void> {
    while (this.running) {
      // Away while the database is.
      for (const server of servers) await this.look(server).catch(() => undefined);
      await delay(50);
    }
  }

  private known(server: Server): Map<string, Seen> {
    const known = this.cases.get(server) ?? new Map<string, Seen>();
    this.cases.set(server, known);
    return known;
  }

  private async look(server: Server): Promise<void> {
    const cases = this.known(server);
    const known = [...cases.values()].map(({ source, key, seq }) => ({ source, key, seq }));
    const rows = await server.sql(seen(JSON.stringify(known)), 5_000);
    this.looks.set(server, (this.looks.get(server) ?? 0) + 1);
    for (const [source = '', key = '', from, top, count, head, hashes = ''] of rows) {
      const name = `${source} ${key}`;
      if (Number(top) - Number(from) !== Number(count))
        this.wrong.push(`${name}: ${count} records from ${from} up to ${top}`);
      if (top !== head) this.wrong.push(`${name}: head at ${head} of ${top}`);
      const before = cases.get(name)?.hashes;
      const all = before === undefined ? hashes : `${before} ${hashes}`;
      cases.set(name, { source, key, seq: Number(top), hashes: all });
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  /** Looks at everything once more, as if nothing had been seen: it is what was seen, and nothing else. Of a reader that stopped. */
  async lookAgain(): Promise<void> {
    for (const [server, before] of [...this.cases]) {
      this.cases.delete(server);
      await this.look(server);
      const now = this.known(server);
      for (const [name, { hashes }] of before) {
        const become = now.get(name)?.hashes ?? '';
        if (!become.startsWith(hashes)) this.wrong.push(`${name}: ${hashes} became ${become}`);
      }
    }
  }
}
