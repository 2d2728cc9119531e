// A database that somebody else runs: one that may lose what it has acknowledged is not used, neither from the start nor when it
// comes back so, and whoever runs the server is told what to set. Where it has a standby that it waits for, so does a receipt.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { refusedField } from '../support/cases.ts';
import {
  admitTo,
  callExchange,
  merkleRoot,
  packBatch,
  packed,
  record,
  follow,
  type Identity,
} from '../support/exchange.ts';
import { eventually, run } from '../support/processes.ts';
import { binary, POSTGRES_BIN, Server } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 120_000 });

const POSTGRES = join(POSTGRES_BIN, 'postgres');
const LOSING = [
  ['fsync', 'on'],
  ['full_page_writes', 'on'],
  ['synchronous_commit', 'on'],
] as const;

/** Whose cluster it is that another operator runs. */
let owner: Server;
let elsewhere: ChildProcess | undefined;
let standby: ChildProcess | undefined;
let center: Server | undefined;

/** Whoever the files of the cluster belong to. */
const keeper = () => {
  const { uid, gid } = statSync(join(owner.state, 'pg/data'));
  return { uid, gid };
};

/** PostgreSQL as it is without our settings; its socket is in the other folder. */
async function postgres(data: string, sockets: string, ...more: string[]): Promise<ChildProcess> {
  const child = spawn(POSTGRES, ['-D', data, '-k', sockets, '-c', 'listen_addresses=', ...more], {
    ...{ stdio: 'ignore', cwd: '/' },
    ...(process.getuid?.() === 0 && keeper()),
  });
  await eventually('the other database answers', 30_000, async () => {
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
    return ask(sockets, 'SELECT 1').catch(() => undefined);
  });
  return child;
}

