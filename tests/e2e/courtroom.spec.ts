// The courtroom as it looks in use: the judge and counsel in Chromium, the detention site and the victim simulated.
import type { Browser, Page } from '@playwright/test';
import { expectAccessible, expectArriving, newPerson, picture } from '../support/browser.ts';
import { launchWith } from '../support/camera.ts';
import { Peer } from '../support/peer.ts';
import { expect, test } from '../support/fixtures.ts';
import {
  admit,
  arrive,
  conduct,
  control,
  enterAsCourt,
  floorTile,
  group,
} from '../support/screens.ts';
import { NAMES } from '../support/server.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';

let browsers: Browser[] = [];

test.beforeAll(async () => {
  browsers = [await launchWith('judge'), await launchWith('counsel')];
});

test.afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
});

test('shows a hearing in session to everybody in it', async ({ server, hearing }) => {
  const [judge, counsel] = (await Promise.all(browsers.map((one) => newPerson(one)))) as [
    Page,
    Page,
  ];
  const peers = [
    new Peer(server, hearing.links.detention, 'detention'),
    new Peer(server, hearing.links.victim, 'victim'),
  ];
  await enterAsCourt(judge, hearing.links.judge);
  await arrive(counsel, hearing.links.counsel);
  const witness = await newPerson(browsers[1] as Browser);
  await arrive(witness, hearing.links.witness);
  for (const name of [NAMES.detention, NAMES.victim, NAMES.counsel]) {
    await admit(judge, name);
  }
  await conduct(judge, 'start');
  await expectArriving(judge, 3, 3);
  await expectArriving(counsel, 3, 3);
  await control(counsel, vi.court.raiseHand).click();
  await expect(group(judge, 'queue')).toContainText(NAMES.counsel);
  await picture(judge, 'courtroom-judge');
  await group(judge, 'queue').getByRole('button', { name: NAMES.counsel }).click();
  await expect(floorTile(counsel)).toHaveAttribute('data-self', 'true');
  await picture(judge, 'courtroom-floor');
  await expectAccessible(judge);
  await judge.setViewportSize({ width: 1024, height: 768 });
  await picture(judge, 'courtroom-judge-1024');
  await counsel.setViewportSize({ width: 390, height: 844 });
  await counsel.locator('#panel').getByRole('button', { name: vi.close }).click();
  await picture(counsel, 'phone-courtroom');
  await Promise.all(peers.map((peer) => peer.stop()));
  await Promise.all([judge, counsel, witness].map((page) => page.context().close()));
});
