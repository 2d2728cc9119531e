// The identity ceremony: who may vouch for whom, what is signed, what is refused, and that a changed byte shows.
import { randomUUID } from 'node:crypto';
import { Attester, Standing } from '../../web/src/gen/assize/hearing/v1/hearing_pb.js';
import { Field, Finding } from '../../web/src/gen/assize/identity/v1/identity_pb.js';
import { method as desk, staff } from '../support/desk.ts';
import { Courtroom, expect, must, test as base } from '../support/fixtures.ts';
import { accounts, DEFENDANT, Device, found, method, reading } from '../support/identity.ts';
import { verify } from '../support/record.ts';
import { signInStaff } from '../support/recordings.ts';
import { NAMES, PEOPLE, type Hearing, type Server } from '../support/server.ts';
import { callOpen, openByLink, refused, token } from '../support/session.ts';
import { addAccount, type Account } from '../support/staff.ts';

// Every password takes its time, on a slow machine seconds.
base.describe.configure({ timeout: 240_000 });

interface Ceremony {
  own: Hearing;
  known: Record<string, Account>;
  clerk: Device;
  officer: Device;
}

const test = base.extend<Ceremony>({
  known: async ({ server }, use) => use(await accounts(server)),
  own: async ({ server, known }, use) => {
    const hearing = await server.seed('criminal_first_instance');
    await sits(server, hearing, PEOPLE.clerk, of(known, 'clerk'));
    await sits(server, hearing, PEOPLE.detention, of(known, 'officer'));
    await use(hearing);
  },
  clerk: async ({ server, own }, use) => use(await Device.open(server, own.links.clerk)),
  officer: async ({ server, own }, use) => use(await Device.open(server, own.links.detention)),
});

/** The person of this account has the seat: other tests have accounts of the same name. */
async function sits(server: Server, hearing: Hearing, seat: number, account: Account) {
  await server.sql(
    `UPDATE hearing_participant SET person = (SELECT person FROM account WHERE login = '${account.login}')
     WHERE hearing = '${hearing.id}' AND id = ${seat}`,
  );
}

/** An account that is there. */
function of(known: Record<string, Account>, role: string): Account {
  const account = known[role];
  if (!account) {
    throw new Error(`the demonstration has no ${role}`);
  }
  return account;
}

test('shows the clerk everybody but the court, the officer the detained of the site', async ({
  clerk,
  officer,
  own,
  server,
}) => {
  expect((await clerk.cards()).map(({ participant }) => participant)).toEqual([
    3, 4, 5, 6, 7, 8, 9,
  ]);
  const mine = await officer.cards();
  expect(mine.map(({ participant }) => participant)).toEqual([DEFENDANT]);
  expect(mine[0]).toMatchObject({ needsOfficer: true, byClerk: false, byOfficer: false });
  expect(mine[0]?.details).toMatchObject({
    fullName: 'Phạm Văn Tuấn',
    dateOfBirth: '1991-02-27',
    summons: '12/2026/LTX-01',
  });
  const witness = await Device.open(server, own.links.witness);
  expect(await witness.try(method.cards, {})).toBe('role_not_allowed');
  expect(await witness.try(method.record, { participant: DEFENDANT })).toBe('role_not_allowed');
});

