// Staff who sign in, and those who guess passwords.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ChangePasswordRequestSchema,
  CurrentRequestSchema,
  EndSessionRequestSchema,
  MemberSchema,
  Role,
  SessionsRequestSchema,
  SignInRequestSchema,
  SignOutRequestSchema,
} from '../../web/src/gen/assize/staff/v1/staff_pb.js';
import { expect, test } from '../support/fixtures.ts';
import { request } from '../support/http.ts';
import { run } from '../support/processes.ts';
import { binary } from '../support/server.ts';
import { openByLink, refused } from '../support/session.ts';
import {
  ACCOUNT_NAME,
  addAccount,
  callStaff,
  sessionsOf,
  signIn,
  STAFF_COOKIE,
  tryToSignIn,
} from '../support/staff.ts';

const current = (url: string, cookie: string) =>
  callStaff(url, 'Current', CurrentRequestSchema, {}, { Cookie: cookie });

test('signs in with a cookie that scripts cannot read and other sites cannot send', async ({
  server,
}) => {
  const account = await addAccount(server, 'judge');
  const { setCookie, cookie, member } = await signIn(server.url, account);
  expect(setCookie).toMatch(new RegExp(`^${STAFF_COOKIE}=[A-Za-z0-9_-]{43};`));
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) {
    expect(setCookie.split(/;\s*/)).toContain(flag);
  }
  expect(setCookie).not.toMatch(/Domain=/i);
  expect(member).toMatchObject({ login: account.login, name: ACCOUNT_NAME, role: Role.JUDGE });
  expect(fromBinary(MemberSchema, (await current(server.url, cookie)).body)).toEqual(member);
});

test('keeps the session of a join link and that of staff apart', async ({ server, hearing }) => {
  const account = await addAccount(server);
  const link = await openByLink(server.url, hearing.links.witness);
  const staff = await signIn(server.url, account);
  const asStaff = link.cookie.replace(/^[^=]*/, STAFF_COOKIE);
  expect(refused(await current(server.url, asStaff)).code).toBe('staff_not_signed_in');
  expect(refused(await current(server.url, link.cookie)).code).toBe('staff_not_signed_in');
  expect((await current(server.url, `${link.cookie}; ${staff.cookie}`)).status).toBe(200);
  await callStaff(server.url, 'SignOut', SignOutRequestSchema, {}, { Cookie: staff.cookie });
  expect(refused(await current(server.url, staff.cookie)).code).toBe('staff_not_signed_in');
});

test('takes no sign-in from a page of another site', async ({ server }) => {
  const account = await addAccount(server);
  const foreign: Record<string, string>[] = [
    { Origin: 'https://example.com' },
    { Origin: 'null' },
    { Origin: '', 'Sec-Fetch-Site': 'cross-site' },
  ];
  for (const headers of foreign) {
    const answer = await tryToSignIn(server.url, account, headers);
    expect(refused(answer).code).toBe('origin_refused');
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  const form = await request(`${server.url}/assize.staff.v1.StaffService/SignIn`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: server.url },
    body: 'login=a&password=b',
  });
  expect(refused(form).code).toBe('unsupported_type');
});

test('answers alike for a wrong password, an unknown login and a disabled account', async ({
  server,
}) => {
  const account = await addAccount(server);
  const disabled = await addAccount(server);
  await server.assize('account', 'disable', disabled.login);
  const answers = [
    await tryToSignIn(server.url, { ...account, password: 'not this one' }),
    await tryToSignIn(server.url, { login: 'nobody.at.all', password: 'not this one' }),
    await tryToSignIn(server.url, disabled),
  ];
  for (const answer of answers) {
    expect(refused(answer)).toMatchObject({ status: 401, code: 'sign_in_wrong' });
    expect(answer.body).toEqual(answers[0]?.body);
    expect(Object.keys(answer.headers)).toEqual(Object.keys(answers[0]?.headers ?? {}));
  }
  expect(server.log('assized')).not.toContain('nobody.at.all');
  expect(server.log('assized')).not.toContain('not this one');
});

