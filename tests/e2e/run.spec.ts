// ./run as a person uses it: one command, an address and links, Ctrl-C.
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePorts } from '../support/ports.ts';
import { eventually, processes, Program } from '../support/processes.ts';

const RUN = resolve(import.meta.dirname, '../../run');
const AGAIN_MS = 5_000;

let state: string;
let port: string;

test.beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'assize-run-'));
  port = String((await freePorts()).port);
});

test.afterAll(() => rmSync(state, { recursive: true, force: true }));

function start(...options: string[]): Program {
  return new Program(RUN, ['--port', port, ...options], { ASSIZE_STATE: state });
}

function expectNothingLeft(): void {
  expect(processes((process) => process.command.includes(state))).toEqual([]);
}

test('checks itself with --once and leaves nothing behind', async () => {
  const program = start('--once', '--fresh');
  const code = await program.end(90_000);
  const last = program.lines().at(-1) ?? '';
  expect(code, program.tail()).toBe(0);
  const said = JSON.parse(last) as {
    ok: boolean;
    ready_s: number;
    packets: number;
    record_bytes: number;
    verified: boolean;
    receipt: boolean;
  };
  expect(said.ok).toBe(true);
  expect(said.ready_s).toBeGreaterThan(0);
  expect(said.packets).toBeGreaterThan(0);
  expect(said.record_bytes).toBeGreaterThan(0);
  expect(said.verified).toBe(true);
  expect(said.receipt).toBe(true);
  expectNothingLeft();
});

test('is ready again in under five seconds, prints the links and stops at Ctrl-C', async () => {
  const began = performance.now();
  const program = start();
  await eventually('ready', 30_000, () => program.output.includes('Ctrl-C stops everything'));
  expect(performance.now() - began).toBeLessThan(AGAIN_MS);
  for (const label of [
    'Presiding judge',
    'Clerk',
    'Defence counsel',
    'Detention site',
    'Witness',
  ]) {
    expect(program.output).toContain(label);
  }
  expect(program.output.match(new RegExp(`https://localhost:${port}/join#`, 'g'))).toHaveLength(5);
  expect(await program.stop('SIGINT', 15_000)).toBe(0);
  expectNothingLeft();
});

test('says what to do when its port is taken, and ends', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(Number(port), '127.0.0.1', done));
  const program = start('--once');
  const code = await program.end(20_000);
  other.close();
  expect(code).not.toBe(0);
  expect(program.errors).toContain(`TCP port ${port} is taken`);
  expect(program.errors).toContain('--port');
  expect(JSON.parse(program.lines().at(-1) ?? '')).toMatchObject({ ok: false });
  expectNothingLeft();
});