test('makes one record of what the officer and the clerk sign, and the hearing learns of it', async ({
  server,
  clerk,
  officer,
  own,
  known,
}) => {
  const courtroom = new Courtroom(server, own);
  const seen = await courtroom.arrive('clerk');
  const first = await officer.mustAttest(of(known, 'officer'), DEFENDANT);
  expect(first?.attestations).toHaveLength(1);
  expect(first?.attestations[0]).toMatchObject({ name: 'Đỗ Mạnh Cường', good: true });
  expect(first?.facts?.document?.numberEnd).toBe('0227');
  const record = first?.facts?.record ?? '';

  const both = await clerk.mustAttest(of(known, 'clerk'), DEFENDANT, { record });
  expect(both?.facts?.record).toBe(record);
  expect(both?.attestations.map(({ facts }) => facts?.as)).toEqual([
    Attester.SITE_OFFICER,
    Attester.CLERK,
  ]);
  expect(both?.attestations.every(({ good }) => good)).toBe(true);
  expect(await clerk.card(DEFENDANT)).toMatchObject({ byClerk: true, byOfficer: true });
  await seen.event('identityAttested');

  const numbers = await server.sql(
    `SELECT count(*) FROM hearing_event WHERE hearing = '${own.id}' AND position('001091000227' IN encode(body, 'escape')) > 0`,
  );
  expect(numbers).toEqual([['0']]);
  const { code, said } = await verify(server, own.id);
  expect(said).toMatchObject({ verified: true, identities: 2, identities_found: 2 });
  expect(code).toBe(0);
  courtroom.leave();
});

test('joins the record that says the same, and asks before it begins another', async ({
  clerk,
  officer,
  known,
}) => {
  const first = await officer.mustAttest(of(known, 'officer'), DEFENDANT);
  const card = await clerk.card(DEFENDANT);
  const moved = [
    ...reading(card).fields.slice(0, 3),
    found(Field.RESIDENCE, Finding.DIFFERENT, 'Xã Phúc Thịnh', 'Đã chuyển nơi cư trú năm 2024'),
  ];
  const other = { reading: reading(card, { fields: moved }) };
  expect(await clerk.attest(of(known, 'clerk'), DEFENDANT, other)).toBe('identity_facts_differ');

  const anew = await clerk.mustAttest(of(known, 'clerk'), DEFENDANT, { ...other, anew: true });
  expect(anew?.facts?.record).not.toBe(first?.facts?.record);
  expect(await clerk.card(DEFENDANT)).toMatchObject({ byClerk: true, byOfficer: false });

  const joined = await officer.mustAttest(of(known, 'officer'), DEFENDANT, other);
  expect(joined?.facts?.record).toBe(anew?.facts?.record);
  expect(await officer.card(DEFENDANT)).toMatchObject({ byClerk: true, byOfficer: true });
  expect(await officer.attest(of(known, 'officer'), DEFENDANT, other)).toBe('identity_signed');
});

test('asks for a remark where something differs, and knows a number that is not the same', async ({
  clerk,
  known,
}) => {
  const account = of(known, 'clerk');
  const card = await clerk.card(PEOPLE.witness);
  const { fields } = reading(card);
  const unremarked = [found(Field.FULL_NAME, Finding.DIFFERENT, 'Vũ Ngọc Lan'), ...fields.slice(1)];
  const attest = (different: Parameters<typeof reading>[1]) =>
    clerk.attest(account, PEOPLE.witness, { reading: reading(card, different) });
  expect(await attest({ fields: unremarked })).toBe('remark_needed');
  expect(await attest({ fields: fields.slice(1) })).toBe('identity_unfit');
  expect(await attest({ number: '001195001218' })).toBe('identity_number_differs');
  expect(await attest({ number: '' })).toBe('identity_unfit');
  expect(await clerk.card(PEOPLE.witness)).toMatchObject({ byClerk: false });
});

test('signs only with the right password of somebody who sits there', async ({
  server,
  clerk,
  own,
  known,
}) => {
  const { login } = of(known, 'clerk');
  expect(await clerk.attest({ login, password: 'khong dung dau' }, PEOPLE.witness)).toBe(
    'sign_in_wrong',
  );
  expect(await clerk.attest({ login: 'khong.ai', password: 'x' }, PEOPLE.witness)).toBe(
    'sign_in_wrong',
  );
  for (const other of [of(known, 'judge'), of(known, 'officer'), await addAccount(server)]) {
    expect(await clerk.attest(other, PEOPLE.witness)).toBe('attester_unknown');
  }
  const given = await addAccount(server, 'clerk', { settled: false });
  await server.sql(
    `UPDATE account SET person = (SELECT person FROM hearing_participant
      WHERE hearing = '${own.id}' AND id = 2) WHERE login = '${given.login}'`,
  );
  expect(await clerk.attest(given, PEOPLE.witness)).toBe('password_must_change');
  expect(await clerk.card(PEOPLE.witness)).toMatchObject({ byClerk: false });
  expect((await verify(server, own.id)).said).toMatchObject({ verified: true, identities: 0 });
});

