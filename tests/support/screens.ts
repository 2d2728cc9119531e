// The ways through the screens, in the words of the Vietnamese dictionary.
import { expect, type Locator, type Page } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { vi as people } from '../../web/src/people/i18n/vi.ts';

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
  await expect(introduced.or(check)).toBeVisible();
  if (await introduced.isVisible()) {
    await go.click();
  }
}

/** From the link to the waiting room. */
export async function arrive(page: Page, link: string): Promise<void> {
  await openCheck(page, link);
  await page.getByRole('button', { name: vi.check.play }).click();
  await page.getByRole('button', { name: vi.check.yes }).click();
  await page.getByRole('button', { name: vi.check.next }).click();
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

export async function expectCourtroom(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: vi.court.stage })).toBeVisible();
}

/** Part of the people panel: who waits, who asks to speak, who is inside. */
export function group(page: Page, name: 'waiting' | 'queue' | 'inside'): Locator {
  return page.locator(`[data-group="${name}"]`);
}

export async function admit(judge: Page, name: string): Promise<void> {
  await group(judge, 'waiting').getByRole('button', { name }).click();
}

/** A decision of the presiding judge, confirmed in its dialog. */
export async function conduct(judge: Page, step: keyof typeof vi.conduct.asks): Promise<void> {
  await judge.getByRole('button', { name: vi.conduct[step], exact: true }).click();
  const dialog = judge.getByRole('alertdialog').or(judge.getByRole('dialog'));
  await expect(dialog).toContainText(vi.conduct.asks[step]);
  if (step === 'close') {
    await dialog.getByRole('checkbox').check();
  }
  await dialog.getByRole('button', { name: vi.conduct.confirm[step], exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** One of the actions on a person in the people panel. */
export async function onPerson(judge: Page, name: string, action: string): Promise<void> {
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
