// The clerk in Chromium: notes by hotkey and by hand while a hearing goes on, a correction, a page that is lost in the middle of a
// sentence, and the minutes, whose lines lead to the recording.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { vi as recording } from '../../web/src/recordings/i18n/vi.ts';
import { vi } from '../../web/src/minutes/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import { Courtroom, must } from '../support/courtroom.ts';
import type { Participant } from '../support/participant.ts';
import { textOf } from '../support/pdf.ts';
import { enterAsCourt, expectCourtroom, openTab } from '../support/screens.ts';
import { eventually } from '../support/processes.ts';
import { PEOPLE, Server, type Hearing } from '../support/server.ts';

test.describe.configure({ mode: 'serial', timeout: 480_000 });

const WHY = 'Thử nghiệm với hai người.';
const RIGHTS = 'Chủ tọa phổ biến quyền và nghĩa vụ của người tham gia tố tụng.';

const words = vi.notes;
let server: Server;
let hearing: Hearing;
let courtroom: Courtroom;
let browser: Browser;
let clerk: Page;
let judge: Participant;
let minutes: Page;

const field = () => clerk.getByRole('textbox', { name: words.text });
const chooser = (name: string) => clerk.getByRole('combobox', { name });
const list = () => clerk.getByRole('list', { name: words.list });

async function openNotes(page: Page): Promise<void> {
  await openTab(page, 'minutes');
  await expect(page.getByRole('textbox', { name: words.text })).toBeVisible();
}

test.beforeAll(async () => {
  test.setTimeout(480_000);
  server = await Server.start();
  hearing = await server.seed('criminal_first_instance');
  courtroom = new Courtroom(server, hearing);
  browser = await launch();
  clerk = await newPerson(browser);
  judge = await courtroom.arrive('judge');
  must(await judge.overrule({ case: 'start', value: {} }, WHY));
  await enterAsCourt(clerk, hearing.links.clerk);
  await openNotes(clerk);
});

test.afterAll(async () => {
  courtroom?.leave();
  await browser?.close();
  await server?.dispose();
});

test('a hotkey inserts a phrase of the phase, Enter saves it', async () => {
  await field().focus();
  await clerk.keyboard.press('Alt+Digit2');
  await expect(field()).toHaveValue(RIGHTS);
  await clerk.keyboard.press('Enter');
  await expect(field()).toHaveValue('');
  await expect(list()).toContainText(RIGHTS);
  await expect(clerk.locator('.unsaved')).toHaveCount(0);
});

test('a note is linked to the person and to what happened', async () => {
  await chooser(words.person).selectOption(String(PEOPLE.detention));
  const event = chooser(words.event).getByRole('option').nth(1);
  const about = BigInt((await event.getAttribute('value')) ?? '0');
  expect(about).toBeGreaterThan(0n);
  await chooser(words.event).selectOption(String(about));
  await field().fill('Cán bộ trại tạm giam báo đường truyền ổn định.');
  await clerk.keyboard.press('Enter');
  await expect(list()).toContainText('đường truyền ổn định.');
  const noted = () =>
    judge
      .all('events')
      .flatMap(({ events }) => events)
      .flatMap(({ body }) => (body.case === 'noteTaken' ? [body.value] : []))
      .find(({ participant }) => participant === PEOPLE.detention);
  await eventually('the note is an event', 30_000, () => noted() !== undefined);
  expect(noted()).toMatchObject({ participant: PEOPLE.detention, aboutSeq: about });
});

test('a note is corrected by another, and neither is changed', async () => {
  await field().fill('Bị cáo khai tên là Trần Văn A.');
  await clerk.keyboard.press('Enter');
  const line = list().locator('li', { hasText: 'Trần Văn A.' });
  await line.getByRole('button').click();
  await expect(field()).toBeFocused();
  await field().fill('Đúng là: Trần Văn Bê.');
  await clerk.keyboard.press('Enter');
  await expect(list()).toContainText('Đúng là: Trần Văn Bê.');
  await expect(line).toContainText(words.corrected);
  await expect(line).toContainText('Bị cáo khai tên là Trần Văn A.');
  await expectAccessible(clerk);
  await picture(clerk, 'clerk-notes');
});

test('what was being written outlives the machine', async () => {
  await field().fill('Người làm chứng khai: lúc đó khoảng');
  await clerk.reload();
  await expectCourtroom(clerk);
  await openNotes(clerk);
  await expect(field()).toHaveValue('Người làm chứng khai: lúc đó khoảng');
  await expect(clerk.getByText(words.restored)).toBeVisible();
  await field().fill('');
});

test('the minutes hold it all, and their PDF can be searched', async () => {
  minutes = await clerk.context().newPage();
  await minutes.goto(`${server.url}/minutes?hearing=${hearing.id}`);
  await expect(minutes.getByRole('heading', { name: vi.page.title, level: 1 })).toBeVisible();
  await expect(minutes.getByRole('link', { name: '[đính chính 1]' })).toBeVisible();
  const corrections = minutes.getByRole('region', { name: vi.page.corrections });
  await expect(corrections).toContainText('Đúng là: Trần Văn Bê.');
  await expectAccessible(minutes);
  await minutes.setViewportSize({ width: 390, height: 844 });
  await picture(minutes, 'phone-minutes');
  const pdf = await minutes.request.get(`${server.url}/minutes/${hearing.id}.pdf`, {
    ignoreHTTPSErrors: true, // it is not the browser that asks
  });
  const text = await textOf(await pdf.body());
  expect(text).toContain(RIGHTS);
  expect(text).toContain('Đúng là: Trần Văn Bê.');
  const download = minutes.waitForEvent('download');
  await minutes.getByRole('link', { name: vi.page.pdf }).click();
  expect((await download).suggestedFilename()).toMatch(/\.pdf$/);
});

test('a line of the minutes leads to its moment of the recording', async () => {
  must(await judge.command({ case: 'adjourn', value: {} }, { words: 'Hoãn phiên tòa.' }));
  const line = minutes.locator('.line', { hasText: RIGHTS });
  const at = await line.getByRole('link').textContent();
  await line.getByRole('link').click();
  await expect(minutes).toHaveURL(new RegExp(`/recordings\\?hearing=${hearing.id}&at=\\d{13}$`));
  await minutes.getByRole('button', { name: recording.make.start }).click();
  await expect(minutes.getByRole('button', { name: recording.player.open })).toBeEnabled({
    timeout: 120_000,
  });
  await expect(minutes.locator('.caption .clock')).toHaveText(at?.trim() ?? '');
});
