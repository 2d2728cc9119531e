// Recordings: who may see them and who may not, parts of files, tickets, the log of views, files that were changed.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Role } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { expect, must, test as base } from '../support/fixtures.ts';
import { request } from '../support/http.ts';
import { eventually } from '../support/processes.ts';
import {
  FileCheck,
  FilesState,
  filesFolder,
  signIn,
  signInStaff,
  Viewer,
  ViewKind,
  ViewReason,
  writeFiles,
  type MadeFile,
} from '../support/recordings.ts';
import type { Hearing, Person, Server } from '../support/server.ts';
import { openByLink } from '../support/session.ts';

interface Recorded {
  /** Files of the test's hearing, which has begun. */
  made: MadeFile[];
  judge: Viewer;
}

const test = base.extend<Recorded>({
  made: async ({ server, hearing, courtroom }, use) => {
    const judge = await courtroom.arrive('judge');
    must(await judge.command({ case: 'start', value: {} }));
    must(await judge.command({ case: 'close', value: {} }));
    await use(writeFiles(server, hearing.id));
  },
  judge: async ({ server, hearing }, use) => use(await viewer(server, hearing, 'judge')),
});

async function viewer(server: Server, hearing: Hearing, person: Person): Promise<Viewer> {
  const link = await server.issueLink(hearing, person);
  return new Viewer(server.url, (await openByLink(server.url, link)).cookie);
}

/** A ticket to watch, once the files are checked. */
async function ticketFor(who: Viewer, hearing: string): Promise<string> {
  await who.checked(hearing);
  const { ticket, refusal } = await who.open(hearing);
  if (ticket === undefined) {
    throw new Error(`refused: ${refusal}`);
  }
  return ticket;
}

test('shows a recording to the panel and the clerk of its hearing and to nobody else in it', async ({
  server,
  hearing,
  made,
}) => {
  expect(made).toHaveLength(2);
  for (const person of ['judge', 'clerk'] as const) {
    const who = await viewer(server, hearing, person);
    expect(await who.get(hearing.id)).toMatchObject({ summary: { hearing: hearing.id } });
    expect(await who.list()).toMatchObject({ recordings: [{ hearing: hearing.id }] });
  }
  for (const person of ['counsel', 'procurator', 'victim', 'witness', 'detention'] as const) {
    const who = await viewer(server, hearing, person);
    for (const said of [
      await who.list(),
      await who.get(hearing.id),
      await who.levels(hearing.id, 'e4.webm'),
      await who.render(hearing.id),
      await who.views(hearing.id),
      (await who.open(hearing.id)).refusal,
    ]) {
      expect(said).toBe('role_not_allowed');
    }
  }
});

test('shows nothing without a session, or with one of another hearing', async ({
  server,
  hearing,
  made,
}) => {
  expect(made).toHaveLength(2);
  const stranger = new Viewer(server.url, '');
  expect(await stranger.list()).toBe('not_signed_in');
  expect(await stranger.get(hearing.id)).toBe('not_signed_in');
  expect((await stranger.open(hearing.id)).refusal).toBe('not_signed_in');
  const other = await viewer(server, await server.seed(), 'judge');
  expect(await other.get(hearing.id)).toBe('hearing_unknown');
  expect((await other.open(hearing.id)).refusal).toBe('hearing_unknown');
  expect(await other.render(hearing.id)).toBe('hearing_unknown');
  expect(await other.views(hearing.id)).toBe('hearing_unknown');
});

test('shows every recording to staff, apart from officers and those with a given password', async ({
  server,
  hearing,
  made,
}) => {
  expect(made).toHaveLength(2);
  for (const role of ['clerk', 'judge', 'administrator']) {
    const who = await signInStaff(server, role);
    const list = await who.list();
    expect(typeof list === 'string' ? list : list.recordings.map((one) => one.hearing)).toContain(
      hearing.id,
    );
    expect(await who.get(hearing.id)).toMatchObject({ summary: { state: FilesState.READY } });
  }
  const login = `canbo${Date.now()}`;
  const made_ = await server.assize(
    ...['account', 'add', login, '--name', 'Ngô Văn An', '--role', 'officer', '--generate'],
  );
  const officer = await signIn(server, login, made_.trim());
  expect(await officer.get(hearing.id)).toBe('password_must_change');
  await server.sql(`UPDATE account SET must_change = false WHERE login = '${login}'`);
  expect(await officer.get(hearing.id)).toBe('staff_role');
  expect((await officer.open(hearing.id)).refusal).toBe('staff_role');
});

