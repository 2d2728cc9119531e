// Join links and the sessions they open.
import { fromBinary } from '@bufbuild/protobuf';
import { EndpointKind, Role } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { SessionSchema } from '../../web/src/gen/assize/session/v1/session_pb.js';
import { expect, test } from '../support/fixtures.ts';
import { Participant } from '../support/participant.ts';
import { PEOPLE } from '../support/server.ts';
import { call, callOpen, COOKIE, openByLink, refused, token } from '../support/session.ts';

const NOTHING = new Uint8Array();

test('opens a session that scripts cannot read and other sites cannot send', async ({
  server,
  hearing,
}) => {
  const { session, setCookie } = await openByLink(server.url, hearing.links.judge);
  expect(setCookie).toMatch(new RegExp(`^${COOKIE}=[A-Za-z0-9_-]{43};`));
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) {
    expect(setCookie.split(/;\s*/)).toContain(flag);
  }
  expect(setCookie).not.toMatch(/Domain=/i);
  expect(session.hearing).toBe(hearing.id);
  expect(session.participant).toBe(PEOPLE.judge);
  expect(session.role).toBe(Role.PRESIDING_JUDGE);
  expect(session.endpointKind).toBe(EndpointKind.PERSONAL);
});

test('knows the session by its cookie, and forgets it on signing out', async ({
  server,
  hearing,
}) => {
  const { cookie, session } = await openByLink(server.url, hearing.links.clerk);
  const current = await call(server.url, 'Current', NOTHING, { Cookie: cookie });
  expect(fromBinary(SessionSchema, current.body)).toEqual(session);
  const out = await call(server.url, 'SignOut', NOTHING, { Cookie: cookie });
  expect(out.status).toBe(200);
  expect(out.headers['set-cookie']?.[0]).toMatch(/Max-Age=0/);
  const after = await call(server.url, 'Current', NOTHING, { Cookie: cookie });
  expect(refused(after)).toMatchObject({ status: 401, code: 'not_signed_in' });
});

test('knows nobody without a cookie, or by one it never gave', async ({ server }) => {
  for (const cookie of [
    '',
    `${COOKIE}=${'A'.repeat(43)}`,
    `${COOKIE}=x`,
    `session=${'A'.repeat(43)}`,
  ]) {
    const answer = await call(
      server.url,
      'Current',
      NOTHING,
      cookie === '' ? {} : { Cookie: cookie },
    );
    expect(refused(answer)).toMatchObject({ status: 401, code: 'not_signed_in' });
  }
});

test('refuses a link that was never issued', async ({ server }) => {
  for (const wrong of ['A'.repeat(43), '', 'x', 'A'.repeat(4_000), "' OR 1=1 --"]) {
    const answer = await callOpen(server.url, wrong);
    expect(refused(answer), wrong.slice(0, 20)).toMatchObject({ code: 'link_unknown' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
});

test('opens a single-use link once, and again only for the same browser', async ({
  server,
  hearing,
}) => {
  const link = await server.issueLink(hearing, 'witness');
  const { cookie } = await openByLink(server.url, link);
  const same = await callOpen(server.url, token(link), { Cookie: cookie });
  expect(same.status).toBe(200);
  const other = await callOpen(server.url, token(link));
  expect(refused(other)).toMatchObject({ status: 400, code: 'link_used' });
});

test('refuses an expired link', async ({ server, hearing }) => {
  const link = await server.issueLink(hearing, 'witness');
  await server.expireLinks(hearing);
  const answer = await callOpen(server.url, token(link));
  expect(refused(answer)).toMatchObject({ status: 400, code: 'link_expired' });
});

test('refuses a withdrawn link and ends the sessions it opened', async ({ server, hearing }) => {
  const link = await server.issueLink(hearing, 'witness');
  const { cookie } = await openByLink(server.url, link);
  await server.revokeLink(link);
  const answer = await callOpen(server.url, token(link));
  expect(refused(answer)).toMatchObject({ status: 400, code: 'link_revoked' });
  await expect
    .poll(async () => (await call(server.url, 'Current', NOTHING, { Cookie: cookie })).status, {
      timeout: 8_000,
    })
    .toBe(401);
});

test('binds a session to its own hearing', async ({ server, hearing }) => {
  const other = await server.seed();
  expect(other.id).not.toBe(hearing.id);
  const participant = await Participant.join(server.url, other.links.judge);
  expect(participant.snapshot.hearing?.id).toBe(other.id);
  participant.close();
});

test('stops someone who tries many links', async ({ server, hearing }) => {
  let code = '';
  for (let tries = 0; tries < 25 && code !== 'rate_limited'; tries++) {
    const answer = await callOpen(server.url, String(tries).padStart(43, 'A'));
    code = refused(answer).code;
  }
  expect(code).toBe('rate_limited');
  const good = await callOpen(server.url, token(hearing.links.judge));
  expect(refused(good)).toMatchObject({ status: 429, code: 'rate_limited' });
});

test('stops many tries with one link, wherever they come from', async ({ server, hearing }) => {
  const link = await server.issueLink(hearing, 'victim', '--kind', 'multi');
  const statuses: number[] = [];
  for (let i = 1; i <= 32; i++) {
    const answer = await callOpen(server.url, token(link), {}, `127.9.${i}.1`);
    statuses.push(answer.status);
  }
  expect(statuses.slice(0, 20).every((status) => status === 200)).toBe(true);
  expect(statuses.at(-1)).toBe(429);
});

test('keeps links out of its log', async ({ server, hearing }) => {
  await openByLink(server.url, hearing.links.counsel);
  await callOpen(server.url, 'SECRET-TOKEN-THAT-WAS-NEVER-ISSUED-00000000');
  expect(server.log('assized')).not.toContain(token(hearing.links.counsel));
  expect(server.log('assized')).not.toContain('SECRET-TOKEN');
});
