// Backups: made while everything runs, checked before anything is written, and gone on from without saying a thing twice.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { CaseKind, Instance } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import { CaseStatus } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { Disk } from '../support/disk.ts';
import { Exchange } from '../support/exchange.ts';
import { eventually, run } from '../support/processes.ts';
import { withoutRight } from '../support/rights.ts';
import { binary, Server } from '../support/server.ts';

/** On which ground a centre gives back. */
const BASIS = ['--legal-basis', 'Công văn 12/TA'];

test.describe.configure({ mode: 'serial', timeout: 180_000 });

let exchange: Exchange;
let folder: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assize-t-'));
  exchange = await Exchange.start();
});

test.afterAll(async () => {
  await exchange?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function restore(state: string, file: string, ...more: string[]) {
  const { code, output, errors } = await run(
    binary('assize'),
    ['restore', file, '--state', state, ...more],
    120_000,
  );
  return { code, said: output + errors };
}

/** Everything of the server dies at once, and its state directory is another's from now on. */
async function lose(server: Server): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await eventually('all of it is gone', 20_000, async () => server.remains().length === 0);
  renameSync(server.state, `${server.state}.lost`);
}

function forget(server: Server): void {
  rmSync(`${server.state}.lost`, { recursive: true, force: true });
}

async function write(key: string, title: string): Promise<bigint> {
  return exchange.writeCase(key, 'case_file', {
    case: 'caseFile',
    value: {
      court: 'TAND.01',
      number: '7/2026/TLST-HS',
      kind: CaseKind.CRIMINAL,
      instance: Instance.FIRST,
      title,
      acceptedOn: '2026-02-03',
      status: CaseStatus.ACCEPTED,
    },
  });
}

/** Without the receipts: a centre that was restored gives others. */
function records(lines: string[]): string[] {
  return lines.map((line) => line.split(' ').slice(0, 3).join(' '));
}

async function equivocations(): Promise<string[][]> {
  return exchange.center.sql(
    `SELECT 1 FROM rejection WHERE reason = 'equivocation' UNION ALL
     SELECT 1 FROM organisation WHERE flagged_at IS NOT NULL`,
  );
}

test('a backup is one file that tar opens, for its owner only, and replaces nothing', async () => {
  const file = join(folder, 'first.backup');
  const said = await exchange.court.assize('backup', file);
  expect(said).toContain(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.part`)).toBe(false);
  const { output } = await run('tar', ['-tf', file]);
  for (const name of [
    'database',
    'person.key',
    'tls/exchange-key.pem',
    'tls/key.pem',
    'MANIFEST',
  ]) {
    expect(output.split('\n')).toContain(name);
  }
  await expect(exchange.court.assize('backup', file)).rejects.toThrow('nothing is overwritten');
  const without = join(folder, 'without.backup');
  await exchange.court.assize('backup', without, '--without-database');
  expect((await run('tar', ['-tf', without])).output.split('\n')).not.toContain('database');
  expect((await restore(join(folder, 'nowhere'), without, '--check')).code).toBe(0);
  await run('tar', ['-xf', file, '-C', folder, 'person.key']);
  expect(readFileSync(join(folder, 'person.key'))).toEqual(
    readFileSync(join(exchange.court.state, 'person.key')),
  );
});

test('what is damaged, open to others, or would go over something is not restored', async () => {
  const good = join(folder, 'first.backup');
  const bad = join(folder, 'bad.backup');
  const state = join(folder, 'state');
  expect((await restore(state, good, '--check')).code).toBe(0);
  const size = statSync(good).size;
  for (const at of [700, Math.floor(size / 2), size - 1400]) {
    copyFileSync(good, bad);
    const bytes = readFileSync(bad);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(bad, bytes);
    expect((await restore(state, bad)).code, `byte ${at}`).toBe(6);
  }
  for (const left of [0, 100, size - 3_000]) {
    copyFileSync(good, bad);
    truncateSync(bad, left);
    expect((await restore(state, bad)).code, `${left} bytes`).toBe(6);
  }
  copyFileSync(good, bad);
  chmodSync(bad, 0o644);
  expect((await restore(state, bad)).said).toContain('Others may read');
  expect(existsSync(state)).toBe(false);
  expect((await restore(exchange.court.state, good)).code).toBe(3);
  mkdirSync(state);
  writeFileSync(join(state, 'something'), '');
  expect((await restore(state, good)).said).toContain('not empty');
  expect(readdirSync(state)).toEqual(['something']);
  expect(existsSync(`${state}.new`)).toBe(false);
  rmSync(state, { recursive: true });
});

test('on a disk that fills up nothing is left of it', async () => {
  const disk = await Disk.make(128);
  if (typeof disk === 'string') return withoutRight('mount', disk);
  try {
    await expect(exchange.court.assize('backup', join(disk.folder, 'b'))).rejects.toThrow(
      'disk is full',
    );
    expect(readdirSync(disk.folder)).toEqual([]);
  } finally {
    await disk.remove();
  }
});

test('a database elsewhere is backed up and restored, and never over another', async () => {
  const { court, center } = exchange;
  const file = join(folder, 'first.backup');
  const state = join(folder, 'elsewhere');
  await center.sql('CREATE DATABASE elsewhere');
  const where = `database=host=${center.state}/run/pg user=assize dbname=elsewhere`;
  const restored = await restore(state, file, '--set', where);
  expect(restored.code, restored.said).toBe(0);
  expect(existsSync(join(state, 'pg'))).toBe(false);
  const count = 'SELECT count(*) FROM pg_class';
  const ask = async () =>
    run('psql', ['-h', `${center.state}/run/pg`, '-U', 'assize', '-At', '-c', count, 'elsewhere']);
  const classes = (await ask()).output;
  expect(Number(classes)).toBeGreaterThan(Number((await court.sql(count))[0]?.[0]) - 20);
  const again = await restore(join(folder, 'second'), file, '--set', where);
  expect(again.code).toBe(1);
  expect(again.said).toContain('as it was before');
  expect(existsSync(join(folder, 'second'))).toBe(false);
  expect(existsSync(join(folder, 'second.new'))).toBe(false);
  expect((await ask()).output).toBe(classes);
  const { code, output } = await run(binary('assize'), [
    ...['backup', join(folder, 'elsewhere.backup'), '--state', state, '--set', where],
  ]);
  expect(code).toBe(0);
  expect(output).toContain('the database is elsewhere');
  await center.sql('DROP DATABASE elsewhere');
});

test('a court that goes on from a backup has back what it sent since, and says nothing twice', async () => {
  const { court, center } = exchange;
  const file = join(folder, 'court.backup');
  const returns = join(folder, 'returns.json');
  const { key } = await exchange.fileCase(7);
  const kept = (await exchange.received()).length;
  await court.assize('backup', file);
  await write(key, 'Vụ án sau bản sao lưu');
  await write(key, 'Lần sửa thứ hai');
  await exchange.closed();
  await exchange.settle();
  const before = await exchange.received();
  expect(before).toHaveLength(kept + 3);
  await lose(court);
  const restored = await restore(court.state, file);
  expect(restored.code, restored.said).toBe(0);
  const after = /--after (\d+)/.exec(restored.said)?.[1] ?? '';
  await court.restart();
  expect((await exchange.sent()).length).toBe(kept);
  expect(await court.assize('status')).toContain(`take-back\` (after batch ${after})`);
  // Somebody works on before the centre was asked: it waits.
  await write(key, 'Sau khi khôi phục');
  await exchange.closed();
  await new Promise((done) => setTimeout(done, 3_000));
  expect(await exchange.received()).toEqual(before);
  const giveBack = ['exchange', 'returns', 'DEMO', '--after', after, '--to', returns];
  await expect(center.assize(...giveBack)).rejects.toThrow('--legal-basis');
  expect(existsSync(returns)).toBe(false);
  await center.assize(...giveBack, ...BASIS);
  expect(statSync(returns).mode & 0o777).toBe(0o600);
  await expect(center.assize(...giveBack, ...BASIS)).rejects.toThrow('is there already');
  const { records } = JSON.parse(readFileSync(returns, 'utf8')) as {
    records: { case_key: string }[];
  };
  expect(
    await center.sql(
      `SELECT l.organisation, l.service, l.method, l.purpose, l.legal_basis,
         string_agg(s.source || ' ' || s.case_key, ',' ORDER BY s.case_key)
       FROM access_log l JOIN access_subject s ON s.access = l.id
       WHERE l.purpose = 'restore' GROUP BY l.id ORDER BY l.id LIMIT 1`,
    ),
  ).toEqual([
    [
      'CENTER',
      'exchange',
      'Returns',
      'restore',
      BASIS[1],
      [...new Set(records.map((one) => `DEMO ${one.case_key}`))].sort().join(','),
    ],
  ]);
  const wrong = join(folder, 'wrong.json');
  writeFileSync(wrong, readFileSync(returns, 'utf8').replace('"DEMO"', '"VN.KHAC"'));
  await expect(court.assize('exchange', 'take-back', wrong)).rejects.toThrow('is not what');
  const all = join(folder, 'all.json');
  await center.assize('exchange', 'returns', 'DEMO', '--after', '0', '--to', all, ...BASIS);
  await expect(court.assize('exchange', 'take-back', all)).rejects.toThrow(
    `assize exchange returns DEMO --after ${after} --legal-basis TEXT --to`,
  );
  expect(await court.assize('exchange', 'take-back', returns)).toMatch(
    /taken back: 3 records; renumbered: 2; only at the centre, of cases that are not here: 0/,
  );
  expect(await court.assize('status')).not.toContain('take-back');
  await exchange.settle();
  const now = await exchange.received();
  expect(now.filter((line) => before.includes(line))).toEqual(before);
  expect(now).toHaveLength(kept + 5);
  expect(now.map((line) => Number(line.split(' ')[1]))).toEqual(now.map((_, i) => i + 1));
  expect(await exchange.sent()).toEqual(now);
  expect(await equivocations()).toEqual([]);
  await expect(court.assize('exchange', 'take-back', returns)).rejects.toThrow('nothing was');
  await write(key, 'Về sau');
  await exchange.closed();
  await exchange.settle();
  expect(await equivocations()).toEqual([]);
  forget(court);
});

test('a court whose database went back by other tools notices, and sends nothing before it has all back', async () => {
  const { court, center } = exchange;
  const [kept, data] = [join(folder, 'pg'), join(court.state, 'pg')];
  const returns = join(folder, 'went-back.json');
  const { key } = await exchange.fileCase(8);
  await exchange.closed();
  await exchange.settle();
  await court.stop();
  await run('cp', ['-a', data, kept]);
  await court.restart();
  await write(key, 'Sau bản sao');
  await exchange.closed();
  await exchange.settle();
  const before = await exchange.received();
  await court.stop();
  await run('rm', ['-r', data]);
  await run('mv', [kept, data]);
  await court.restart();
  await write(key, 'Sau khi trở về');
  await exchange.closed();
  const after = await eventually(
    'it says so',
    30_000,
    async () => /take-back` \(after batch (\d+)\)/.exec(await court.assize('status'))?.[1],
  );
  expect(await exchange.received()).toEqual(before);
  await center.assize(
    ...['exchange', 'returns', 'DEMO', '--after', after, '--to', returns],
    ...BASIS,
  );
  await court.assize('exchange', 'take-back', returns);
  await exchange.settle();
  const now = await exchange.received();
  expect(now.filter((line) => before.includes(line))).toEqual(before);
  expect(now).toHaveLength(before.length + 2);
  expect(await exchange.sent()).toEqual(now);
  expect(await equivocations()).toEqual([]);
});

test('a centre that goes on from a backup is sent again what it lost', async () => {
  const { center } = exchange;
  const file = join(folder, 'center.backup');
  await center.assize('backup', file);
  const { output } = await run('tar', ['-tf', file]);
  expect(output.split('\n')).toContain('tls/ca-key.pem');
  for (let i = 0; i < 3; i++) await exchange.closed();
  await exchange.settle();
  const before = records(await exchange.received());
  await lose(center);
  await exchange.closed();
  const restored = await restore(center.state, file);
  expect(restored.code, restored.said).toBe(0);
  expect(restored.said).toContain('send again');
  await center.restart();
  await exchange.settle();
  await eventually('it has all of it again', 30_000, async () => {
    const now = records(await exchange.received());
    return before.every((line) => now.includes(line)) && now.length === before.length + 1;
  });
  expect(await equivocations()).toEqual([]);
  const now = records(await exchange.received());
  expect(records(await exchange.sent()).every((line) => now.includes(line))).toBe(true);
  forget(center);
});
