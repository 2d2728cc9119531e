// The public gallery: what a viewer is told and may ask for, and who may open and close it.
import { create } from '@bufbuild/protobuf';
import { Status } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import {
  ListenToRecordSchema,
  UseProgrammeSchema,
  type GalleryView,
} from '../../web/src/gen/assize/signal/v1/signal_pb.js';
import { expect, must, test } from '../support/fixtures.ts';
import { Participant } from '../support/participant.ts';
import { eventually } from '../support/processes.ts';
import type { Hearing, Server } from '../support/server.ts';
import { callOpen, openByLink, refused, token } from '../support/session.ts';

const BOUND_MS = 15_000;

function watch(server: Server, hearing: Hearing): Promise<Participant> {
  return Participant.join(server.url, hearing.gallery, { media: true });
}

/** Waits until the viewer was last told this of the hearing. */
function told(viewer: Participant, what: Partial<GalleryView>): Promise<GalleryView> {
  return eventually(`the viewer is told ${JSON.stringify(what)}`, BOUND_MS, () => {
    const view = viewer.all('gallery').at(-1);
    const wanted = Object.entries(what) as [keyof GalleryView, unknown][];
    return view && wanted.every(([key, value]) => view[key] === value) ? view : undefined;
  });
}

/** Waits until those inside are told so many viewers. */
async function counted(judge: Participant, viewers: number): Promise<void> {
  await eventually(`${viewers} viewers are counted`, BOUND_MS, () => {
    const newest = [...judge.messages]
      .reverse()
      .map(({ response }) =>
        response.case === 'events' || response.case === 'snapshot'
          ? response.value.hearing
          : undefined,
      )
      .find((hearing) => hearing !== undefined);
    return newest?.galleryViewers === viewers;
  });
}

test('opens a session of the gallery that is nobody in the hearing', async ({
  server,
  hearing,
}) => {
  expect(new URL(hearing.gallery).pathname).toBe('/gallery');
  const { session } = await openByLink(server.url, hearing.gallery);
  expect(session.gallery).toBe(true);
  expect(session.hearing).toBe(hearing.id);
  expect(session.participant).toBe(0);
  expect(session.name).toBe('');
  expect(session.caseNumber).not.toBe('');
});

test('tells a viewer of the doors, and of nothing that happens inside', async ({
  server,
  hearing,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const viewer = courtroom.keep(await watch(server, hearing));
  await told(viewer, { open: false, private: false, status: Status.SCHEDULED, delayS: 0 });
  await counted(judge, 1);
  must(await judge.command({ case: 'setGalleryDelay', value: { delayS: 20 } }));
  must(await judge.command({ case: 'openGallery', value: {} }));
  await told(viewer, { open: true, delayS: 20 });
  must(await judge.command({ case: 'start', value: {} }));
  await courtroom.enter('counsel', judge);
  await told(viewer, { status: Status.IN_SESSION });
  must(await judge.command({ case: 'goPrivate', value: {} }));
  await told(viewer, { private: true, playing: false });
  must(await judge.command({ case: 'goPublic', value: {} }));
  await told(viewer, { private: false });
  must(await judge.command({ case: 'closeGallery', value: {} }));
  await told(viewer, { open: false });
  const arms = new Set(viewer.messages.map((message) => message.response.case));
  for (const arm of ['gallery', 'mediaOffer', 'mediaSlots', 'mediaState'] as const) {
    arms.delete(arm);
  }
  expect([...arms]).toEqual([]);
});

test('lets a viewer ask for media and a sign of life, and for nothing else', async ({
  server,
  hearing,
  courtroom,
}) => {
  const viewer = courtroom.keep(await watch(server, hearing));
  const commands = await viewer.command({ case: 'checkIn', value: {} });
  expect(commands.refusal).toBe('role_not_allowed');
  expect((await viewer.command({ case: 'openGallery', value: {} })).refusal).toBe(
    'role_not_allowed',
  );
  for (const request of [
    { case: 'resync', value: {} },
    { case: 'useProgramme', value: create(UseProgrammeSchema, { on: true }) },
    { case: 'listenToRecord', value: create(ListenToRecordSchema, { on: true }) },
  ] as const) {
    const outcome = await viewer.answerTo(viewer.send(request));
    expect(outcome.refusal, request.case).toBe('role_not_allowed');
  }
  const ping = viewer.send({ case: 'ping', value: { clientMs: 5n } });
  await viewer.answerTo(ping);
  expect(viewer.all('pong').at(-1)?.clientMs).toBe(5n);
  expect(viewer.all('snapshot')).toEqual([]);
  expect(viewer.all('mediaOffer')[0]?.sdp ?? '').not.toMatch(/a=sendrecv|a=recvonly/);
});

test('refuses the doors to everybody but the presiding judge', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const clerk = await courtroom.arrive('clerk');
  const counsel = await courtroom.enter('counsel', judge);
  for (const [who, name] of [
    [clerk, 'clerk'],
    [counsel, 'counsel'],
  ] as const) {
    for (const command of ['openGallery', 'goPrivate', 'goPublic'] as const) {
      const outcome = await who.command({ case: command, value: {} });
      expect(outcome.refusal, `${name} ${command}`).toBe('role_not_allowed');
    }
    const delay = await who.command({ case: 'setGalleryDelay', value: { delayS: 5 } });
    expect(delay.refusal, name).toBe('role_not_allowed');
  }
  must(await judge.command({ case: 'openGallery', value: {} }));
  expect((await counsel.command({ case: 'closeGallery', value: {} })).refusal).toBe(
    'role_not_allowed',
  );
  must(await clerk.command({ case: 'closeGallery', value: {} }));
});

