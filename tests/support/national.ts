// A centre that knows as many cases as a country has: taken in by the function that takes in every batch, so that tables and
// indexes are what the product makes of them.
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { createHmac } from 'node:crypto';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import type { Server } from './server.ts';

type Body = MessageInitShape<typeof CaseRecordSchema>['body'];

/** Fewer when there are only a few cases. */
const COURTS = 389;
const CASES_A_COURT = 1_000;
const LONG_MS = 3_600_000;
/** Of batches of the exchange none is that large; the fewer there are, the sooner all is loaded. */
const CASES_A_BATCH = 2_000;
/** One that holds up the loading of another would be the machine's second processor. */
const AT_ONCE = 2;

/** A case that is there, as somebody who searches would name it. */
export interface Wanted {
  court: string;
  number: string;
  publicId: string;
  personalNumber: string;
}

/** Where what differs from case to case is written over. */
const NUMBER = '0000/0000/TLST-DS';
const PERSON = '000000000000';

const FILE: Body = {
  case: 'caseFile',
  value: {
    court: 'TAND.00.KV00',
    number: NUMBER,
    kind: 2,
    instance: 1,
    title: 'Tranh chấp hợp đồng vay tài sản giữa nguyên đơn và bị đơn, yêu cầu hoàn trả gốc và lãi',
    acceptedOn: '2026-01-05',
    status: 2,
  },
};
const PARTY: Body = {
  case: 'party',
  value: {
    role: 3,
    who: {
      case: 'person',
      value: {
        fullName: 'Nguyễn Văn Thử',
        personalNumber: PERSON,
        dateOfBirth: '1985-02-03',
        nationality: 'VN',
        residence: 'Số 12, ngõ 34, đường Lê Lợi, phường Bến Thành, thành phố Hồ Chí Minh',
      },
    },
  },
};

/** What of a packed record follows its entity, and where in it a text begins, from 1. */
function piece(body: Body, text: string): { hex: string; at: number } {
  const packed = Buffer.from(toBinary(CaseRecordSchema, create(CaseRecordSchema, { body })));
  return { hex: packed.toString('hex'), at: packed.indexOf(text) + 1 };
}

/** The two blocks that an HMAC with the key that people are searched by begins its hashes with (RFC 2104). */
function pads(center: Server): { inner: string; outer: string } {
  const secret = Buffer.from(center.stateFile('person.key').trim(), 'hex');
  const key = createHmac('sha256', secret).update('assize person search').digest();
  const block = (fill: number) =>
    Buffer.from(Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ fill)).toString('hex');
  return { inner: block(0x36), outer: block(0x5c) };
}

/**
 * Everything of a case follows from its number n, from 0; a party of four cases in five is one in another, too. Expressions, for a
 * function in SQL that PostgreSQL cannot inline is parsed at each call.
 */
class Words {
  readonly perCourt: number;
  readonly inner: string;
  readonly outer: string;

  constructor(center: Server, cases: number) {
    this.perCourt = Math.max(CASES_A_COURT, Math.ceil(cases / COURTS));
    ({ inner: this.inner, outer: this.outer } = pads(center));
  }

  /** Of the courts of the provinces first, then of their regions. */
  court(n: string): string {
    const nth = `${n} / ${this.perCourt}`;
    const code = `(SELECT code FROM court_unit WHERE level = 2 ORDER BY code OFFSET ${nth} % 34 LIMIT 1)`;
    return `${code} || CASE WHEN ${nth} < 34 THEN '' ELSE '.KV' || ${nth} / 34 END`;
  }

  year(n: string): string {
    return `(2020 + ${n} % ${this.perCourt} % 6)`;
  }

  number(n: string): string {
    return `(1000 + ${n} % ${this.perCourt} / 6 || '/' || ${this.year(n)} || '/TLST-DS')`;
  }

  publicId(court: string, n: string): string {
    return `('VN:' || ${court} || ':' || ${this.year(n)} || ':' || 1000 + ${n} % ${this.perCourt} / 6 || '-TLST-DS')`;
  }

  person(n: string): string {
    return `('001' || lpad((85000000 + ${n} * 4 / 5)::text, 9, '0'))`;
  }

  hmac(person: string): string {
    const inner = `sha256('\\x${this.inner}'::bytea || convert_to(${person}, 'UTF8'))`;
    return `sha256('\\x${this.outer}'::bytea || ${inner})`;
  }
}

const change = `(lpad(to_hex(ms), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid`;

