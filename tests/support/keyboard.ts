// Somebody with a keyboard and nothing else: walks to what is on the screen, presses, chooses and writes.
import { expect as soon, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { courtroomOf } from './screens.ts';

const expect = soon.configure({ timeout: 60_000 });

const STEPS = 90; // more than there is to walk past on any screen

type Way = 'here' | 'on' | 'back';

/** Where the focus has to go, the shorter way round. One of a group of radio buttons stands for them all. */
function wayTo(target: Element): Way {
  const active = document.activeElement;
  const named = (element: Element | null) =>
    element instanceof HTMLInputElement && element.type === 'radio' ? element.name : undefined;
  if (active === target || (named(target) !== undefined && named(active) === named(target))) {
    return 'here';
  }
  const stops = [...document.querySelectorAll<HTMLElement>('*')].filter(
    (one) =>
      one === target || (one.tabIndex >= 0 && one.checkVisibility() && !one.matches(':disabled')),
  );
  const from = active === null ? -1 : stops.indexOf(active as HTMLElement);
  const on = (stops.indexOf(target as HTMLElement) - from + stops.length) % stops.length;
  return on <= stops.length / 2 ? 'on' : 'back';
}

/** Walks there with Tab. */
export async function reach(target: Locator): Promise<void> {
  const { keyboard } = target.page();
  await expect(target).toBeEnabled();
  for (let step = 0; step < STEPS; step++) {
    const way = await target.evaluate(wayTo);
    if (way === 'here') {
      return;
    }
    // The shorter way, or all the way round where something leads the focus elsewhere.
    await keyboard.press(way === 'on' || step > STEPS / 3 ? 'Tab' : 'Shift+Tab');
  }
  throw new Error(`${target.toString()} cannot be reached with the keyboard`);
}

export async function press(target: Locator, key = 'Enter'): Promise<void> {
  await reach(target);
  await target.page().keyboard.press(key);
}

/** Ticks a box, or chooses one of several radio buttons. */
export async function tick(target: Locator): Promise<void> {
  await reach(target);
  const { keyboard } = target.page();
  await keyboard.press('Space');
  for (let step = 0; step < 10 && !(await target.isChecked()); step++) {
    await keyboard.press('ArrowDown');
  }
  await expect(target).toBeChecked();
}

/** Writes into a field in place of what is there. */
export async function write(field: Locator, words: string): Promise<void> {
  await reach(field);
  const { keyboard } = field.page();
  await keyboard.press('Control+A');
  await keyboard.insertText(words);
  await expect(field).toHaveValue(words);
}

/** Goes down a list to the option of this name. */
export async function choose(list: Locator, name: string): Promise<void> {
  await reach(list);
  const chosen = () =>
    list.evaluate((one) => (one as HTMLSelectElement).selectedOptions[0]?.label ?? '');
  const count = await list.evaluate((one) => (one as HTMLSelectElement).options.length);
  for (let step = 0; step < count && (await chosen()) !== name; step++) {
    await list.page().keyboard.press('ArrowDown');
  }
  expect(await chosen()).toBe(name);
}

/** From here on the device knows whether somebody used a pointer. */
export async function watchPointer(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('pointerdown', () => sessionStorage.setItem('pointer', 'used'), true);
  });
}

export async function expectNoPointer(page: Page): Promise<void> {
  expect(await page.evaluate(() => sessionStorage.getItem('pointer'))).toBeNull();
}

/** Once, or as often as it takes on a line that comes and goes. */
async function pressUntil(target: Locator, shown: Locator): Promise<void> {
  await expect(async () => {
    if (!(await shown.isVisible())) {
      await press(target);
    }
    await soon(shown).toBeVisible({ timeout: 5_000 });
  }).toPass();
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** From the link to the waiting room; what is met on the way is looked at. */
export async function comeByKeyboard(
  page: Page,
  link: string,
  meets: (screen: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await page.goto(link);
  await press(button(page, vi.join.button));
  await expect(page.getByRole('heading', { name: people.introduction.title })).toBeVisible();
  await meets('introduction');
  await press(button(page, people.introduction.go));
  await expect(page.getByText(/^Đã kết nối/)).toBeVisible();
  await press(button(page, vi.check.next));
  await expect(page.getByText(people.try.answerFirst)).toBeVisible();
  await meets('equipment');
  await pressUntil(
    button(page, vi.check.next),
    page.getByRole('heading', { name: people.rules.title }),
  );
  await meets('rules');
  await press(button(page, people.rules.go));
  await expect(button(page, people.declaration.enter)).toBeVisible();
  await meets('declaration');
  await tick(page.getByRole('checkbox'));
  await press(button(page, people.declaration.enter));
  await expect(page.getByRole('heading', { name: people.waiting.title })).toBeVisible();
}

/** From the link into the courtroom, for judges and the clerk. */
export async function enterByKeyboard(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await press(button(page, vi.join.button));
  await expect(page.getByText(/^Đã kết nối/)).toBeVisible();
  await pressUntil(button(page, vi.check.enter), courtroomOf(page));
}
