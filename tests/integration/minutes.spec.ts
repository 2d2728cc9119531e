// The minutes: what was done and noted stands in them, on screen and on paper, for those who may read them and nobody else.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LineKind,
  WordsState,
  type Line,
  type MinutesDocument,
} from '../../web/src/gen/assize/minutes/v1/minutes_pb.js';
import { expect, must, test as base } from '../support/fixtures.ts';
import type { Participant } from '../support/participant.ts';
import { textOf } from '../support/pdf.ts';
import { run } from '../support/processes.ts';
import { signInStaff, Viewer } from '../support/recordings.ts';
import { binary, PEOPLE, type Server } from '../support/server.ts';

/** Every letter of Vietnamese, with all its tones, and what a note may hold besides. */
const LETTERS = 'aăâeêioôơuưy'
  .split('')
  .flatMap((letter) =>
    ['', '\u0300', '\u0301', '\u0303', '\u0309', '\u0323'].map((tone) => letter + tone),
  )
  .map((letter) => letter.normalize('NFC'))
  .join(' ');
const ALPHABET = `${LETTERS} đ ${LETTERS.toLocaleUpperCase('vi')} Đ`;

interface Noted {
  judge: Participant;
  clerk: Participant;
}

const test = base.extend<Noted>({
  judge: async ({ courtroom }, use) => {
    const judge = await courtroom.arrive('judge');
    await use(judge);
  },
  clerk: async ({ courtroom, judge }, use) => {
    const clerk = await courtroom.arrive('clerk');
    must(await judge.command({ case: 'start', value: {} }));
    await use(clerk);
  },
});

const note = async (clerk: Participant, words: string, value: object = {}) =>
  must(await clerk.command({ case: 'takeNote', value }, { words }));

async function drafted(viewer: Viewer, hearing: string): Promise<MinutesDocument> {
  const document = await viewer.draft(hearing);
  if (typeof document === 'string') throw new Error(`refused: ${document}`);
  return document;
}

const linesOf = ({ sections }: MinutesDocument): Line[] => sections.flatMap(({ lines }) => lines);
const line = (document: MinutesDocument, seq: bigint) =>
  linesOf(document).find((one) => one.seq === seq);

async function commandLinePdf(server: Server, hearing: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'assize-minutes-'));
  const file = join(folder, 'minutes.pdf');
  const settings = `--state ${server.state} --set listen.port=${server.port}`;
  const { code, errors } = await run('/bin/sh', [
    '-c',
    `"${binary('assize')}" minutes ${hearing} ${settings} > "${file}"`,
  ]);
  if (code !== 0) throw new Error(`assize minutes: ${errors}`);
  const pdf = readFileSync(file);
  rmSync(folder, { recursive: true });
  return pdf;
}

test('assembles what was done and noted, in the order of its moments', async ({
  server,
  hearing,
  judge,
  clerk,
}) => {
  const beganMs = BigInt(Date.now() - 1); // before the recess, however fast it comes
  const gone = must(await judge.command({ case: 'recess', value: {} }));
  const resumed = must(await judge.command({ case: 'resume', value: {} }));
  const noted = await note(clerk, 'Bị cáo trình bày: có mặt.\nKhông có ý kiến gì thêm.', {
    participant: PEOPLE.detention,
    aboutSeq: resumed,
    mediaMs: beganMs,
    phrase: 'answer',
  });
  const viewer = new Viewer(server.url, clerk.cookie);
  const document = await drafted(viewer, hearing.id);
  const seqs = linesOf(document).map(({ seq }) => seq);
  expect(seqs).toContain(gone);
  expect(seqs.indexOf(noted)).toBeLessThan(seqs.indexOf(gone));
  expect(line(document, noted)).toMatchObject({
    kind: LineKind.NOTE,
    text: 'Bị cáo trình bày: có mặt.\nKhông có ý kiến gì thêm.',
    participant: PEOPLE.detention,
    aboutSeq: resumed,
    atMs: beganMs,
    phrase: 'answer',
  });
  expect(document.panel[0]).toMatchObject({ role: 'Thẩm phán chủ tọa phiên tòa' });
  expect(document.panel[0]?.cameMs).toBeGreaterThan(0n);
  expect(document.startedMs).toBeGreaterThan(0n);
  expect(linesOf(document).map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/tuyên bố khai mạc phiên tòa\.$/),
      'Phiên tòa tạm nghỉ.',
      'Phiên tòa tiếp tục.',
    ]),
  );
});