test('refuses a delay beyond its bounds', async ({ courtroom }) => {
  const judge = await courtroom.arrive('judge');
  const outcome = await judge.command({ case: 'setGalleryDelay', value: { delayS: 61 } });
  expect(outcome.refusal).toBe('malformed');
  must(await judge.command({ case: 'setGalleryDelay', value: { delayS: 60 } }));
});

test('gives a thin line to anyone inside and the record only to who keeps it', async ({
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const clerk = await courtroom.arrive('clerk');
  const counsel = await courtroom.enter('counsel', judge);
  const witness = await courtroom.arrive('witness');
  const thin = { case: 'useProgramme', value: create(UseProgrammeSchema, { on: true }) } as const;
  const listen = {
    case: 'listenToRecord',
    value: create(ListenToRecordSchema, { on: true }),
  } as const;
  expect((await counsel.answerTo(counsel.send(thin))).refusal).toBeUndefined();
  expect((await witness.answerTo(witness.send(thin))).refusal).toBe('not_in_hearing');
  expect((await clerk.answerTo(clerk.send(listen))).refusal).toBeUndefined();
  expect((await counsel.answerTo(counsel.send(listen))).refusal).toBe('role_not_allowed');
  expect((await witness.answerTo(witness.send(listen))).refusal).toBe('role_not_allowed');
});

test('counts viewers for those inside, one for each session', async ({
  server,
  hearing,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const witness = await courtroom.arrive('witness');
  const first = courtroom.keep(await watch(server, hearing));
  courtroom.keep(await watch(server, hearing));
  await counted(judge, 2);
  const again = courtroom.keep(await Participant.connect(server.url, { cookie: first.cookie }));
  expect(first.all('evicted').at(-1)?.reason?.code ?? (await first.closed())).toBeTruthy();
  await told(again, { open: false });
  await counted(judge, 2);
  again.close();
  await counted(judge, 1);
  expect(witness.all('events').some((events) => events.hearing?.galleryViewers)).toBe(false);
});

test('turns away a viewer who kept an old link', async ({ server, hearing, courtroom }) => {
  const link = await server.issueGalleryLink(hearing);
  const viewer = courtroom.keep(await Participant.join(server.url, link, { media: true }));
  await server.revokeLink(link);
  expect(await viewer.closed()).toBe(4401);
  expect(viewer.all('evicted').at(-1)?.reason?.vi).toContain('đường dẫn');
  expect(refused(await callOpen(server.url, token(link)))).toMatchObject({
    status: 400,
    code: 'link_revoked',
  });
  const late = await server.issueGalleryLink(hearing);
  await server.expireLinks(hearing);
  expect(refused(await callOpen(server.url, token(late)))).toMatchObject({ code: 'link_expired' });
});

test('turns away a viewer after the end, and tells those who were there', async ({
  server,
  hearing,
  courtroom,
}) => {
  const judge = await courtroom.arrive('judge');
  const viewer = courtroom.keep(await watch(server, hearing));
  must(await judge.command({ case: 'openGallery', value: {} }));
  must(await judge.command({ case: 'start', value: {} }));
  must(await judge.command({ case: 'close', value: {} }));
  await told(viewer, { status: Status.CLOSED, open: false });
  const late = courtroom.keep(await watch(server, hearing));
  expect(late.all('evicted')[0]?.reason?.code).toBe('hearing_ended');
  expect(await late.closed()).toBe(4001);
});