test('lists sign-ins, and ends one from that moment on', async ({ server }) => {
  const account = await addAccount(server);
  const here = await signIn(server.url, account);
  const there = await signIn(server.url, account);
  const sessions = await sessionsOf(server.url, here.cookie);
  expect(sessions.map(({ agent, current: own }) => ({ agent, own }))).toEqual(
    expect.arrayContaining([
      { agent: 'a test', own: true },
      { agent: 'a test', own: false },
    ]),
  );
  const other = sessions.find((session) => !session.current)?.id ?? '';
  const end = (id: string, cookie: string) =>
    callStaff(server.url, 'EndSession', EndSessionRequestSchema, { id }, { Cookie: cookie });
  expect((await end(other, here.cookie)).status).toBe(200);
  expect(refused(await current(server.url, there.cookie)).code).toBe('staff_not_signed_in');
  expect((await current(server.url, here.cookie)).status).toBe(200);
  expect((await end(other, here.cookie)).status).toBe(200);
  expect(refused(await end('x', here.cookie)).code).toBe('session_unknown');
});

test('shows and ends the sign-ins of others for administrators only', async ({ server }) => {
  const clerk = await addAccount(server);
  const officer = await signIn(server.url, await addAccount(server, 'officer'));
  const administrator = await signIn(server.url, await addAccount(server, 'administrator'));
  const { cookie } = await signIn(server.url, clerk);
  const [session] = await sessionsOf(server.url, administrator.cookie, clerk.login);
  const ask = (asker: string) =>
    callStaff(
      server.url,
      ...(['Sessions', SessionsRequestSchema, { login: clerk.login }] as const),
      { Cookie: asker },
    );
  const end = (asker: string) =>
    callStaff(
      server.url,
      ...(['EndSession', EndSessionRequestSchema, { id: session?.id ?? '' }] as const),
      { Cookie: asker },
    );
  expect(refused(await ask(officer.cookie)).code).toBe('staff_role');
  expect(refused(await end(officer.cookie)).code).toBe('session_unknown');
  expect((await current(server.url, cookie)).status).toBe(200);
  expect((await end(administrator.cookie)).status).toBe(200);
  expect(refused(await current(server.url, cookie)).code).toBe('staff_not_signed_in');
});

test('lets nobody on who has not changed the password that was given', async ({ server }) => {
  const account = await addAccount(server, 'clerk', { settled: false });
  const { cookie, member } = await signIn(server.url, account);
  expect(member.mustChange).toBe(true);
  const sessions = await callStaff(
    server.url,
    ...(['Sessions', SessionsRequestSchema, {}] as const),
    { Cookie: cookie },
  );
  expect(refused(sessions).code).toBe('password_must_change');
  const change = (newPassword: string) =>
    callStaff(
      server.url,
      'ChangePassword',
      ChangePasswordRequestSchema,
      { oldPassword: account.password, newPassword },
      { Cookie: cookie },
    );
  expect(refused(await change('ngắn quá')).code).toBe('password_short');
  expect(refused(await change('matkhau123456')).code).toBe('password_common');
  const changed = await change('sáng nay trời mưa to');
  expect(changed.status).toBe(200);
  const next = changed.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect(refused(await current(server.url, cookie)).code).toBe('staff_not_signed_in');
  expect(await sessionsOf(server.url, next)).toHaveLength(1);
});

test('ends every sign-in when the command line disables an account or sets a password', async ({
  server,
}) => {
  for (const words of [['disable'], ['passwd', '--generate']]) {
    const account = await addAccount(server);
    const { cookie } = await signIn(server.url, account);
    const [verb = '', ...options] = words;
    await server.assize('account', verb, account.login, ...options);
    expect(refused(await current(server.url, cookie)).code).toBe('staff_not_signed_in');
  }
});

test('stays itself while passwords are guessed from everywhere at once', async ({ server }) => {
  test.setTimeout(180_000);
  const account = await addAccount(server);
  const own = '127.77.1.1';
  await signIn(server.url, account, own);
  /** One stranger: four guesses, each as soon as the last is answered. */
  const guess = async (stranger: number) => {
    const codes: string[] = [];
    for (let i = 0; i < 4; i++) {
      const login = i % 2 ? account.login : `guessed.${stranger}`;
      const wrong = { login, password: `guess ${i}` };
      codes.push(
        refused(await tryToSignIn(server.url, wrong, {}, `127.77.2.${1 + stranger}`)).code,
      );
    }
    return codes;
  };
  let over = false;
  const storm = Promise.all(Array.from({ length: 15 }, (_, i) => guess(i))).finally(
    () => (over = true),
  );
  let answered = 0;
  let slowest = 0;
  while (!over) {
    const began = performance.now();
    expect((await request(`${server.url}/healthz`)).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - began);
    answered++;
  }
  const codes = (await storm).flat();
  for (const code of codes) {
    expect(['sign_in_wrong', 'sign_in_wait', 'busy', 'rate_limited']).toContain(code);
  }
  expect(codes).toContain('sign_in_wrong');
  expect(codes).toContain('sign_in_wait'); // an account is looked at twenty times, whoever asks, before all wait
  expect(answered).toBeGreaterThan(10);
  // Hashes take their time in threads; the loop goes on all the while.
  expect(slowest).toBeLessThan(10_000);
  expect(server.residentMb('assized')).toBeLessThan(600);
  // The owner comes in from where they always do, whatever the strangers did to the account.
  expect((await signIn(server.url, account, own)).member.login).toBe(account.login);
});

