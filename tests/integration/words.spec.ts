// What the screens say of what happened, from what the server tells: no browser.
import { expect, test } from '@playwright/test';
import { create } from '@bufbuild/protobuf';
import { EventSchema, PauseCause, Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import {
  EndpointViewSchema,
  HearingViewSchema,
  SiteViewSchema,
  type HearingView,
} from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { en } from '../../web/src/lib/i18n/en.ts';
import { vi } from '../../web/src/lib/i18n/vi.ts';
import { nothing, type Knowledge } from '../../web/src/lib/merge.ts';
import { sentencesFor } from '../../web/src/lib/tidings.ts';
import { en as peopleEn } from '../../web/src/people/i18n/en.ts';
import { vi as peopleVi } from '../../web/src/people/i18n/vi.ts';
import { cardFor } from '../../web/src/people/pause.ts';

const site = 'Trại tạm giam số 1';

function known(hearing: Partial<HearingView>, written: [bigint, string][] = []): Knowledge {
  return {
    ...nothing,
    hearing: create(HearingViewSchema, hearing as object),
    sites: [create(SiteViewSchema, { id: 1, name: site })],
    endpoints: [create(EndpointViewSchema, { id: 7, site: 1, connected: true })],
    words: new Map(written),
  };
}

const paused = (pauseCause: PauseCause): Knowledge =>
  known({ status: Status.RECESS, pausedBy: 7, pauseCause });

test('nobody who left is said to have lost the connection, or to have it back', () => {
  for (const cause of [PauseCause.LEFT, PauseCause.SENT_BACK]) {
    const texts = [
      ...(cardFor(paused(cause), peopleVi, 'vi')?.sentences ?? []),
      ...(cardFor(paused(cause), peopleEn, 'en')?.sentences ?? []),
    ];
    const event = create(EventSchema, {
      body: { case: 'paused', value: { endpoint: 7, cause } },
    });
    for (const [words, lang] of [
      [vi, 'vi'],
      [en, 'en'],
    ] as const)
      texts.push(
        ...sentencesFor(event, nothing, paused(cause), words, lang).map(({ text }) => text),
      );
    expect(texts).toHaveLength(4);
    for (const text of texts) {
      expect(text).toContain(site);
      expect(text).not.toMatch(/kết nối|connect/);
    }
  }
  expect(cardFor(paused(PauseCause.LINK_LOST), peopleVi, 'vi')?.sentences[0]).toContain('kết nối');
});

test('the decision on a card is that of the suspension, and nothing else that was written', () => {
  const suspended = { status: Status.SUSPENDED, statusSeq: 9n };
  const before: [bigint, string] = [8n, 'Thư ký đang đến.'];
  const words: [bigint, string][] = [
    before,
    [9n, 'Tạm ngừng phiên tòa.'],
    [11n, 'Ghi chú sau đó.'],
  ];
  expect(cardFor(known(suspended, words), peopleVi, 'vi')?.decision).toBe('Tạm ngừng phiên tòa.');
  expect(cardFor(known(suspended, [before]), peopleVi, 'vi')?.decision).toBe('');
});
