-- A batch takes effect with less work. The receiver counts out beforehand which of its records are of one case, so that the
-- database looks at each case once; and what is known of a source never runs backwards by its row, not by a search for each
-- thing.

ALTER TABLE organisation ADD moment timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN organisation.moment IS 'No `known` of its case records begins or ends later, whatever the clock does';
UPDATE organisation SET moment = latest FROM (
    SELECT source, greatest(max(lower(known)), max(upper(known))) AS latest FROM case_record GROUP BY source
) AS known WHERE known.source = code;

-- One index does for both: the rows of a thing, and that of those that hold no two begin together (upper(known) is null).
CREATE UNIQUE INDEX case_record_thing ON case_record (source, case_key, entity, lower(valid), upper(known))
    NULLS NOT DISTINCT;
DROP INDEX case_record_of_case, case_record_one_now;

-- The time a record speaks of. Stable, so that it is written into the query that calls it.
CREATE OR REPLACE FUNCTION case_span(the_op integer, from_ms bigint, to_ms bigint, recorded_ms bigint)
RETURNS tstzrange STABLE LANGUAGE sql AS $$
    SELECT tstzrange(timestamptz '1970-01-01 00:00:00+00'
                         + coalesce(from_ms, CASE WHEN the_op <> 3 THEN recorded_ms END) * interval '1 millisecond',
                     timestamptz '1970-01-01 00:00:00+00' + to_ms * interval '1 millisecond')
$$;

-- Counted by whoever writes to the inbox: a trigger has to keep a copy of every row to count them.
DROP TRIGGER inbox_is_counted ON inbox;
DROP FUNCTION source_took();

