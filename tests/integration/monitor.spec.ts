// What the people of a centre see of the exchange: counted as it happens, told on as a stream, and only to them.
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from '@playwright/test';
import { SourceState, type Source } from '../../web/src/gen/assize/monitor/v1/monitor_pb.js';
import { clientsOf } from '../support/cases.ts';
import { Exchange, follow, record, type Identity } from '../support/exchange.ts';
import { monitorOf, watcher, type Monitor } from '../support/monitor.ts';
import { request } from '../support/http.ts';
import { eventually, run } from '../support/processes.ts';
import { refused } from '../support/session.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

let exchange: Exchange;

test.beforeAll(async () => {
  exchange = await Exchange.start();
});

test.afterAll(async () => {
  await exchange?.dispose();
});

async function codeOf(asked: Promise<unknown>): Promise<Code | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

/** The progress, asked for by a certificate, a cookie or both. */
function askProgress(
  url: string,
  known: { identity?: Identity; cookie?: string },
): ReturnType<typeof request> {
  return request(`${url}/assize.monitor.v1.MonitorService/Progress`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      'Content-Length': '0',
      Origin: url,
      Cookie: known.cookie ?? '',
    },
    ...known.identity,
  });
}

async function firstOf(monitor: Monitor): Promise<void> {
  const words = monitor.watch({})[Symbol.asyncIterator]();
  await words.next();
  await words.return?.();
}

/** Watches until it is over: how that was, and when it has begun. */
function listen(monitor: Monitor): { ended: Promise<Code | undefined>; begun: Promise<unknown> } {
  let words = 0;
  const watching = async () => {
    for await (const progress of monitor.watch({})) words += Number(progress.nowMs > 0n);
  };
  return {
    ended: codeOf(watching()),
    begun: eventually('the first word', 10_000, async () => words > 0),
  };
}

async function sourceNow(monitor: Monitor, code: string): Promise<Source | undefined> {
  return (await monitor.progress({})).sources.find((one) => one.code === code);
}

test('tells only those who run the centre', async () => {
  const nobody = monitorOf(exchange.people);
  expect(await codeOf(nobody.progress({}))).toBe(Code.Unauthenticated);
  expect(await codeOf(firstOf(nobody))).toBe(Code.Unauthenticated);
  const { monitor: clerk } = await watcher(exchange, 'clerk');
  expect(await codeOf(clerk.progress({}))).toBe(Code.PermissionDenied);
  expect(await codeOf(clerk.source({ code: 'DEMO' }))).toBe(Code.PermissionDenied);
  expect(await codeOf(firstOf(clerk))).toBe(Code.PermissionDenied);
  for (const role of ['officer', 'administrator']) {
    const { monitor } = await watcher(exchange, role);
    expect((await monitor.progress({})).courts).toBe(389);
    expect(await codeOf(firstOf(monitor))).toBeUndefined();
  }
});

test('organisations are not let in where people sign in, nor people where organisations come', async () => {
  const identity = await exchange.admit('TAND.01');
  const { cookie } = await watcher(exchange, 'officer');
  const { people, center } = exchange;
  expect((await askProgress(people, { cookie })).status).toBe(200);
  expect(refused(await askProgress(people, { identity }))).toMatchObject({
    connectCode: 'unauthenticated',
    code: 'staff_not_signed_in',
  });
  expect((await exchange.openAs('TAND.01', identity)).status).toBe(200);
  for (const known of [{ identity }, { identity, cookie }]) {
    expect(refused(await askProgress(center.url, known))).toMatchObject({
      connectCode: 'permission_denied',
      code: 'operator_only',
    });
  }
  await expect(askProgress(center.url, { cookie })).rejects.toThrow(/certificate required/);
});

test('knows a court by its name, and when it was heard of', async () => {
  const { monitor } = await watcher(exchange, 'officer');
  const identity = await exchange.admit('TAND.01.KV1');
  const quiet = await sourceNow(monitor, 'TAND.01.KV1');
  expect(quiet).toMatchObject({ state: SourceState.NEVER, court: true, records: 0n });
  const before = await monitor.progress({});
  await exchange.openAs('TAND.01.KV1', identity);
  const live = await sourceNow(monitor, 'TAND.01.KV1');
  expect(live?.state).toBe(SourceState.LIVE);
  expect(live?.contactMs).toBeGreaterThanOrEqual(before.nowMs - 1_000n);
  expect((await monitor.progress({})).courtsLive).toBe(before.courtsLive + 1);
  expect(await sourceNow(monitor, 'TAND.01')).toMatchObject({
    nameVi: 'Tòa án nhân dân thành phố Hà Nội',
    nameEn: "People's Court of Ha Noi City",
  });
});

