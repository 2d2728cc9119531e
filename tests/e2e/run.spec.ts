// ./run as a person uses it: one command, an address and links, Ctrl-C.
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { Standing, Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { DEFENDANT } from '../support/identity.ts';
import { Participant } from '../support/participant.ts';
import { freePorts } from '../support/ports.ts';
import { eventually, processes, Program } from '../support/processes.ts';
import { PEOPLE } from '../support/server.ts';

const RUN = resolve(import.meta.dirname, '../../run');
const AGAIN_MS = 5_000;
const QUESTIONING = 4; // of the phases of a criminal trial
const LABELS = [
  'Presiding judge',
  'Clerk',
  'Procurator',
  'Defence counsel',
  'Detention site',
  'Victim',
  'Witness',
  'official',
];

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

/** The link that is printed under this label. */
function linkOf(program: Program, label: string): string {
  return new RegExp(`· .*${label}.*\n +(https://\\S+)`).exec(program.output)?.[1] ?? '';
}

function sitDown(program: Program, label: string): Promise<Participant> {
  return Participant.join(`https://localhost:${port}`, linkOf(program, label));
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

test('opens in the middle of a criminal trial, and keeps every seat filled', async () => {
  const program = start();
  await eventually('ready', 30_000, () => program.output.includes('Ctrl-C stops everything'));
  const judge = await sitDown(program, 'Presiding judge');
  const { hearing, participants } = judge.snapshot;
  expect(hearing).toMatchObject({ status: Status.IN_SESSION, phase: QUESTIONING });
  expect(hearing?.floorHolder).toBe(DEFENDANT);
  expect(hearing?.floorQueue).toEqual([PEOPLE.counsel, PEOPLE.victim]);
  expect(hearing?.quorum.filter(({ met }) => !met)).toEqual([]);
  const person = (id: number) => participants.find((one) => one.id === id);
  expect(person(DEFENDANT)).toMatchObject({ identified: true, attestedOfficer: true });
  expect(person(PEOPLE.witness)).toMatchObject({ standing: Standing.SEQUESTERED });
  expect(judge.snapshot.words.map(({ words }) => words).join()).toContain('căn cước');

  // The one who presides closes the browser: the session pauses as the law has it, until the seat is filled again.
  const clerk = await sitDown(program, 'Clerk');
  judge.socket.terminate();
  const paused = await clerk.event('paused', 0n, 60_000);
  await clerk.event('resumed', paused, 60_000);
  clerk.socket.close();
  expect(await program.stop('SIGINT', 15_000)).toBe(0);
  expectNothingLeft();
});

test('is ready again in under five seconds, prints the links and stops at Ctrl-C', async () => {
  const began = performance.now();
  const program = start();
  await eventually('ready', 30_000, () => program.output.includes('Ctrl-C stops everything'));
  expect(performance.now() - began).toBeLessThan(AGAIN_MS);
  for (const label of LABELS) {
    expect(linkOf(program, label)).toContain(`https://localhost:${port}/join#`);
  }
  expect(linkOf(program, 'Public gallery')).toContain(`https://localhost:${port}/gallery#`);
  for (const login of ['thuky', 'thamphan', 'canbo', 'quantri']) {
    expect(program.output).toMatch(new RegExp(`${login}, [a-z0-9-]{19}`));
  }
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