test('remembers who guessed after a restart', async ({ server }) => {
  const account = await addAccount(server);
  const from = '127.78.1.1';
  for (let i = 0; i < 3; i++) {
    await tryToSignIn(server.url, { ...account, password: 'no' }, {}, from);
  }
  await server.sql(`UPDATE sign_in_failure SET failures = 20 WHERE address = '${from}'`);
  await server.stop();
  await server.restart();
  const held = await tryToSignIn(server.url, account, {}, from);
  expect(refused(held)).toMatchObject({ status: 429, code: 'sign_in_wait' });
  const seconds = Number(held.headers['retry-after']);
  expect(seconds).toBeGreaterThan(300);
  expect(seconds).toBeLessThanOrEqual(900);
  // An administrator at the machine lets the owner in at once.
  await server.assize('account', 'enable', account.login);
  expect((await tryToSignIn(server.url, account, {}, '127.78.1.2')).status).toBe(200);
});

test('takes a password from standard input, unless everyone guesses it', async ({ server }) => {
  const account = await addAccount(server);
  const type = (password: string) =>
    run('sh', [
      ...['-c', 'printf "%s\\n" "$0" | "$@"', password, binary('assize')],
      ...['account', 'passwd', account.login, '--state', server.state],
    ]);
  const refusal = await type('matkhau123456');
  expect(refusal.code).toBe(2);
  expect(refusal.errors).toContain('too easy to guess');
  expect((await signIn(server.url, account)).member.login).toBe(account.login);
  const taken = await type('sáng nay trời mưa to');
  expect(taken).toEqual({ code: 0, output: '', errors: '' });
  expect((await tryToSignIn(server.url, account)).status).toBe(401);
  const { member } = await signIn(server.url, { ...account, password: 'sáng nay trời mưa to' });
  expect(member.mustChange).toBe(true);
});

test('tells on the command line who has an account and where they are signed in', async ({
  server,
}) => {
  const account = await addAccount(server, 'judge');
  await signIn(server.url, account);
  const lineOf = async () =>
    (await server.assize('account', 'list'))
      .split('\n')
      .find((line) => line.startsWith(`${account.login} `));
  expect(await lineOf()).toMatch(new RegExp(` judge +1 signed in {2}${ACCOUNT_NAME}$`));
  const sessions = await server.assize('account', 'sessions', account.login);
  expect(sessions).toMatch(/^[0-9a-f-]{36} {2}last used .* from 127\..* a test\n$/);
  await server.assize('account', 'end', sessions.slice(0, 36));
  expect(await lineOf()).toMatch(/ 0 signed in /);
});

test('makes the accounts of the demonstration once, for its owner to read', async ({ server }) => {
  const told = await server.assize('demo', 'accounts');
  expect(told.split('\n').map((line) => line.split(' ')[0])).toEqual([
    ...['clerk', 'judge', 'administrator', 'officer', ''],
  ]);
  expect(await server.assize('demo', 'accounts')).toBe(told);
  expect(statSync(join(server.state, 'demo-accounts')).mode & 0o777).toBe(0o600);
  const [, login = '', password = ''] = told.split('\n')[0]?.split(' ') ?? [];
  const { member } = await signIn(server.url, { login, password });
  expect(member).toMatchObject({ role: Role.CLERK, mustChange: false });
});

test('refuses a message that is none', async ({ server }) => {
  const body = toBinary(SignInRequestSchema, create(SignInRequestSchema, { login: 'a' }));
  const answer = await request(`${server.url}/assize.staff.v1.StaffService/SignIn`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/proto',
      'Connect-Protocol-Version': '1',
      Origin: server.url,
      'Content-Length': String(body.length - 1),
    },
    body: body.subarray(0, body.length - 1),
  });
  expect(refused(answer).code).toBe('malformed');
});