test('another agency is no court', async () => {
  const { monitor } = await watcher(exchange, 'officer');
  const identity = await exchange.admit('CA.79', '--agency');
  const before = (await monitor.progress({})).courtsLive;
  await exchange.openAs('CA.79', identity);
  expect(await sourceNow(monitor, 'CA.79')).toMatchObject({
    court: false,
    state: SourceState.LIVE,
  });
  expect((await monitor.progress({})).courtsLive).toBe(before);
  await exchange.center.assize('exchange', 'name', 'CA.79', 'Công an Thành phố Hồ Chí Minh');
  const called = 'Công an Thành phố Hồ Chí Minh';
  expect(await sourceNow(monitor, 'CA.79')).toMatchObject({ nameVi: called, nameEn: called });
  expect((await monitor.source({ code: 'CA.79' })).source).toMatchObject({ nameVi: called });
});

test('watching tells at once, and again when a court has reported', async () => {
  const { monitor } = await watcher(exchange, 'officer');
  const seen: bigint[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const progress of monitor.watch({}, { signal: stop.signal })) {
      seen.push(progress.sources.find((one) => one.code === 'DEMO')?.records ?? 0n);
    }
  })();
  await eventually('the first word', 10_000, async () => seen.length > 0);
  const before = seen.at(-1) ?? 0n;
  await exchange.closed();
  await exchange.settle();
  await eventually('it is told', 10_000, async () => (seen.at(-1) ?? 0n) > before);
  stop.abort();
  expect(await codeOf(watching)).toBe(Code.Canceled);
  const demo = await sourceNow(monitor, 'DEMO');
  expect(demo?.state).toBe(SourceState.LIVE);
  expect(demo?.batchNo).toBeGreaterThan(0n);
  expect(demo?.lagMs).toBeGreaterThanOrEqual(0n);
  const hour = (await monitor.progress({})).minutes;
  expect(hour.reduce((sum, one) => sum + one.records, 0n)).toBe(seen.at(-1));
});

test('counts what is rejected until it is corrected, and what waits behind it', async () => {
  const { monitor } = await watcher(exchange, 'officer');
  const source = 'TAND.79';
  const identity = await exchange.admit(source);
  const good = follow({ ...record(1n), recordedMs: BigInt(Date.now()) });
  const bad = follow({ ...record(2n), schemaVersion: 99 }, good);
  const behind = follow(record(3n), bad);
  const before = await exchange.center.metric(
    'assize_exchange_received_records_total',
    exchange.people,
  );
  const batch = { source, batchNo: 1n, records: [good, bad, behind] };
  const pushed = await exchange.pushAs(batch, identity);
  expect(pushed.status).toBe(200);
  expect((await exchange.pushAs(batch, identity)).status).toBe(200);
  const metric = (name: string) =>
    exchange.center.metric(`assize_exchange_${name}`, exchange.people);
  expect((await metric('received_records_total')) - before).toBe(3);
  expect(await metric('received_again_total')).toBe(1);
  expect(await metric('rejected_total{reason="schema"}')).toBe(1);
  expect(await metric('received_bytes_total')).toBeGreaterThan(0);
  await eventually('it is counted what waits', 10_000, async () => (await metric('held')) === 1);
  const [row] = await exchange.center.sql('SELECT count(*) FROM inbox');
  expect(await metric('to_be_corrected')).toBe(1);
  await eventually('and what is in effect', 10_000, async () => {
    return (await metric('in_effect')) === Number(row?.[0]);
  });
  const told = await monitor.source({ code: source });
  expect(told.source).toMatchObject({ records: 1n, rejected: 1n, held: 1n, batchNo: 1n });
  expect(told.rejections).toHaveLength(1);
  expect(told.rejections[0]).toMatchObject({
    caseKey: 'case-1',
    seq: 2n,
    reason: 'schema',
    waiting: 1n,
  });
  expect(told.batches[0]).toMatchObject({ batchNo: 1n, rejections: 1n });
  expect(told.minutes.reduce((sum, one) => sum + one.rejected, 0n)).toBe(1n);
  expect(await codeOf(monitor.source({ code: 'NOBODY' }))).toBe(Code.NotFound);
});