test('puts a correction at the end and names it at the line, and changes nothing', async ({
  server,
  hearing,
  clerk,
}) => {
  const first = await note(clerk, 'Bị cáo khai tên là Trần Văn A.');
  const second = await note(clerk, 'Sửa lại: Trần Văn B.', { corrects: first });
  const third = await note(clerk, 'Sửa lần hai: Trần Văn Bê.', { corrects: second });
  const document = await drafted(new Viewer(server.url, clerk.cookie), hearing.id);
  expect(line(document, first)).toMatchObject({
    text: 'Bị cáo khai tên là Trần Văn A.',
    correctedBy: [second, third],
  });
  expect(line(document, second)).toBeUndefined();
  expect(document.corrections).toMatchObject([
    { seq: second, corrects: first, text: 'Sửa lại: Trần Văn B.' },
    { seq: third, corrects: second, text: 'Sửa lần hai: Trần Văn Bê.' },
  ]);
});

test('takes a correction of what is no note for a note', async ({ server, hearing, clerk }) => {
  const odd = await note(clerk, 'Đính chính một diễn biến', { corrects: 1n });
  const document = await drafted(new Viewer(server.url, clerk.cookie), hearing.id);
  expect(document.corrections).toEqual([]);
  expect(line(document, odd)?.text).toBe('Đính chính một diễn biến');
});

test('says of words that were erased that they were', async ({ server, hearing, clerk }) => {
  const noted = await note(clerk, 'Số căn cước 001085000123');
  await server.sql(
    `UPDATE hearing_words SET words = NULL, erased_at = now() WHERE hearing = '${hearing.id}' AND seq = ${noted}`,
  );
  const viewer = new Viewer(server.url, clerk.cookie);
  const document = await drafted(viewer, hearing.id);
  expect(line(document, noted)).toMatchObject({ text: '', words: WordsState.ERASED });
  const text = await textOf((await viewer.pdf(hearing.id)).body);
  expect(text).toContain('Nội dung đã được xóa theo quy định');
  expect(text).not.toContain('001085000123');
});

test('puts everything on paper, each letter to be found and copied', async ({
  server,
  hearing,
  clerk,
}) => {
  await note(clerk, ALPHABET);
  await note(clerk, 'Ghi\u0323 chép du\u031b\u0323ng bằng chữ tổ hợp'.normalize('NFC'));
  await note(clerk, `${'dài'.repeat(400)} hết`);
  const viewer = new Viewer(server.url, clerk.cookie);
  const answer = await viewer.pdf(hearing.id);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/pdf');
  expect(answer.headers['content-disposition']).toContain('bien-ban-');
  expect(answer.body.subarray(0, 5).toString()).toBe('%PDF-');
  const text = await textOf(answer.body);
  expect(text).toContain('BIÊN BẢN PHIÊN TÒA');
  expect(text).toContain('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM');
  expect(text).toContain(ALPHABET);
  expect(text).toContain('Ghị chép dựng bằng chữ tổ hợp');
  expect(text.match(/dài/g)).toHaveLength(400); // over the end of a page
  expect(text).toMatch(/Trang 1\/\d/);
  for (const one of linesOf(await drafted(viewer, hearing.id)))
    if (one.text.length < 80) expect(text).toContain(one.text.replace(/\s+/g, ' '));
});

test('makes the same paper on the command line', async ({ server, hearing, clerk }) => {
  await note(clerk, 'Người làm chứng cam đoan khai đúng sự thật.');
  const viewer = new Viewer(server.url, clerk.cookie);
  const shown = (await viewer.pdf(hearing.id)).body;
  const made = await commandLinePdf(server, hearing.id);
  expect(await textOf(made)).toBe(await textOf(shown));
  expect(made.equals(shown)).toBe(true);
});