test('holds up whoever guesses, as it does for signing in', async ({ server, clerk, known }) => {
  const account = of(known, 'clerk');
  for (let i = 0; i < 3; i++) {
    const guessed = { ...account, password: `sai lần ${i}` };
    expect(await clerk.attest(guessed, PEOPLE.victim)).toBe('sign_in_wrong');
  }
  await server.sql(`UPDATE sign_in_failure SET last_at = now() + interval '1 minute'`);
  expect(await clerk.attest(account, PEOPLE.victim)).toBe('sign_in_wait');
  await server.sql(`UPDATE sign_in_failure SET last_at = now() - interval '1 hour'`);
  await clerk.mustAttest(account, PEOPLE.victim);
  const left = await server.sql(
    `SELECT count(*) FROM sign_in_failure
     WHERE bucket = sign_in_bucket('${account.login}') AND failures > 2`,
  );
  expect(left).toEqual([['0']]);
});

test('lets an officer vouch at their own site only', async ({ officer, clerk, known }) => {
  const { seen } = await clerk.card(PEOPLE.witness);
  const asked = { requestId: randomUUID(), participant: PEOPLE.witness, seen };
  const account = of(known, 'officer');
  expect(await officer.try(method.attest, { ...asked, ...account })).toBe('identity_other_site');
  expect(await officer.try(method.attest, { ...asked, ...account, participant: 99 })).toBe(
    'participant_unknown',
  );
  expect(await clerk.attest(account, PEOPLE.witness)).toBe('attester_unknown');
});

test('signs nothing new when the same request comes again', async ({
  server,
  clerk,
  own,
  known,
}) => {
  const account = of(known, 'clerk');
  const card = await clerk.card(PEOPLE.victim);
  const asked = {
    requestId: randomUUID(),
    participant: PEOPLE.victim,
    seen: card.seen,
    reading: reading(card),
    ...account,
  };
  const once = await clerk.try(method.attest, asked);
  const again = await clerk.try(method.attest, asked);
  expect(once).toMatchObject({ record: { attestations: [{ good: true }] } });
  expect(again).toEqual(once);
  expect(await clerk.try(method.attest, { ...asked, anew: true })).toBe('command_id_reused');
  expect((await verify(server, own.id)).said).toMatchObject({ verified: true, identities: 1 });
});

test('does not sign what the attester has not seen', async ({ server, clerk, own, known }) => {
  const { seen } = await clerk.card(PEOPLE.witness);
  const atDesk = await staff(server, 'clerk');
  const details = { summons: '12/2026/GTT-06', residence: 'Phường Kiến Hưng' };
  await atDesk.ask(desk.setDetails, { hearing: own.id, participant: PEOPLE.witness, details });
  const now = await clerk.card(PEOPLE.witness);
  expect(now.details).toMatchObject({ residence: 'Phường Kiến Hưng', personalNumber: '' });
  const account = of(known, 'clerk');
  expect(await clerk.attest(account, PEOPLE.witness, { seen })).toBe('identity_moved');
});

