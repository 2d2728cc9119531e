// What an agency tells a court through the centre is shown to the court's people, and who has taken note of it stays known.
import { fromBinary } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { expect, test } from '@playwright/test';
import { RefusalSchema } from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { NoticeSchema } from '../../web/src/gen/assize/exchange/v1/exchange_pb.js';
import { caseFile, casesOf, CLERKS_REASON, member, type Cases } from '../support/clerk.ts';
import { Exchange, follow, notice } from '../support/exchange.ts';
import { ACCOUNT_NAME } from '../support/staff.ts';

test.describe.configure({ mode: 'serial', timeout: 90_000 });

const reason = CLERKS_REASON;
const CLERKS_WORD = 'adjudication';
const COUNT = 53; // one page is 50

let exchange: Exchange;
let clerk: Cases;
let key: string;
let publicId: string;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  ({ key, publicId } = await exchange.fileCase(12));
  clerk = (await member(exchange.court, 'clerk')).cases;
  const prison = await exchange.admitSender('VN.TRAI1');
  const records: ReturnType<typeof notice>[] = [];
  for (let i = 1; i <= COUNT; i++)
    records.push(follow(notice(BigInt(i), { publicId, text: `Tin ${i}.` }), records.at(-1)));
  const answer = await exchange.pushAs({ source: 'VN.TRAI1', batchNo: 1n, records }, prison);
  expect(answer.status, answer.body.toString()).toBe(200);
  await expect
    .poll(async () => (await clerk.changes({ reason })).openNotices, { timeout: 30_000 })
    .toBe(BigInt(COUNT));
});

test.afterAll(async () => {
  await exchange?.dispose();
});

/** Why it was refused: the code, and the path of the field. */
async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(() => undefined, ConnectError.from);
  const [why] = error?.findDetails(RefusalSchema) ?? [];
  if (!why) throw error ?? new Error('it was not refused');
  return `${why.code} ${why.field}`.trim();
}

const accesses = async (method: string): Promise<unknown[][]> =>
  exchange.court.sql(
    `SELECT l.purpose, l.legal_basis, s.source, s.case_key FROM access_log l
     JOIN access_subject s ON s.access = l.id WHERE l.method = '${method}' ORDER BY l.id`,
  );

test('shows the newest first, page by page, with who says what of which case', async () => {
  const first = await clerk.notices({ reason });
  expect(first.notices).toHaveLength(50);
  const [newest] = first.notices;
  expect(newest).toMatchObject({ caseKey: key, publicId, number: expect.any(String), notedMs: 0n });
  expect(fromBinary(NoticeSchema, newest?.notice ?? new Uint8Array())).toMatchObject({
    ...{ origin: 'VN.TRAI1', kind: 'custody', text: `Tin ${COUNT}.`, publicId },
  });
  expect(Number(newest?.receivedMs)).toBeGreaterThan(Date.now() - 600_000);
  const rest = await clerk.notices({ reason, pageToken: first.pageToken });
  expect(rest.pageToken).toBe('');
  const ids = [...first.notices, ...rest.notices].map(({ id }) => Number(id));
  expect(ids).toHaveLength(COUNT);
  expect(ids).toEqual([...ids].sort((one, other) => other - one));
  expect(await accesses('Notices')).toEqual([
    [CLERKS_WORD, reason.legalBasis, 'DEMO', key],
    [CLERKS_WORD, reason.legalBasis, 'DEMO', key],
  ]);
  expect((await clerk.notices({ reason, caseKey: key })).notices).toHaveLength(50);
  const other = '0192f0c1-2b3c-7d4e-8f50-00000000000f';
  expect((await clerk.notices({ reason, caseKey: other })).notices).toEqual([]);
});