test('tells who is in the files, what happened when, and how loud it was', async ({
  hearing,
  judge,
  made,
}) => {
  const recording = await judge.checked(hearing.id);
  expect(
    recording.files.map(({ name, endpoint, audio, video }) => [name, endpoint, audio, video]),
  ).toEqual([
    ['programme.webm', 0, true, true],
    ['e4.webm', 4, true, true],
  ]);
  expect(recording.files.map(({ sha256 }) => Buffer.from(sha256).toString('hex')).sort()).toEqual(
    made.map(({ sha256 }) => sha256).sort(),
  );
  expect(recording.files.every(({ check }) => check === FileCheck.GOOD)).toBe(true);
  expect(recording.files[0]?.gaps).toMatchObject([{ fromMs: 1_200_000n, toMs: 1_262_340n }]);
  expect(recording.gaps).toMatchObject([{ fromMs: 2_400_000n, toMs: 3_000_000n }]);
  expect(recording.people.filter(({ endpoint }) => endpoint === 4)).toHaveLength(2);
  const kinds = recording.events.map(({ body }) => body.case);
  expect(kinds).toEqual(expect.arrayContaining(['started', 'recordOn', 'closed']));
  expect(kinds).not.toContain('recordHead');
  const levels = await judge.levels(hearing.id, 'e4.webm');
  expect(levels).toMatchObject({ stepMs: 250, levels: new Uint8Array([255, 127, 30, 60]) });
  expect(await judge.levels(hearing.id, '../../tls/key.webm')).toBe('file_unknown');
});

test('sends a file, and any part of it, by a ticket', async ({ hearing, judge, made }) => {
  const ticket = await ticketFor(judge, hearing.id);
  for (const file of made) {
    const whole = await judge.fetch(hearing.id, file.name, ticket);
    expect(whole.status).toBe(200);
    expect(whole.body.equals(file.bytes)).toBe(true);
    expect(whole.headers).toMatchObject({
      'content-type': 'video/webm',
      'cache-control': 'private, no-store',
      'content-disposition': 'inline',
      'accept-ranges': 'bytes',
      etag: `"${file.sha256}"`,
    });
    const part = await judge.fetch(hearing.id, file.name, ticket, {
      Range: 'bytes=200000-299999',
      'If-Range': `"${file.sha256}"`,
    });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe('bytes 200000-299999/300000');
    expect(part.body.equals(file.bytes.subarray(200_000))).toBe(true);
    const outside = await judge.fetch(hearing.id, file.name, ticket, { Range: 'bytes=300000-' });
    expect(outside.status).toBe(416);
    const head = await judge.fetch(hearing.id, file.name, ticket, {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
      200,
      '300000',
      0,
    ]);
  }
});

test('sends no file without the ticket of this session, for this file', async ({
  server,
  hearing,
  judge,
  made,
}) => {
  const ticket = await ticketFor(judge, hearing.id);
  const name = made[0]?.name ?? '';
  const status = async (who: Viewer, given: string, of = hearing.id, file = name) =>
    (await who.fetch(of, file, given)).status;
  expect(await status(judge, ticket)).toBe(200);
  expect(await status(judge, '')).toBe(403);
  expect(await status(judge, `${ticket}x`)).toBe(403);
  expect(await status(new Viewer(server.url, ''), ticket)).toBe(401);
  expect(await status(await viewer(server, hearing, 'clerk'), ticket)).toBe(403);
  expect(await status(await viewer(server, hearing, 'witness'), ticket)).toBe(403);
  expect(await status(await signInStaff(server, 'judge'), ticket)).toBe(403);
  const other = await server.seed();
  writeFiles(server, other.id);
  expect(await status(judge, ticket, other.id)).toBe(404);
  const staff = await signInStaff(server, 'administrator');
  expect(await status(staff, await ticketFor(staff, hearing.id))).toBe(200);
  expect(await status(staff, await ticketFor(staff, hearing.id), other.id)).toBe(403);
  const download = await judge.open(hearing.id, { kind: ViewKind.DOWNLOAD, file: name });
  expect(await status(judge, download.ticket ?? '')).toBe(200);
  expect(await status(judge, download.ticket ?? '', hearing.id, made[1]?.name)).toBe(403);
});

test('serves nothing but the files of a recording', async ({ server, hearing, judge, made }) => {
  expect(made).toHaveLength(2);
  const ticket = await ticketFor(judge, hearing.id);
  for (const path of [
    `${hearing.id}/index.json`,
    `${hearing.id}/e4.json`,
    `${hearing.id}/e9.webm`,
    `${hearing.id}/..%2fe4.webm`,
    `${hearing.id}/%2e%2e/%2e%2e/assize.conf`,
    `..%2f${hearing.id}/e4.webm`,
    `${hearing.id}/e4.webm/e4.webm`,
  ]) {
    const { status } = await request(`${server.url}/recordings/${path}?ticket=${ticket}`, {
      headers: { Cookie: judge.cookie },
    });
    expect([404, 400]).toContain(status);
  }
});

test('ends a ticket with the session it was given to', async ({ server, hearing, made }) => {
  const link = await server.issueLink(hearing, 'judge');
  const judge = new Viewer(server.url, (await openByLink(server.url, link)).cookie);
  const ticket = await ticketFor(judge, hearing.id);
  expect((await judge.fetch(hearing.id, made[0]?.name ?? '', ticket)).status).toBe(200);
  await server.revokeLink(link);
  await eventually('the session has ended', 15_000, async () => {
    const { status } = await judge.fetch(hearing.id, made[0]?.name ?? '', ticket);
    return status === 401;
  });
});