test('has somebody who takes a seat identified again, and lets the one before not back in', async ({
  server,
  clerk,
  own,
  known,
}) => {
  const courtroom = new Courtroom(server, own);
  const judge = await courtroom.arrive('judge');
  await clerk.mustAttest(of(known, 'clerk'), PEOPLE.witness);
  const atDesk = await staff(server, 'clerk');
  const replace = () =>
    atDesk.try(desk.replacePerson, {
      requestId: randomUUID(),
      hearing: own.id,
      participant: PEOPLE.counsel,
      name: 'Ngô Thị Hồng Vân',
      summons: '12/2026/GTT-33',
    });

  await clerk.mustAttest(of(known, 'clerk'), PEOPLE.counsel, {
    reading: reading(await clerk.card(PEOPLE.counsel)),
  });
  expect(await clerk.card(PEOPLE.counsel)).toMatchObject({ byClerk: true });
  expect(await replace()).toMatchObject({ name: 'Ngô Thị Hồng Vân' });
  const card = await clerk.card(PEOPLE.counsel);
  expect(card).toMatchObject({ byClerk: false });
  expect(card.record).toBeUndefined();
  expect(card.details).toMatchObject({ fullName: 'Ngô Thị Hồng Vân', personalNumber: '' });
  expect(await clerk.card(PEOPLE.witness)).toMatchObject({ byClerk: true });
  expect(refused(await callOpen(server.url, token(own.links.counsel))).code).toBe('link_revoked');
  await judge.event('personReplaced');

  const link = await server.issueLink(own, 'counsel');
  expect((await openByLink(server.url, link)).session).toMatchObject({
    name: 'Ngô Thị Hồng Vân',
    summons: '12/2026/GTT-33',
  });
  expect((await verify(server, own.id)).said).toMatchObject({ verified: true, identities: 2 });
  courtroom.leave();
});

test('puts nobody out of a seat that the other cannot have', async ({ server, own }) => {
  const courtroom = new Courtroom(server, own);
  const counsel = await courtroom.arrive('counsel');
  const atDesk = await staff(server, 'clerk');
  const { people } = await atDesk.ask(desk.hearing, { id: own.id });
  const replace = (person: string) =>
    atDesk.try(desk.replacePerson, {
      requestId: randomUUID(),
      hearing: own.id,
      participant: PEOPLE.counsel,
      person,
    });
  expect(await replace(randomUUID())).toBe('person_unknown');
  expect(await replace(people[PEOPLE.judge - 1]?.person ?? '')).toBe('person_seated');
  const { people: after } = await atDesk.ask(desk.hearing, { id: own.id });
  expect(after[PEOPLE.counsel - 1]).toMatchObject({ standing: Standing.WAITING, connected: true });
  expect(counsel.closeCode).toBeUndefined();
  expect((await verify(server, own.id)).said.verified).toBe(true);
  courtroom.leave();
});

test('keeps in the minutes who had the seat before, who had it changed, and why', async ({
  server,
  own,
}) => {
  const courtroom = new Courtroom(server, own);
  const judge = await courtroom.arrive('judge');
  await courtroom.arrive('counsel');
  must(await judge.command({ case: 'admit', value: { participant: PEOPLE.counsel } }));
  const seq = must(
    await judge.command({ case: 'sendBack', value: { participant: PEOPLE.counsel } }),
  );
  const atDesk = await staff(server, 'clerk');
  await atDesk.ask(desk.replacePerson, {
    requestId: randomUUID(),
    hearing: own.id,
    participant: PEOPLE.counsel,
    name: 'Ngô Thị Hồng Vân',
    reason: 'Người bào chữa trước bị ốm.',
  });
  const viewer = await signInStaff(server, 'clerk');
  const document = await viewer.draft(own.id);
  const recording = await viewer.get(own.id);
  if (typeof document === 'string' || typeof recording === 'string') throw new Error('refused');
  const recorded = recording.people.find(({ participant }) => participant === PEOPLE.counsel);
  expect(recorded).toMatchObject({
    name: 'Ngô Thị Hồng Vân',
    formers: [{ name: `Lê ${NAMES.counsel}` }],
  });
  expect(recorded?.formers[0]?.untilSeq).toBeGreaterThan(seq);
  const lines = document.sections.flatMap(({ lines }) => lines);
  expect(lines.find((line) => line.seq === seq)?.text).toContain(NAMES.counsel);
  const replaced = lines.find(({ text }) => text.includes('Ngô Thị Hồng Vân'))?.text;
  expect(replaced).toContain(NAMES.counsel);
  expect(replaced).toContain(NAMES.clerk);
  expect(replaced).toContain('Lý do: Người bào chữa trước bị ốm.');
  const people = document.sites.flatMap(({ people }) => people);
  const seat = people.filter(({ participant }) => participant === PEOPLE.counsel);
  expect(seat).toHaveLength(2);
  expect(seat[0]).toMatchObject({ replacedBy: 'Ngô Thị Hồng Vân' });
  expect(seat[0]?.cameMs).toBeGreaterThan(0n);
  expect(seat[1]).toMatchObject({ name: 'Ngô Thị Hồng Vân', cameMs: 0n });
  courtroom.leave();
});

