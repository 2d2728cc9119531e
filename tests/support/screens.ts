// The ways through the screens, in the words of the Vietnamese dictionary.
import { expect, type Locator, type Page } from '@playwright/test';
import { vi as court } from '../../web/src/court/i18n/vi.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';

type Stop = 'recess' | 'suspend' | 'adjourn';
type Conduct = Stop | 'start' | 'resume' | 'close';

/** Opens the link and goes on to the equipment check; waits until the path to the court is up. */
export async function openCheck(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: vi.join.button }).click();
  await passIntroduction(page);
  await expect(page.getByRole('list', { name: vi.check.title })).toBeVisible();
  await expect(page.getByText(/^Đã kết nối/)).toBeVisible({ timeout: 15_000 });
}

/** The court goes straight to the check; everybody else is told first which hearing it is. */
async function passIntroduction(page: Page): Promise<void> {
  const go = page.getByRole('button', { name: people.introduction.go, exact: true });
  const check = page.getByRole('list', { name: vi.check.title });
  const introduced = page.getByRole('heading', { name: people.introduction.title });
  await expect(introduced.or(check)).toBeVisible({ timeout: 60_000 });
  if (await introduced.isVisible()) {
    await go.click();
  }
}

/** On without trying out the devices, of which one is reminded once. */
export async function passCheck(page: Page): Promise<void> {
  const next = page.getByRole('button', { name: vi.check.next });
  await expect(async () => {
    if (await next.isVisible()) {
      await next.click();
    }
    await expect(page.getByRole('button', { name: people.rules.go })).toBeVisible({
      timeout: 2_000,
    });
  }).toPass({ timeout: 60_000 });
}

/** From the link to the waiting room. */
export async function arrive(page: Page, link: string): Promise<void> {
  await openCheck(page, link);
  await passCheck(page);
  await page.getByRole('button', { name: people.rules.go }).click();
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: people.declaration.enter }).click();
  await expect(page.getByRole('heading', { name: people.waiting.title })).toBeVisible();
}

/** From the link into the courtroom, for judges and the clerk. */
export async function enterAsCourt(page: Page, link: string): Promise<void> {
  await openCheck(page, link);
  await page.getByRole('button', { name: vi.check.enter }).click();
  await expectCourtroom(page);
}

export const courtroomOf = (page: Page): Locator =>
  page.getByRole('region', { name: vi.court.stage });

export async function expectCourtroom(page: Page): Promise<void> {
  await expect(courtroomOf(page)).toBeVisible({ timeout: 60_000 }); // the screen is loaded when it is wanted
}

/** Part of the people panel: who waits, who asks to speak, who is inside. */
export function group(page: Page, name: string): Locator {
  return page.locator(`[data-group="${name}"]`);
}

/** A tab of the court's panel, which may be folded. */
export async function openTab(page: Page, tab: string): Promise<void> {
  const trigger = page.locator(`[data-tab="${tab}"]`);
  const toggle = page.locator('[aria-controls="panel"]');
  await expect(toggle).toBeVisible();
  if ((await toggle.getAttribute('aria-expanded')) === 'false') {
    await toggle.click();
  }
  await trigger.click();
}

/** How the hearing stands on this screen. */
export function statusOn(page: Page): Promise<string> {
  return page.evaluate(
    () => (window as unknown as { __assize: { status: string } }).__assize.status,
  );
}

/** Before the opening from the board of the sites, later from the panel. */
export async function admit(judge: Page, name: string): Promise<void> {
  if ((await statusOn(judge)) !== 'SCHEDULED') {
    await openTab(judge, 'people');
  }
  await group(judge, 'waiting').getByRole('button', { name }).first().click();
}

/** A decision of the presiding judge, confirmed in its dialog; the opening has its countdown besides. */
export async function conduct(
  judge: Page,
  step: Conduct,
  words = 'Theo quyết định.',
): Promise<void> {
  const next = judge.locator('[data-step]');
  await expect(next).toBeVisible();
  const kind = await next.getAttribute('data-step');
  if (kind === step.toUpperCase()) {
    await next.click();
  } else {
    await judge.getByRole('button', { name: court.stop.menu }).click();
    await judge.getByRole('menuitem', { name: court.stop[step as Stop] }).click();
  }
  const dialog = judge.getByRole('alertdialog');
  await expect(dialog).toBeVisible();
  const field = dialog.getByRole('textbox');
  if ((await field.count()) > 0) {
    await field.fill(words);
  }
  const tick = dialog.getByRole('checkbox');
  if ((await tick.count()) > 0) {
    await tick.check();
  }
  await dialog.locator('.buttons .button').last().click();
  await expect(judge.getByRole('alertdialog')).toHaveCount(0);
}

/** One of the actions on a person in the people panel. */
export async function onPerson(judge: Page, name: string, action: string): Promise<void> {
  await openTab(judge, 'people');
  await group(judge, 'inside').getByRole('button', { name }).click();
  await group(judge, 'inside').getByRole('button', { name: action, exact: true }).click();
}

/** One of one's own controls. */
export function control(page: Page, name: string): Locator {
  return page
    .getByRole('toolbar', { name: vi.court.controls })
    .getByRole('button', { name, exact: true });
}

/** The tile of whoever holds the floor. */
export function floorTile(page: Page): Locator {
  return page.locator('[data-endpoint][data-floor="true"]');
}
