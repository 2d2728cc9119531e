// The summons that a link was issued for, on the way to the courtroom.
import { vi as people } from '../../web/src/people/i18n/vi.ts';
import { expectAccessible, launch, newPerson, picture } from '../support/browser.ts';
import { expect, test } from '../support/fixtures.ts';

test('shows the summons to whoever comes by a link, before anything else', async ({ hearing }) => {
  const browser = await launch();
  const witness = await newPerson(browser, { viewport: { width: 390, height: 844 } });
  await witness.goto(hearing.links.witness);
  await witness.getByRole('button', { name: /tham gia/i }).click();
  await expect(witness.getByText(people.introduction.summons)).toBeVisible();
  await expect(witness.getByText('12/2026/GTT-06')).toBeVisible();
  await picture(witness, 'introduction-summons');
  await expectAccessible(witness);
  await browser.close();
});