/** One batch of a court. What is sealed of a number is never read by a search: bytes of the same length stand for it. */
const take = (words: Words) => {
  const file = piece(FILE, NUMBER);
  const party = piece(PARTY, PERSON);
  return `
CREATE FUNCTION bench.take(org organisation, first bigint, cases integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    zeros bytea := decode(repeat('00', 32), 'hex');
    root bytea := sha256(uuid_send(gen_random_uuid()));
    ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    ones integer[] := array_fill(1, ARRAY[2 * cases]);
    nulls text[] := array_fill(NULL::text, ARRAY[2 * cases]);
    places integer[] := array(SELECT generate_series(1, cases));
    m record;
    said record;
BEGIN
    SELECT array_agg(key) AS keys, array_agg(c1) AS c1, array_agg(c2) AS c2, array_agg(p1) AS p1, array_agg(p2) AS p2,
           array_agg(h1) AS h1, array_agg(h2) AS h2, array_agg(e1) AS e1, array_agg(e2) AS e2, array_agg(id) AS ids,
           array_agg(${words.hmac('person')} || sha256(p2) || substr(p2, 1, 8)) AS people
    INTO m FROM (
        SELECT n, key, id, person, e1, e2, c1, c2, p1, p2, h1,
               exchange_hash(h1, 2, c2, 1, 1, ms, key, 'party', sha256(p2), '') AS h2
        FROM generate_series(first, first + cases - 1) AS n,
             LATERAL (SELECT gen_random_uuid()::text AS key, gen_random_uuid() AS e1, gen_random_uuid() AS e2,
                             ${words.publicId('org.code', 'n')} AS id, ${words.person('n')} AS person,
                             ${change} AS c1, ${change} AS c2) AS one,
             LATERAL (SELECT '\\x0a24'::bytea || convert_to(e1::text, 'UTF8') ||
                             overlay('\\x${file.hex}'::bytea PLACING convert_to(${words.number('n')}, 'UTF8') FROM ${file.at}) AS p1,
                             '\\x0a24'::bytea || convert_to(e2::text, 'UTF8') ||
                             overlay('\\x${party.hex}'::bytea PLACING convert_to(person, 'UTF8') FROM ${party.at}) AS p2) AS two,
             LATERAL (SELECT exchange_hash(zeros, 1, c1, 1, 1, ms, key, 'case_file', sha256(p1), '') AS h1) AS three
    ) AS made;
    SELECT * INTO said FROM exchange_apply(
        org.code, org.spki, org.cursor + 1, sha256(root), root, org.root,
        m.keys, array_fill(1::bigint, ARRAY[cases]), array_fill(zeros, ARRAY[cases]), array_fill(2::bigint, ARRAY[cases]),
        m.h2, array_fill('accepted'::text, ARRAY[cases]), ones[:cases], places || places, m.keys || m.keys,
        array_fill(1::bigint, ARRAY[cases]) || array_fill(2::bigint, ARRAY[cases]),
        array_fill(zeros, ARRAY[cases]) || m.h1, m.c1 || m.c2, ones,
        array_fill('case_file'::text, ARRAY[cases]) || array_fill('party'::text, ARRAY[cases]), ones,
        array_fill(ms, ARRAY[2 * cases]), m.p1 || m.p2, array_fill(''::bytea, ARRAY[2 * cases]), m.h1 || m.h2, nulls,
        m.e1 || m.e2, array_fill(0, ARRAY[2 * cases]), nulls::bigint[], nulls::bigint[], nulls::bigint[], m.ids || nulls[:cases],
        array_fill('accepted'::text, ARRAY[cases]) || nulls[:cases], nulls, nulls::bigint[], nulls,
        nulls[:cases]::bytea[] || m.people, nulls::bytea[], 500);
    IF said.refusal IS NOT NULL OR said.reason IS NOT NULL THEN
        RAISE EXCEPTION 'not taken in: % %', said.refusal, said.reason;
    END IF;
END $$;
CREATE PROCEDURE bench.load(first bigint, last bigint) LANGUAGE plpgsql AS $$
DECLARE
    the_code text := ${words.court('first')};
    part integer;
    org organisation;
BEGIN
    INSERT INTO organisation (code, spki) VALUES (the_code, sha256(convert_to(the_code, 'UTF8')));
    WHILE first < last LOOP
        part := least(${CASES_A_BATCH}, last - first);
        SELECT * INTO STRICT org FROM organisation WHERE code = the_code;
        PERFORM bench.take(org, first, part);
        COMMIT;
        first := first + part;
    END LOOP;
END $$;`;
};

/** Takes in so many cases of all courts, two records each; progress is told with how many there are. */
export async function fillNation(
  center: Server,
  cases: number,
  progress: (loaded: number) => void,
): Promise<void> {
  const words = new Words(center, cases);
  await center.sql(`CREATE SCHEMA bench; ${take(words)}`);
  const firsts = Array.from({ length: COURTS }, (_, i) => i * words.perCourt);
  let loaded = 0;
  const work = async () => {
    for (let first = firsts.shift(); first !== undefined; first = firsts.shift()) {
      const last = Math.min(first + words.perCourt, cases);
      if (first >= last) continue;
      await center.sqlEach(
        ['SET synchronous_commit = off', `CALL bench.load(${first}, ${last})`],
        LONG_MS,
      );
      loaded += last - first;
      progress(loaded);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await center.sqlEach(['CHECKPOINT', 'VACUUM (ANALYZE)'], LONG_MS);
}

/** So many of the cases, chosen by chance. They are in bench.pick, too, numbered from 1. */
export async function chooseCases(center: Server, cases: number, count: number): Promise<Wanted[]> {
  const words = new Words(center, cases);
  await center.sql(
    `CREATE TABLE bench.pick AS
         SELECT i, court, ${words.number('n')} AS number, ${words.publicId('court', 'n')} AS id,
                ${words.person('n')} AS person, ${words.hmac(words.person('n'))} AS hmac
         FROM (SELECT i, floor(random() * ${cases})::bigint AS n FROM generate_series(1, ${count}) AS i) AS one,
              LATERAL (SELECT ${words.court('n')} AS court) AS two;
     ALTER TABLE bench.pick ADD PRIMARY KEY (i);
     ANALYZE bench.pick`,
    LONG_MS,
  );
  const rows = await center.sql('SELECT court, number, id, person FROM bench.pick', LONG_MS);
  return rows.map(([court = '', number = '', publicId = '', personalNumber = '']) => ({
    court,
    number,
    publicId,
    personalNumber,
  }));
}
