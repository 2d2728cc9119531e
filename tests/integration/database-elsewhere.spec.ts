// A database that somebody else runs: one that may lose what it has acknowledged is not used, neither from the start nor when it
// comes back so, and whoever runs the server is told what to set.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { refusedField } from '../support/cases.ts';
import {
  admitTo,
  callExchange,
  packBatch,
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
let center: Server | undefined;

/** PostgreSQL as it is without our settings, on what a private database was. */
async function serve(): Promise<ChildProcess> {
  const data = join(owner.state, 'pg/data');
  const { uid, gid } = statSync(data);
  for (const folder of [owner.state, join(owner.state, 'run')]) chmodSync(folder, 0o711);
  const child = spawn(
    POSTGRES,
    ['-D', data, '-k', join(owner.state, 'run/pg'), '-c', 'listen_addresses='],
    { stdio: 'ignore', cwd: '/', ...(process.getuid?.() === 0 && { uid, gid }) },
  );
  await eventually('the other database answers', 30_000, async () => {
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
    return owner.sql('SELECT 1').catch(() => undefined);
  });
  return child;
}

test.beforeAll(async () => {
  owner = await Server.start({ role: 'center', 'exchange.organisation': 'CENTER' });
  await owner.stop();
  elsewhere = await serve();
});

test.afterAll(async () => {
  await center?.dispose();
  if (elsewhere !== undefined) {
    elsewhere.kill('SIGINT');
    if (elsewhere.exitCode === null) await once(elsewhere, 'exit');
  }
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
