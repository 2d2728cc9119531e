// Case records written at a court in bulk, by the function that the product writes them with.
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { CaseRecordSchema } from '../../web/src/gen/assize/cases/v1/cases_pb.js';
import type { Server } from './server.ts';

type Body = MessageInitShape<typeof CaseRecordSchema>['body'];

/** One of the records of every case: thing is which of the case's things it describes. */
interface Piece {
  kind: string;
  thing: number;
  body: Body;
}

const words = (bytes: number) =>
  'Tòa án triệu tập các đương sự và người tham gia tố tụng đến phiên họp. '
    .repeat(40)
    .slice(0, bytes);

const file = (status: number): Piece => ({
  kind: 'case_file',
  thing: 0,
  body: {
    case: 'caseFile',
    value: {
      court: 'TAND.01.KV2',
      number: '12/2026/TLST-DS',
      kind: 2,
      instance: 1,
      title: words(120),
      acceptedOn: '2026-01-05',
      status,
    },
  },
});

/** Stands for that of a person, each of whom has another. */
const PERSONAL_NUMBER = '001085123456';

const party = (thing: number): Piece => ({
  kind: 'party',
  thing,
  body: {
    case: 'party',
    value: {
      role: 3,
      who: {
        case: 'person',
        value: {
          fullName: 'Nguyễn Văn Thử',
          personalNumber: PERSONAL_NUMBER,
          dateOfBirth: '1985-02-03',
          nationality: 'VN',
          residence: words(150),
        },
      },
    },
  },
});

const event = (thing: number): Piece => ({
  kind: 'event',
  thing,
  body: { case: 'event', value: { at: '2026-03-02', kind: 'summons', text: words(800) } },
});

const hearing = (thing: number, place: string): Piece => ({
  kind: 'hearing',
  thing,
  body: { case: 'hearing', value: { scheduledMs: 1_790_000_000_000n, place } },
});

/** The life of a case: three of twenty records say anew what one before them said. */
const LIFE: Piece[] = [
  file(2),
  ...[1, 2, 3, 4].map(party),
  ...[5, 6, 7, 8, 9, 10].map(event),
  hearing(11, words(120)),
  ...[12, 13, 14, 15].map(event),
  hearing(11, words(160)),
  party(2),
  event(16),
  file(5),
];
export const RECORDS_A_CASE = LIFE.length;
const THINGS = 16;

/** What of a packed record follows its entity. */
function tail(body: Body): Buffer {
  return Buffer.from(toBinary(CaseRecordSchema, create(CaseRecordSchema, { body })));
}

/** A piece as a row: the place of the personal number, from 1 on, is 0 where nobody is named. */
function row({ kind, thing, body }: Piece, place: number): string {
  const bytes = tail(body);
  return `(${place}, '${kind}', ${thing}, '\\x${bytes.toString('hex')}', ${1 + bytes.indexOf(PERSONAL_NUMBER)})`;
}

/** Of every case of the backlog. */
export const BENCH_PUBLIC_ID = 'VN:TAND.01.KV2:2026:12-TLST-DS';

const ids = `
CREATE FUNCTION bench.new_change() RETURNS uuid VOLATILE LANGUAGE sql AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
            substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;
CREATE FUNCTION bench.name(tail bytea, place integer, person bigint) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE place WHEN 0 THEN tail
           ELSE overlay(tail PLACING convert_to('001085' || lpad((person % 1000000)::text, 6, '0'), 'UTF8') FROM place) END
$$;
CREATE FUNCTION bench.write(the_source text, the_case uuid, the_kind text, the_thing uuid, tail bytea)
RETURNS bigint LANGUAGE sql AS $$
    SELECT case_write(the_source, the_case, bench.new_change(), 1, the_kind, the_thing, NULL, NULL,
                      '\\x0a24'::bytea || convert_to(the_thing::text, 'UTF8') || tail, '',
                      CASE the_kind WHEN 'case_file' THEN '${BENCH_PUBLIC_ID}' END,
                      CASE the_kind WHEN 'case_file' THEN 'accepted' END)
$$;`;

/** A round of the lives of so many cases at a time, so that the records of one case are not all neighbours. */
const fill = `
CREATE PROCEDURE bench.fill(the_source text, cases integer, at_once integer) LANGUAGE plpgsql AS $$
DECLARE
    part integer;
    first bigint;
    p bench.piece;
BEGIN
    WHILE cases > 0 LOOP
        part := least(cases, at_once);
        cases := cases - part;
        first := (SELECT coalesce(max(number), 0) FROM bench.made);
        WITH made AS (
            INSERT INTO court_case (court, number, title)
                SELECT (SELECT id FROM court LIMIT 1), first + n || '/2026/TLST-DS', 'Bench'
                FROM generate_series(1, part) AS n RETURNING id
        ) INSERT INTO bench.made (id, things)
            SELECT id, array(SELECT gen_random_uuid() FROM generate_series(0, ${THINGS}) WHERE id IS NOT NULL) FROM made;
        FOR p IN SELECT * FROM bench.piece ORDER BY place LOOP
            PERFORM bench.write(the_source, id, p.kind, things[1 + p.thing],
                                bench.name(p.tail, p.number_at, 4 * number + p.thing))
                FROM bench.made WHERE number > first;
        END LOOP;
        COMMIT;
    END LOOP;
END $$;`;

/** To be called once for each court, whose own code is given to fillBacklog. */
export async function prepareBacklog(court: Server): Promise<void> {
  await court.sql(`
    CREATE SCHEMA bench;
    CREATE TABLE bench.piece (place integer PRIMARY KEY, kind text, thing integer, tail bytea, number_at integer);
    INSERT INTO bench.piece VALUES ${LIFE.map(row).join(',')};
    CREATE TABLE bench.made (
        number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, id uuid NOT NULL,
        things uuid[] NOT NULL);
    INSERT INTO court (name) VALUES ('Bench') ON CONFLICT DO NOTHING;
    ${ids}
    ${fill}`);
}

/** Writes the lives of so many new cases. */
export async function fillBacklog(court: Server, source: string, cases: number): Promise<void> {
  await court.sql(`CALL bench.fill('${source}', ${cases}, 200)`, 3_600_000);
}