test('is for the panel and the clerk of the hearing, and for staff', async ({
  server,
  hearing,
  courtroom,
  judge,
  clerk,
}) => {
  const counsel = await courtroom.arrive('counsel');
  const other = await server.seed();
  const otherClerk = await courtroom.connect('clerk');
  for (const reader of [judge, clerk]) {
    expect((await drafted(new Viewer(server.url, reader.cookie), hearing.id)).hearing).toBe(
      hearing.id,
    );
  }
  const staff = await signInStaff(server, 'judge');
  expect((await drafted(staff, hearing.id)).hearing).toBe(hearing.id);
  const stranger = new Viewer(server.url, counsel.cookie);
  expect(await stranger.draft(hearing.id)).toBe('role_not_allowed');
  expect((await stranger.pdf(hearing.id)).status).toBe(403);
  const nobody = new Viewer(server.url, '');
  expect(await nobody.draft(hearing.id)).toBe('not_signed_in');
  expect((await nobody.pdf(hearing.id)).status).toBe(401);
  const elsewhere = new Viewer(server.url, otherClerk.cookie);
  expect(await elsewhere.draft(other.id)).toBe('hearing_unknown');
  expect((await elsewhere.pdf(other.id)).status).toBe(404);
  expect(await elsewhere.draft(randomUUID())).toBe('hearing_unknown');
  expect(await elsewhere.draft('../etc')).toBe('malformed');
});

test('takes notes of the clerk only, and none without words or with too many', async ({
  courtroom,
  judge,
  clerk,
}) => {
  const counsel = await courtroom.enter('counsel', judge);
  const ask = async (who: Participant, words?: string) =>
    (await who.command({ case: 'takeNote', value: {} }, words === undefined ? {} : { words }))
      .refusal;
  expect(await ask(counsel, 'Tôi cũng ghi')).toBe('role_not_allowed');
  expect(await ask(clerk)).toBe('words_needed');
  expect(await ask(clerk, '')).toBe('words_needed');
  expect(await ask(clerk, 'x'.repeat(8193))).toBe('words_too_long');
  expect(await ask(clerk, 'x'.repeat(8192))).toBeUndefined();
});

test('a note of a megabyte ends its connection and nothing else', async ({
  server,
  hearing,
  courtroom,
  judge,
  clerk,
}) => {
  void clerk
    .command({ case: 'takeNote', value: {} }, { words: 'x'.repeat(1 << 20) })
    .catch(() => {});
  await expect.poll(() => clerk.closeCode).toBeDefined();
  const again = await courtroom.connect('clerk');
  expect(await note(again, 'Ghi chép tiếp.')).toBeGreaterThan(0n);
  expect((await drafted(new Viewer(server.url, judge.cookie), hearing.id)).hearing).toBe(
    hearing.id,
  );
});

test('a retry of a note that was saved does not save it twice', async ({
  server,
  hearing,
  clerk,
}) => {
  const commandId = randomUUID();
  const take = () =>
    clerk.command(
      { case: 'takeNote', value: { mediaMs: 1n } },
      { commandId, words: 'Chỉ một lần.' },
    );
  const first = must(await take());
  expect(must(await take())).toBe(first);
  const document = await drafted(new Viewer(server.url, clerk.cookie), hearing.id);
  expect(linesOf(document).filter(({ text }) => text === 'Chỉ một lần.')).toHaveLength(1);
});

test('control characters and turned writing do not reach the paper', async ({
  server,
  hearing,
  clerk,
}) => {
  await note(clerk, 'trước\u0007\u001b[31m\u202esau');
  const viewer = new Viewer(server.url, clerk.cookie);
  const document = await drafted(viewer, hearing.id);
  expect(linesOf(document).at(-1)?.text).toBe('trước\ufffd\ufffd[31m\ufffdsau');
  expect((await viewer.pdf(hearing.id)).status).toBe(200);
});