CREATE OR REPLACE FUNCTION exchange_settle(r held, said held, corrected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO inbox VALUES (r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                              r.recorded_ms, r.payload, r.context, r.hash, r.receipt, corrected);
    IF corrected IS NULL THEN
        PERFORM source_count(r.source, 1, 0, 0, greatest(0, now_ms - r.recorded_ms), r.recorded_ms);
    END IF;
    IF r.corrects IS NOT NULL AND EXISTS (SELECT FROM inbox WHERE source = r.source AND case_key = r.case_key
                                          AND corrected_by = r.seq) THEN
        said := NULL;
    END IF;
    INSERT INTO case_head AS head VALUES (r.source, r.case_key, r.seq, r.hash, coalesce(said.status, 'received'), NULL)
        ON CONFLICT (source, case_key)
        DO UPDATE SET seq = r.seq, hash = r.hash, status = coalesce(said.status, head.status), stuck = NULL;
    IF said.entity IS NOT NULL THEN
        PERFORM case_put(said.source, said.case_key, said.record_type, said.entity, said.seq, said.change_id, said.op,
                         case_span(said.op, said.valid_from_ms, said.valid_to_ms, said.recorded_ms));
        PERFORM person_name(said.source, said.case_key, said.seq, said.entity, said.person);
        IF said.public_id IS NOT NULL AND said.op <> 3 THEN
            PERFORM case_file_put(said.source, said.case_key, said.public_id, said.status, said.seq);
        END IF;
    ELSIF said.op <> 3 THEN
        PERFORM exchange_heed(said);
    END IF;
END $$;

DROP FUNCTION exchange_apply(
    text, bytea, bigint, bytea, bytea, bytea, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[],
    bytea[], bytea[], bytea[], text[], uuid[], bigint[], bigint[], bigint[], text[], text[], text[], bigint[], text[],
    bytea[]);
DROP FUNCTION exchange_apply_plain(
    text, uuid, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[], bytea[], bytea[], bytea[], uuid[],
    bigint[], bigint[], text[], text[], text[]);

-- Takes in the records of cases in which nothing is out of the ordinary, all at once: each follows the one before it, none
-- is faulty, none waits. The arrays are columns of the batch, those of its cases first; the place of a record is that of its
-- case. A thing that several records of the batch describe (again) takes its turns. Of a batch there are few rows, so each
-- looks by index for what it needs: a plan from when the tables were empty would read all of what there is by now.
CREATE FUNCTION exchange_apply_plain(
    the_source text, the_receipt uuid, moment timestamptz, odd boolean[], cases text[], lasts bigint[], ends bytea[],
    standing text[], places integer[], keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[],
    kinds text[], versions integer[], times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], entities uuid[],
    again integer[], froms bigint[], tos bigint[], ids text[], statuses text[], people bytea[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    r record;
BEGIN
    INSERT INTO inbox
        SELECT the_source, a.key, a.seq, a.prev, a.change, a.op, a.kind, a.version, a.at, a.payload, a.context, a.hash,
               the_receipt, NULL
        FROM unnest(places, keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes)
             AS a (place, key, seq, prev, change, op, kind, version, at, payload, context, hash)
        WHERE NOT odd[a.place];
    INSERT INTO case_head AS head
        SELECT the_source, c.key, c.seq, c.hash, coalesce(c.status, ''), NULL
        FROM unnest(odd, cases, lasts, ends, standing) AS c (odd, key, seq, hash, status) WHERE NOT c.odd
        ON CONFLICT (source, case_key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            status = coalesce(nullif(excluded.status, ''), head.status);
    WITH said AS MATERIALIZED (
        SELECT a.key, a.seq, a.change, a.op, a.kind, a.entity, case_span(a.op, a.valid_from, a.valid_to, a.at) AS valid
        FROM unnest(places, keys, seqs, change_ids, ops, kinds, times, entities, again, froms, tos)
             AS a (place, key, seq, change, op, kind, at, entity, again, valid_from, valid_to)
        WHERE a.entity IS NOT NULL AND a.again = 0 AND NOT odd[a.place]
    ), closed AS (
        UPDATE case_record old SET known = tstzrange(lower(old.known), moment)
            FROM said s
            WHERE old.source = the_source AND old.case_key = s.key AND old.entity = s.entity AND upper_inf(old.known)
              AND old.valid && s.valid
            RETURNING old.*, s.valid AS taken
    )
    INSERT INTO case_record
        SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
            FROM closed, case_outside(valid, taken) AS rest
        UNION ALL
        SELECT the_source, key, kind, entity, seq, change, valid, tstzrange(moment, NULL) FROM said WHERE op <> 3;
    IF 1 = ANY (again) THEN
        FOR r IN
            SELECT a.* FROM unnest(places, keys, seqs, change_ids, ops, kinds, times, entities, again, froms, tos)
                 WITH ORDINALITY AS a (place, key, seq, change, op, kind, at, entity, again, valid_from, valid_to, turn)
            WHERE a.again = 1 AND NOT odd[a.place] ORDER BY a.turn
        LOOP
            PERFORM case_put(the_source, r.key, r.kind, r.entity, r.seq, r.change, r.op,
                             case_span(r.op, r.valid_from, r.valid_to, r.at));
        END LOOP;
    END IF;
    INSERT INTO person_ident
        SELECT the_source, a.key, a.seq, a.entity, 'personal_number', substr(a.person, 1, 32), substr(a.person, 33)
        FROM unnest(places, keys, seqs, entities, people) AS a (place, key, seq, entity, person)
        WHERE a.person IS NOT NULL AND a.entity IS NOT NULL AND NOT odd[a.place];
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(places, keys, seqs, ops, ids, statuses) AS a (place, key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND NOT odd[a.place] ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
    PERFORM source_count(the_source, count(*), 0, 0, greatest(0, now_ms - min(a.at)), max(a.at))
        FROM unnest(places, times) AS a (place, at) WHERE NOT odd[a.place] HAVING count(*) > 0;
END $$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
-- The next may follow any batch that was taken in under the last number. Of each case: its first record's number and what
-- that follows, its last, the last status said, and whether its records follow one another with nothing special among them
-- (plain); of each record, cases together and in order: the place of its case, and whether another describes the same (again).
CREATE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, the_root bytea, the_prev_root bytea, cases text[],
    firsts bigint[], begins bytea[], lasts bigint[], ends bytea[], standing text[], plain integer[], places integer[],
    keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[], kinds text[], versions integer[],
    times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], faults text[], entities uuid[], again integer[],
    froms bigint[], tos bigint[], corrections bigint[], ids text[], statuses text[], addressees text[], abouts bigint[],
    reasons text[], people bytea[]
) RETURNS TABLE (
    refusal text, receipt_id uuid, received_ms bigint, last_batch bigint, case_key text, seq bigint, reason text
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
    zeros bytea := decode(repeat('00', 32), 'hex');
    org organisation;
    the_receipt uuid;
    now timestamptz;
    odd boolean[];
    r held;
    why text;
BEGIN
    SELECT * INTO org FROM organisation WHERE code = the_source AND spki = the_spki AND withdrawn_at IS NULL
        FOR NO KEY UPDATE;
    refusal := CASE WHEN NOT FOUND THEN 'organisation_unknown'
                    WHEN the_batch > org.cursor + 1 THEN 'batch_gap'
                    WHEN the_batch = org.cursor + 1 AND the_prev_root <> org.root AND NOT EXISTS (
                        SELECT FROM receipt WHERE source = the_source AND batch_no = org.cursor AND root = the_prev_root)
                    THEN 'batch_chain' END;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT id INTO the_receipt FROM receipt
        WHERE source = the_source AND batch_no = the_batch AND batch_hash = the_hash;
    IF NOT FOUND THEN
        now := greatest(clock_timestamp(), org.moment + interval '1 microsecond');
        INSERT INTO receipt (source, batch_no, batch_hash, root, received_ms)
            VALUES (the_source, the_batch, the_hash, the_root, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
            RETURNING id INTO the_receipt;
        SELECT array_agg(NOT (c.plain = 1 AND head.stuck IS NULL AND c.seq = coalesce(head.seq, 0) + 1
                              AND c.prev = coalesce(head.hash, zeros)
                              AND NOT EXISTS (SELECT FROM held WHERE source = the_source AND case_key = c.key))
                         ORDER BY c.place)
            INTO odd
            FROM unnest(cases, firsts, begins, plain) WITH ORDINALITY AS c (key, seq, prev, plain, place)
            LEFT JOIN LATERAL (
                SELECT * FROM case_head WHERE source = the_source AND case_key = c.key LIMIT 1
            ) AS head ON true;
        IF false = ANY (odd) THEN
            PERFORM exchange_apply_plain(the_source, the_receipt, now, odd, cases, lasts, ends, standing, places, keys, seqs,
                                         prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes,
                                         entities, again, froms, tos, ids, statuses, people);
        END IF;
        IF true = ANY (odd) THEN
            FOR r IN
                SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                       coalesce(fault, notice_fault(addressee, id)), entity, valid_from, valid_to, corrects, id, status,
                       addressee, about, reason, person
                FROM unnest(places, keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts,
                            hashes, faults, entities, froms, tos, corrections, ids, statuses, addressees, abouts, reasons,
                            people) WITH ORDINALITY
                     AS one (place, key, n, prev, change, op, kind, version, at, payload, context, hash, fault, entity,
                             valid_from, valid_to, corrects, id, status, addressee, about, reason, person, turn)
                WHERE odd[place] ORDER BY turn
            LOOP
                why := exchange_take_record(r);
                IF why IS NOT NULL THEN
                    PERFORM exchange_reject(r, why);
                END IF;
                PERFORM exchange_go_on(the_source, r.case_key, the_receipt);
            END LOOP;
        END IF;
        -- A thing that is said again is known a microsecond later each time.
        UPDATE organisation
            SET cursor = greatest(cursor, the_batch), root = CASE WHEN the_batch > cursor THEN the_root ELSE root END,
                moment = greatest(now, clock_timestamp()) + cardinality(keys) * interval '1 microsecond'
            WHERE code = the_source;
    END IF;
    RETURN QUERY
        SELECT NULL, receipt.id, receipt.received_ms, organisation.cursor, rejection.case_key, rejection.seq,
               rejection.reason
        FROM receipt JOIN organisation ON organisation.code = receipt.source
        LEFT JOIN rejection ON rejection.receipt = receipt.id
        WHERE receipt.id = the_receipt ORDER BY rejection.number;
END $$;
