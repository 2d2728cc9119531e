// The server as a process: one state directory, one configuration, a clean end.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { Courtroom, expect, must, test } from '../support/fixtures.ts';
import { run } from '../support/processes.ts';
import { binary, Server } from '../support/server.ts';

test('says so when a second one is started on the same state directory', async ({ server }) => {
  const second = await run(binary('assize'), ['up', '--state', server.state]);
  expect(second.code).not.toBe(0);
  expect(second.errors).toContain(server.state);
  expect(second.errors).toMatch(/already|runs/);
  expect(await server.healthy()).toBe(true);
});

test('keeps the descriptors that its operator allows', async ({ server }) => {
  const soft = (pid: number | string) =>
    Number(/Max open files +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);
  expect(soft(server.daemon('assized')?.pid ?? 0)).toBeGreaterThanOrEqual(soft('self'));
});

test('refuses an unknown option with its file and line', async () => {
  const state = mkdtempSync(join(tmpdir(), 'assize-t-'));
  writeFileSync(join(state, 'assize.conf'), 'listen = {\n  port = 9443;\n  prot = 1;\n};\n');
  const { code, errors } = await run(binary('assize'), ['up', '--state', state]);
  expect(code).not.toBe(0);
  expect(errors).toMatch(/assize\.conf:3/);
  expect(errors).toContain('listen.prot');
  rmSync(state, { recursive: true });
});

test('refuses a value out of its range', async () => {
  const state = mkdtempSync(join(tmpdir(), 'assize-t-'));
  const { code, errors } = await run(binary('assize'), [
    ...['up', '--state', state],
    ...['--set', 'listen.port=70000'],
  ]);
  expect(code).not.toBe(0);
  expect(errors).toContain('listen.port');
  rmSync(state, { recursive: true });
});

test('does not make a damaged secret anew, and says which it is', async () => {
  const state = mkdtempSync(join(tmpdir(), 'assize-t-'));
  writeFileSync(join(state, 'person.key'), 'what is left of it\n');
  const { code, errors } = await run(binary('assize'), ['up', '--state', state]);
  expect(code).not.toBe(0);
  expect(errors).toContain(join(state, 'person.key'));
  expect(readFileSync(join(state, 'person.key'), 'utf8')).toBe('what is left of it\n');
  rmSync(state, { recursive: true });
});

test('tells its clients to come back, leaves with 1001, and knows everything when it is up again', async () => {
  const server = await Server.start();
  const courtroom = new Courtroom(server, await server.seed());
  const judge = await courtroom.arrive('judge');
  const seq = must(await judge.command({ case: 'start', value: {} }));
  const began = performance.now();
  const [code] = await Promise.all([judge.closed(), server.stop()]);
  expect(code).toBe(1001);
  expect(judge.all('reconnect')[0]?.afterMs).toBeGreaterThan(0);
  expect(performance.now() - began).toBeLessThan(8_000);
  await server.restart();
  const back = await courtroom.connect('judge');
  expect(back.snapshot.seq).toBeGreaterThanOrEqual(seq);
  expect(back.snapshot.hearing?.status).toBe(Status.IN_SESSION);
  courtroom.leave();
  await server.dispose();
});
