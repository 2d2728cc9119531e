// After the end: the clerk and the judge see the outcome wait, and then received at the centre; others do not.
import { expect, test, type Browser } from '@playwright/test';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import { Exchange } from '../support/exchange.ts';
import { admit, arrive, conduct, enterAsCourt, expectCourtroom } from '../support/screens.ts';
import { NAMES } from '../support/server.ts';

let exchange: Exchange;
let browser: Browser;

test.beforeAll(async () => {
  exchange = await Exchange.start();
  browser = await launch();
});

test.afterAll(async () => {
  await browser?.close();
  await exchange?.dispose();
});

test('shows the outcome waiting, then received, with both times', async () => {
  const hearing = await exchange.court.seed();
  const judge = await newPerson(browser);
  const clerk = await newPerson(browser);
  const counsel = await newPerson(browser, { viewport: { width: 1024, height: 768 } });
  await enterAsCourt(judge, hearing.links.judge);
  await enterAsCourt(clerk, hearing.links.clerk);
  await arrive(counsel, hearing.links.counsel);
  await admit(judge, NAMES.counsel);
  await expectCourtroom(counsel);
  await conduct(judge, 'start');
  await exchange.center.stop();
  await conduct(judge, 'close');
  for (const page of [judge, clerk]) {
    await expect(page.locator('[data-sync="waiting"]')).toContainText(
      new RegExp(`${vi.sync.waiting} \\d\\d:\\d\\d:\\d\\d`),
    );
  }
  await exchange.center.restart();
  for (const page of [judge, clerk]) {
    await expect(page.locator('[data-sync="received"]')).toContainText(
      new RegExp(`${vi.sync.received} \\d\\d:\\d\\d:\\d\\d`),
      { timeout: 20_000 },
    );
    await expectAccessible(page);
  }
  await picture(clerk, 'closed-clerk');
  await expect(counsel.getByRole('heading', { name: vi.pause.CLOSED.title })).toBeVisible();
  await expect(counsel.locator('[data-sync]')).toHaveCount(0);
});