test('a court whose batches are refused is not there until one is taken in, whatever else it asks', async () => {
  const { monitor } = await watcher(exchange, 'officer');
  const source = 'TAND.75';
  const identity = await exchange.admit(source);
  const state = async () => (await sourceNow(monitor, source))?.state;
  const ask = async () => {
    await exchange.openAs(source, identity);
    await exchange.pullAs(source, identity);
  };
  expect((await exchange.openAs(source, await exchange.admit('TAND.80'))).status).not.toBe(200);
  expect(await state()).toBe(SourceState.NEVER);
  await ask();
  expect(await state()).toBe(SourceState.LIVE);
  const records = [follow({ ...record(1n), recordedMs: BigInt(Date.now()) })];
  const early = async () => {
    const later = await exchange.pushAs({ source, batchNo: 7n, records }, identity);
    expect(refused(later).code).toBe('batch_gap');
    await ask();
  };
  await early();
  expect(await state(), 'the one before it may be on its way').toBe(SourceState.LIVE);
  await early();
  expect(await state()).toBe(SourceState.QUIET);
  const next = await exchange.pushAs({ source, batchNo: 1n, records }, identity);
  expect(next.status).toBe(200);
  expect(await state()).toBe(SourceState.LIVE);
});

test('says that it takes nothing in while both connections for that are away, and when one is back', async () => {
  const { center, people } = exchange;
  const health = async () => {
    const { status, body } = await request(`${people}/healthz`);
    return { status, ...(JSON.parse(body.toString()) as object) };
  };
  const beside = async (query: string) => {
    const socket = ['-h', join(center.state, 'run/pg'), '-U', 'assize', '-d', 'template1'];
    expect((await run('psql', [...socket, '-X', '-c', query])).code).toBe(0);
  };
  expect(await health()).toMatchObject({ status: 200, database: true, receiving: true });
  // The connection that is asked for numbers stays; nobody else can come (back).
  const asked = await eventually('it was asked', 10_000, async () => {
    await center.metric('assize_exchange_held', people);
    const [row] = await center.sql(
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND query LIKE '%source_progress%'
       AND pid <> pg_backend_pid()`,
    );
    return row?.[0];
  });
  await beside('ALTER DATABASE assize ALLOW_CONNECTIONS false');
  try {
    await beside(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = 'assize' AND backend_type = 'client backend' AND pid <> ${asked}`,
    );
    await eventually('it says so', 10_000, async () => (await health()).status === 503);
    expect(await health()).toMatchObject({ database: true, receiving: false });
  } finally {
    await beside('ALTER DATABASE assize ALLOW_CONNECTIONS true');
  }
  await eventually('it takes in again', 30_000, async () => (await health()).status === 200);
  expect(await health()).toMatchObject({ database: true, receiving: true });
});

test('whoever is signed out meanwhile is told no more', async () => {
  const { monitor, account } = await watcher(exchange, 'officer');
  const { ended, begun } = listen(monitor);
  await begun;
  await exchange.center.assize('account', 'end', account.login);
  expect(await ended).toBe(Code.Unauthenticated);
});

test('a centre that stops says so to whoever watches, and tells on when it is back', async () => {
  const { monitor } = await watcher(exchange, 'administrator');
  const { ended, begun } = listen(monitor);
  await begun;
  const before = await sourceNow(monitor, 'DEMO');
  const held = () => exchange.center.metric('assize_exchange_held', exchange.people);
  await eventually('something is held', 10_000, async () => (await held()) === 1);
  await exchange.center.stop();
  expect(await ended).toBe(Code.Unavailable);
  await exchange.center.restart();
  let first = NaN;
  await eventually('what is held is known', 10_000, async () => {
    first = await held();
    return !Number.isNaN(first);
  });
  expect(first, 'nothing else is told before').toBe(1);
  const after = await sourceNow(monitor, 'DEMO');
  expect(after).toMatchObject({ records: before?.records, batchNo: before?.batchNo });
});

test('a program of the centre reads by the centre’s own certificate, until that is revoked', async () => {
  const { center } = exchange;
  const { monitor } = clientsOf(center.url, await exchange.admit('CENTER'));
  const { monitor: other } = clientsOf(center.url, await exchange.admit('VN.TRAI12', '--agency'));
  expect(await codeOf(other.progress({}))).toBe(Code.PermissionDenied);
  expect(await codeOf(other.source({ code: 'DEMO' }))).toBe(Code.PermissionDenied);
  expect(await codeOf(firstOf(other))).toBe(Code.PermissionDenied);
  expect((await monitor.progress({})).courts).toBe(389);
  expect((await monitor.source({ code: 'DEMO' })).source?.code).toBe('DEMO');
  expect(await codeOf(monitor.source({ code: 'VN.NOBODY' }))).toBe(Code.NotFound);
  const { ended, begun } = listen(monitor);
  await begun;
  await center.assize('cert', 'revoke', 'CENTER', '--why', 'test');
  expect(await ended).toBe(Code.Unauthenticated);
  expect(await codeOf(monitor.progress({}))).toBe(Code.Unauthenticated);
});