test('a notice stays with its case when the number of that is corrected', async () => {
  await exchange.writeCase(key, 'case_file', caseFile('112/2026/TLST-HS', 'Vụ án thử'));
  const [row] = await exchange.court.sql(
    `SELECT public_id FROM case_file WHERE case_key = '${key}'`,
  );
  expect(row).toEqual(['VN:TAND.01.KV1:2026:112-TLST-HS']);
  for (const asked of [{}, { caseKey: key }, { open: true }]) {
    const { notices } = await clerk.notices({ reason, ...asked });
    expect(notices).toHaveLength(50);
    for (const one of notices) expect(one).toMatchObject({ publicId, caseKey: key });
  }
});

test('who takes note first stands, and it is known over a restart', async () => {
  const [one] = (await clerk.notices({ reason })).notices;
  const id = one?.id ?? 0n;
  const noted = await clerk.takeNotice({ reason, id });
  expect(noted.notedBy).toBe(ACCOUNT_NAME);
  const colleague = await member(exchange.court, 'clerk');
  expect(await colleague.cases.takeNotice({ reason, id })).toMatchObject({
    notedMs: noted.notedMs,
    notedBy: noted.notedBy,
  });
  expect(await accesses('TakeNotice')).toHaveLength(2);
  await exchange.court.stop();
  await exchange.court.restart();
  const again = await clerk.notices({ reason });
  expect(again.notices[0]).toMatchObject({ id, notedMs: noted.notedMs, notedBy: ACCOUNT_NAME });
  const open = await clerk.notices({ reason, open: true });
  expect(open.notices.map((left) => left.id)).not.toContain(id);
  expect((await clerk.changes({ reason })).openNotices).toBe(BigInt(COUNT - 1));
});

test('a notice of a case that the court does not have is told as that', async () => {
  const [row] = await exchange.court.sql(`SELECT max(id) FROM notice`);
  await exchange.court.sql(
    `UPDATE notice SET public_id = 'VN:TAND.01:2026:99-TLST-HS', of_case = NULL WHERE id = ${String(row?.[0])}`,
  );
  const [one] = (await clerk.notices({ reason })).notices;
  expect(one).toMatchObject({ publicId: 'VN:TAND.01:2026:99-TLST-HS', caseKey: '', number: '' });
});

test('is for the court’s clerks and judges; only clerks take note', async () => {
  const judge = (await member(exchange.court, 'judge')).cases;
  expect((await judge.notices({ reason })).notices).toHaveLength(50);
  expect(await refusalOf(judge.takeNotice({ reason, id: 1n }))).toBe('staff_role');
  for (const role of ['officer', 'administrator']) {
    const { cases } = await member(exchange.court, role);
    expect(await refusalOf(cases.notices({ reason }))).toBe('staff_role');
  }
  const nobody = casesOf(exchange.court.url);
  expect(await refusalOf(nobody.notices({ reason }))).toBe('staff_not_signed_in');
  const wrong: [() => Promise<unknown>, string][] = [
    [() => clerk.notices({}), 'field_wrong reason'],
    [() => clerk.notices({ reason, caseKey: '1' }), 'field_wrong case_key'],
    [() => clerk.notices({ reason, pageToken: 'x' }), 'field_wrong page_token'],
    [() => clerk.takeNotice({ reason }), 'field_wrong id'],
    [() => clerk.takeNotice({ reason, id: 999_999n }), 'notice_unknown'],
  ];
  for (const [asked, why] of wrong) expect(await refusalOf(asked())).toContain(why);
});

test('nothing is told that is not in the log', async () => {
  await exchange.court.sql(
    `ALTER TABLE access_log ADD CONSTRAINT broken CHECK (method NOT IN ('Notices', 'TakeNotice')) NOT VALID`,
  );
  const [row] = await exchange.court.sql(`SELECT min(id) FROM notice WHERE noted_at IS NULL`);
  const id = BigInt(String(row?.[0]));
  expect(await refusalOf(clerk.notices({ reason }))).toBe('access_not_logged');
  await expect(clerk.takeNotice({ reason, id })).rejects.toThrow();
  await exchange.court.sql('ALTER TABLE access_log DROP CONSTRAINT broken');
  const [left] = await exchange.court.sql(`SELECT noted_at IS NULL FROM notice WHERE id = ${id}`);
  expect(left).toEqual(['t']);
});