test('replaces nobody who is inside', async ({ server, own }) => {
  const courtroom = new Courtroom(server, own);
  await courtroom.arrive('judge');
  const atDesk = await staff(server, 'clerk');
  const said = await atDesk.try(desk.replacePerson, {
    requestId: randomUUID(),
    hearing: own.id,
    participant: PEOPLE.judge,
    name: 'Người khác',
  });
  expect(said).toBe('still_inside');
  courtroom.leave();
});

test('notices every changed byte of a record', async ({ server, clerk, own, known }) => {
  await clerk.mustAttest(of(known, 'clerk'), PEOPLE.witness);
  const change = (sql: string) => server.sql(`SET session_replication_role = replica; ${sql}`);
  const flip = (table: string, column: string, at: number, where: string) =>
    change(
      `UPDATE ${table} SET ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1) WHERE ${where}`,
    );
  const its = `record = (SELECT id FROM identity_record WHERE hearing = '${own.id}')`;
  const parts: [string, string, string][] = [
    ['identity_record', 'facts', `hearing = '${own.id}'`],
    ['identity_attestation', 'attestation', its],
    ['identity_attestation', 'signature', its],
  ];
  for (const [table, column, where] of parts) {
    for (const at of [0, 40]) {
      await flip(table, column, at, where);
      const { code, said } = await verify(server, own.id);
      expect(said.verified, `${column} ${at}`).toBe(false);
      expect(code).not.toBe(0);
      expect(said.findings.some(({ path }) => path.startsWith('identity '))).toBe(true);
      await flip(table, column, at, where);
    }
  }
  expect((await verify(server, own.id)).said.verified).toBe(true);
  await change(`DELETE FROM identity_attestation WHERE ${its}`);
  expect((await verify(server, own.id)).said).toMatchObject({
    verified: false,
    identities: 1,
    identities_found: 0,
  });
});

test('seals the key with the password, and has another with another one', async ({
  server,
  clerk,
  own,
  known,
}) => {
  const account = await addAccount(server);
  await server.sql(
    `UPDATE account SET person = (SELECT person FROM hearing_participant
      WHERE hearing = '${own.id}' AND id = 2) WHERE login = '${account.login}'`,
  );
  expect(known.clerk).toBeDefined();
  const keys = () =>
    server.sql(
      `SELECT k.superseded_at IS NULL, k.sealed IS NOT NULL FROM signing_key k
       JOIN account a ON a.id = k.account WHERE a.login = '${account.login}' ORDER BY k.created_at`,
    );
  await clerk.mustAttest(account, PEOPLE.witness);
  expect(await keys()).toEqual([['t', 't']]);
  const password = (await server.assize('account', 'passwd', account.login, '--generate')).trim();
  await server.sql(`UPDATE account SET must_change = false WHERE login = '${account.login}'`);
  expect(await keys()).toEqual([['f', 'f']]);
  expect(await clerk.attest(account, PEOPLE.victim)).toBe('sign_in_wrong');
  await clerk.mustAttest({ ...account, password }, PEOPLE.victim);
  await clerk.mustAttest({ ...account, password }, PEOPLE.procurator, {
    reading: reading(await clerk.card(PEOPLE.procurator), { number: '001080000777' }),
  });
  expect(await keys()).toEqual([
    ['f', 'f'],
    ['t', 't'],
  ]);
  expect((await verify(server, own.id)).said).toMatchObject({ verified: true, identities: 3 });
});