async function ask(sockets: string, query: string): Promise<string> {
  const words = ['-h', sockets, '-U', 'assize', '-d', 'assize', '-XAtc', query];
  const { code, output, errors } = await run(join(POSTGRES_BIN, 'psql'), words);
  if (code !== 0) throw new Error(`psql: ${errors}`);
  return output.trim();
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  const ended = child.exitCode !== null || child.signalCode !== null ? [] : once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** On what a private database was. */
async function serve(): Promise<ChildProcess> {
  for (const folder of [owner.state, join(owner.state, 'run')]) chmodSync(folder, 0o711);
  return postgres(join(owner.state, 'pg/data'), join(owner.state, 'run/pg'));
}

/** The folder of a copy of that cluster, which follows it when it is started. */
async function copy(): Promise<string> {
  const folder = join(owner.state, 'standby');
  appendFileSync(join(owner.state, 'pg/data/pg_hba.conf'), 'local replication assize trust\n');
  await owner.sql('SELECT pg_reload_conf()');
  mkdirSync(folder, { mode: 0o700 });
  const { code, errors } = await run(join(POSTGRES_BIN, 'pg_basebackup'), [
    ...['-h', join(owner.state, 'run/pg'), '-U', 'assize', '-D', folder],
    ...['--write-recovery-conf', '--checkpoint=fast', '--wal-method=stream'],
  ]);
  expect(code, errors).toBe(0);
  if (process.getuid?.() === 0) {
    const { uid, gid } = keeper();
    await run('chown', ['-R', `${uid}:${gid}`, folder]);
  }
  return folder;
}

test.beforeAll(async () => {
  owner = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  await owner.stop();
  elsewhere = await serve();
});

test.afterAll(async () => {
  await center?.dispose();
  if (standby !== undefined) await end(standby);
  if (elsewhere !== undefined) await end(elsewhere);
  await owner?.dispose();
});

async function set(words: string): Promise<void> {
  await owner.sqlEach([`ALTER SYSTEM ${words}`, 'SELECT pg_reload_conf()']);
}

const settings = () => ({
  role: 'center',
  'exchange.organisation': 'CENTER',
  database: `host=${owner.state}/run/pg user=assize dbname=assize`,
});

test('a database that may lose what it acknowledged is not started with, and what to set is said', async () => {
  for (const [name, good] of LOSING) {
    await set(`SET ${name} = off`);
    const state = join(owner.state, 'refused');
    const { code, output, errors } = await run(binary('assize'), [
      ...['up', '--state', state],
      ...Object.entries(settings()).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ]);
    expect(code, output + errors).toBe(4);
    expect(errors).toContain('database_unsafe');
    expect(errors).toContain(`Set ${name} = ${good} there`);
    for (const [other] of LOSING) {
      if (other !== name) expect(errors).not.toContain(`${other} =`);
    }
    await set(`RESET ${name}`);
  }
});

test('one that comes back so acknowledges nothing until it is set right', async () => {
  center = await Server.start(settings());
  const identity = await admitTo(center, 'VN.TOA1');
  const first = follow(record(1n));
  const push = (batchNo: bigint, by: Identity) =>
    callExchange(center?.url ?? '', 'Push', packBatch(batch(batchNo), by), by);
  const batch = (batchNo: bigint) => ({ source: 'VN.TOA1', batchNo, records: [first] });
  expect((await push(1n, identity)).status).toBe(200);
  await set('SET fsync = off');
  await owner.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  await eventually('it says so', 20_000, () =>
    /database\.unsafe used=false set="?fsync = on/.test(center?.log('assized') ?? ''),
  );
  const refused = await push(1n, identity);
  expect(refused.status).toBe(503);
  expect(refusedField(refused)).toMatchObject({ connectCode: 'unavailable' });
  await set('RESET fsync');
  await eventually('it goes on', 20_000, async () => (await push(1n, identity)).status === 200);
});

test('a receipt waits for the standby that the database waits for, and what has one is on its disk', async () => {
  const url = center?.url ?? '';
  const identity = await admitTo(center as Server, 'VN.TOA2');
  const first = follow(record(1n));
  const second = follow(record(2n), first);
  const prevRoot = merkleRoot([packed(first)]);
  const push = (words: Parameters<typeof packBatch>[0]) =>
    callExchange(url, 'Push', packBatch(words, identity), identity);
  const folder = await copy();
  const there = `SELECT coalesce(max(seq), 0) FROM inbox WHERE source = 'VN.TOA2'`;
  standby = await postgres(folder, folder);
  await set(`SET synchronous_standby_names = '*'`);
  await eventually(
    'the standby is waited for',
    30_000,
    async () => (await owner.sql('SELECT sync_state FROM pg_stat_replication'))[0]?.[0] === 'sync',
  );
  expect((await push({ source: 'VN.TOA2', batchNo: 1n, records: [first] })).status).toBe(200);
  await end(standby, 'SIGKILL');
  standby = await postgres(folder, folder, '-c', 'primary_conninfo='); // it has what it had
  expect(await ask(folder, there)).toBe('1');
  await end(standby);

  let answered = false;
  const batch = { source: 'VN.TOA2', batchNo: 2n, records: [second], prevRoot };
  const waiting = push(batch).finally(() => (answered = true));
  await eventually('its commit waits', 30_000, async () => {
    const waits = `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query ~ 'exchange_apply'`;
    return (await owner.sql(waits))[0]?.[0] === '1';
  });
  expect(answered).toBe(false);
  standby = await postgres(folder, folder);
  expect((await waiting).status).toBe(200);
  expect(await owner.sql(there)).toEqual([['2']]);
  await end(standby, 'SIGKILL');
  standby = await postgres(folder, folder, '-c', 'primary_conninfo=');
  expect(await ask(folder, there)).toBe('2');
  await set('RESET synchronous_standby_names');
});

test('one of which it is said that it may lose is used, and each connection warns', async () => {
  await owner.sqlEach([
    'ALTER DATABASE assize SET synchronous_commit = off',
    'ALTER DATABASE assize SET assize.may_lose = on',
  ]);
  center?.kill('assized');
  await eventually('it warns', 20_000, () =>
    /database\.unsafe used=true set="?synchronous_commit = on/.test(center?.log('assized') ?? ''),
  );
});