test('logs who opened what, when and why, and shows nothing that is not logged', async ({
  server,
  hearing,
  judge,
  made,
}) => {
  const file = made[0]?.name ?? '';
  await judge.checked(hearing.id);
  expect((await judge.open(hearing.id, { reason: ViewReason.UNSPECIFIED })).refusal).toBe(
    'reason_missing',
  );
  expect((await judge.open(hearing.id, { reason: 99 as ViewReason })).refusal).toBe(
    'reason_missing',
  );
  expect((await judge.open(hearing.id, { reason: ViewReason.OTHER, note: '  ' })).refusal).toBe(
    'reason_missing',
  );
  expect((await judge.open(hearing.id, { kind: ViewKind.DOWNLOAD })).refusal).toBe('malformed');
  expect((await judge.open(hearing.id, { kind: ViewKind.DOWNLOAD, file: 'e9.webm' })).refusal).toBe(
    'file_unknown',
  );
  const before = Date.now();
  await judge.open(hearing.id, { reason: ViewReason.OTHER, note: 'Đối chiếu lời khai' });
  const staff = await signInStaff(server, 'clerk');
  await staff.open(hearing.id, { kind: ViewKind.DOWNLOAD, file, reason: ViewReason.REQUEST });
  const said = await judge.views(hearing.id);
  const views = typeof said === 'string' ? [] : said.views;
  expect(views).toMatchObject([
    { kind: ViewKind.DOWNLOAD, file, reason: ViewReason.REQUEST, name: 'Trần Quốc Bảo' },
    {
      ...{ kind: ViewKind.WATCH, reason: ViewReason.OTHER, note: 'Đối chiếu lời khai' },
      ...{ name: 'Nguyễn Thị Minh Hạnh', role: Role.PRESIDING_JUDGE },
    },
  ]);
  expect(Number(views[1]?.atMs)).toBeGreaterThan(before - 5_000);
  for (const change of [
    "UPDATE recording_view SET note = ''",
    'DELETE FROM recording_view',
    'TRUNCATE recording_view',
    'DELETE FROM recording_file',
  ]) {
    await expect(server.sql(change)).rejects.toThrow(/append-only/);
  }
});

test('notices a file that was changed, also when its index was changed with it', async ({
  server,
  hearing,
  judge,
  made,
}) => {
  const ticket = await ticketFor(judge, hearing.id);
  const file = made.find(({ name }) => name === 'e4.webm');
  const path = join(filesFolder(server, hearing.id), 'e4.webm');
  const changed = Buffer.from(file?.bytes ?? '');
  changed[1000] = (changed[1000] ?? 0) ^ 1;
  writeFileSync(path, changed);
  expect((await judge.fetch(hearing.id, 'e4.webm', ticket)).status).toBe(400);
  const checkOf = async (name: string) =>
    (await judge.checked(hearing.id)).files.find((one) => one.name === name)?.check;
  expect(await checkOf('e4.webm')).toBe(FileCheck.DIFFERS);
  expect(await checkOf('programme.webm')).toBe(FileCheck.GOOD);
  expect((await judge.fetch(hearing.id, 'e4.webm', ticket)).status).toBe(400);
  const index = join(filesFolder(server, hearing.id), 'index.json');
  const sum = createHash('sha256').update(changed).digest('hex');
  writeFileSync(index, readFileSync(index, 'utf8').replaceAll(file?.sha256 ?? '', sum));
  expect(await checkOf('e4.webm')).toBe(FileCheck.DIFFERS);
  rmSync(path);
  expect(await checkOf('e4.webm')).toBe(FileCheck.MISSING);
  expect((await judge.fetch(hearing.id, 'e4.webm', ticket)).status).toBe(404);
  writeFileSync(path, file?.bytes ?? '');
  expect(await checkOf('e4.webm')).toBe(FileCheck.GOOD);
  expect((await judge.fetch(hearing.id, 'e4.webm', ticket)).status).toBe(200);
  appendFileSync(path, 'more');
  expect((await judge.fetch(hearing.id, 'e4.webm', ticket)).status).toBe(400);
});

test('shows an index that cannot be read as files that could not be made', async ({
  server,
  hearing,
  judge,
  made,
}) => {
  expect(made).toHaveLength(2);
  const index = join(filesFolder(server, hearing.id), 'index.json');
  for (const junk of ['', '{', '[]', '{"version":2}', '{"version":1,"start_ms":-1}']) {
    writeFileSync(index, junk);
    expect(await judge.get(hearing.id)).toMatchObject({ summary: { state: FilesState.FAILED } });
    expect((await judge.open(hearing.id)).refusal).toBe('files_not_ready');
  }
});

test('opens nothing while the log cannot be written', async ({ server, hearing, judge, made }) => {
  expect(made).toHaveLength(2);
  await judge.checked(hearing.id);
  await server.sql('ALTER TABLE recording_view RENAME TO hidden');
  try {
    expect((await judge.open(hearing.id)).refusal).toBe('database_away');
  } finally {
    await server.sql('ALTER TABLE hidden RENAME TO recording_view');
  }
  expect((await judge.open(hearing.id)).refusal).toBeUndefined();
});
