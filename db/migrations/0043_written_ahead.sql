-- Batches are taken in on several connections. Of one source they take effect in their order still, each when the one before it is
-- committed; but what a batch writes that hangs on nothing before it is written meanwhile.

DROP FUNCTION exchange_apply_plain(
    text, uuid, timestamptz, boolean[], text[], bigint[], bytea[], text[], integer[], text[], bigint[], bytea[], uuid[],
    integer[], text[], integer[], bigint[], bytea[], bytea[], bytea[], uuid[], integer[], bigint[], bigint[], text[], text[],
    bytea[]);

-- What may write for others is done by one at a time, behind its source's row: two would wait for each other.
CREATE FUNCTION exchange_alone() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('exchange_alone'))
$$;

-- The records of a batch as they were received, but those of odd cases (null: there are none), and whom they name.
CREATE FUNCTION exchange_write(
    the_source text, the_receipt uuid, odd boolean[], places integer[], keys text[], seqs bigint[], prev_hashes bytea[],
    change_ids uuid[], ops integer[], kinds text[], versions integer[], times bigint[], payloads bytea[], contexts bytea[],
    hashes bytea[], entities uuid[], people bytea[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO inbox
        SELECT the_source, a.key, a.seq, a.prev, a.change, a.op, a.kind, a.version, a.at, a.payload, a.context, a.hash,
               the_receipt, NULL
        FROM unnest(places, keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes)
             AS a (place, key, seq, prev, change, op, kind, version, at, payload, context, hash)
        WHERE odd IS NULL OR NOT odd[a.place];
    INSERT INTO person_ident
        SELECT the_source, a.key, a.seq, a.entity, 'personal_number', substr(a.person, 1, 32), substr(a.person, 33)
        FROM unnest(places, keys, seqs, entities, people) AS a (place, key, seq, entity, person)
        WHERE a.person IS NOT NULL AND a.entity IS NOT NULL AND (odd IS NULL OR NOT odd[a.place]);
END $$;

-- What the records of cases do in which nothing is out of the ordinary, all at once: each follows the one before it, none
-- is faulty, none waits; they are written. The arrays are columns of the batch, those of its cases first; the place of a
-- record is that of its case. A thing that several records of the batch describe (again) takes its turns. Of a batch there are few rows, so each
-- looks by index for what it needs: a plan from when the tables were empty would read all of what there is by now.
CREATE FUNCTION exchange_apply_plain(
    the_source text, moment timestamptz, odd boolean[], cases text[], lasts bigint[], ends bytea[], standing text[],
    places integer[], keys text[], seqs bigint[], change_ids uuid[], ops integer[], kinds text[], times bigint[],
    entities uuid[], again integer[], froms bigint[], tos bigint[], ids text[], statuses text[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    r record;
BEGIN
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
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(places, keys, seqs, ops, ids, statuses) AS a (place, key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND NOT odd[a.place] ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
    IF 'case' = ANY (kinds) THEN
        UPDATE case_file f SET status = c.status FROM unnest(odd, cases, standing) AS c (odd, key, status)
            WHERE NOT c.odd AND f.source = the_source AND f.case_key = c.key AND f.status <> c.status;
    END IF;
    PERFORM source_count(the_source, count(*), 0, 0, greatest(0, now_ms - min(a.at)), max(a.at))
        FROM unnest(places, times) AS a (place, at) WHERE NOT odd[a.place] HAVING count(*) > 0;
END $$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
-- The next may follow any batch that was taken in under the last number. Of each case: its first record's number and what
-- that follows, its last, the last status said, and whether its records follow one another with nothing special among them
-- (plain); of each record, cases together and in order: the place of its case, and whether another describes the same (again).
-- A batch and what it sets free are together no more records than the_most, nor is a receipt longer. Says beside the
-- receipt for whom the outbox has more from now on (words apart by blanks), and whether cases are due to go on.
-- A batch of plain cases is written ahead, before its source is asked for: the batch before it may not be committed yet. If it is
-- not plain after all, what was written is undone. The same batch again, while it is taken in, waits for that.
CREATE OR REPLACE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, the_root bytea, the_prev_root bytea, cases text[],
    firsts bigint[], begins bytea[], lasts bigint[], ends bytea[], standing text[], plain integer[], places integer[],
    keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[], kinds text[], versions integer[],
    times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], faults text[], entities uuid[], again integer[],
    froms bigint[], tos bigint[], corrections bigint[], ids text[], statuses text[], addressees text[], abouts bigint[],
    reasons text[], people bytea[], remains bytea[], the_most integer
) RETURNS TABLE (
    refusal text, receipt_id uuid, received_ms bigint, last_batch bigint, case_key text, seq bigint, reason text, told text,
    due boolean
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
    room integer := the_most - cardinality(keys);
    known uuid;
    ahead boolean := NOT 0 = ANY (plain)
        AND pg_try_advisory_xact_lock(hashtext('exchange_ahead'), hashtext(the_source || ' ' || the_batch));
    mark bigint;
BEGIN
    LOOP
        BEGIN
            the_receipt := gen_random_uuid();
            IF ahead THEN
                PERFORM exchange_write(the_source, the_receipt, NULL, places, keys, seqs, prev_hashes, change_ids, ops, kinds,
                                       versions, times, payloads, contexts, hashes, entities, people);
            END IF;
            SELECT * INTO org FROM organisation WHERE code = the_source AND spki = the_spki AND withdrawn_at IS NULL
                FOR NO KEY UPDATE;
            refusal := CASE WHEN NOT FOUND THEN 'organisation_unknown'
                            WHEN the_batch > org.cursor + 1 THEN 'batch_gap'
                            WHEN the_batch = org.cursor + 1 AND the_prev_root <> org.root AND NOT EXISTS (
                                SELECT FROM receipt WHERE source = the_source AND batch_no = org.cursor AND root = the_prev_root)
                            THEN 'batch_chain' END;
            SELECT id INTO known FROM receipt WHERE source = the_source AND batch_no = the_batch AND batch_hash = the_hash;
            IF refusal IS NULL AND known IS NULL THEN
                SELECT array_agg(NOT (c.plain = 1 AND (org.kind = 'court' OR org.center) AND head.stuck IS NULL
                                      AND c.seq = coalesce(head.seq, 0) + 1 AND c.prev = coalesce(head.hash, zeros)
                                      AND NOT EXISTS (SELECT FROM held WHERE source = the_source AND case_key = c.key))
                                 ORDER BY c.place)
                    INTO odd
                    FROM unnest(cases, firsts, begins, plain) WITH ORDINALITY AS c (key, seq, prev, plain, place)
                    LEFT JOIN LATERAL (
                        SELECT * FROM case_head WHERE source = the_source AND case_key = c.key LIMIT 1
                    ) AS head ON true;
            END IF;
            IF ahead AND (refusal IS NOT NULL OR known IS NOT NULL OR true = ANY (odd)) THEN
                RAISE SQLSTATE 'AS001' USING MESSAGE = 'written ahead in vain';
            END IF;
            IF refusal IS NOT NULL THEN
                RETURN NEXT;
                RETURN;
            END IF;
            IF known IS NULL THEN
                now := greatest(clock_timestamp(), org.moment + interval '1 microsecond');
                INSERT INTO receipt (id, source, batch_no, batch_hash, root, received_ms)
                    VALUES (the_receipt, the_source, the_batch, the_hash, the_root,
                            (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
                IF false = ANY (odd) THEN
                    IF NOT ahead THEN
                        PERFORM exchange_write(the_source, the_receipt, odd, places, keys, seqs, prev_hashes, change_ids, ops,
                                               kinds, versions, times, payloads, contexts, hashes, entities, people);
                    END IF;
                    PERFORM exchange_apply_plain(the_source, now, odd, cases, lasts, ends, standing, places, keys, seqs, change_ids,
                                                 ops, kinds, times, entities, again, froms, tos, ids, statuses);
                END IF;
                IF true = ANY (odd) THEN
                    PERFORM exchange_alone();
                    mark := outbox_last();
                    FOR r IN
                        SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                               coalesce(fault, push_fault(org, kind), notice_fault(addressee, id)), entity, valid_from, valid_to,
                               corrects, id, status, addressee, about, reason, person, kept
                        FROM unnest(places, keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts,
                                    hashes, faults, entities, froms, tos, corrections, ids, statuses, addressees, abouts, reasons,
                                    people, remains) WITH ORDINALITY
                             AS one (place, key, n, prev, change, op, kind, version, at, payload, context, hash, fault, entity,
                                     valid_from, valid_to, corrects, id, status, addressee, about, reason, person, kept, turn)
                        WHERE odd[place] ORDER BY turn
                    LOOP
                        why := exchange_take_record(r);
                        IF why IS NOT NULL THEN
                            PERFORM exchange_reject(r, why);
                        END IF;
                        room := exchange_go_on(the_source, r.case_key, the_receipt, room);
                    END LOOP;
                END IF;
                -- A thing that is said again is known a microsecond later each time.
                UPDATE organisation
                    SET cursor = greatest(cursor, the_batch), root = CASE WHEN the_batch > cursor THEN the_root ELSE root END,
                        moment = greatest(now, clock_timestamp()) + the_most * interval '1 microsecond'
                    WHERE code = the_source;
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'AS001' OR unique_violation THEN
            IF NOT ahead THEN
                RAISE;
            END IF;
            ahead := false;
        END;
    END LOOP;
    RETURN QUERY
        SELECT NULL, receipt.id, receipt.received_ms, organisation.cursor, rejection.case_key, rejection.seq,
               rejection.reason, outbox_told(mark), EXISTS (SELECT FROM case_due)
        FROM receipt JOIN organisation ON organisation.code = receipt.source
        LEFT JOIN rejection ON rejection.receipt = receipt.id
        WHERE receipt.id = coalesce(known, the_receipt) ORDER BY rejection.number LIMIT the_most;
END $$;

-- As before, but alone.
CREATE OR REPLACE FUNCTION exchange_go_on_due(the_most integer) RETURNS TABLE (told text, due boolean, failed text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off
SET enable_bitmapscan = off AS $$
DECLARE
    next case_due;
    mark bigint := outbox_last();
BEGIN
    SELECT * INTO next FROM case_due WHERE not_before <= now() ORDER BY number LIMIT 1;
    IF FOUND THEN
        PERFORM FROM organisation WHERE code = next.source FOR NO KEY UPDATE;
        PERFORM exchange_alone();
        BEGIN
            DELETE FROM case_due WHERE number = next.number;
            PERFORM exchange_go_on(next.source, next.case_key, NULL, the_most);
        EXCEPTION WHEN OTHERS THEN
            failed := concat_ws(' ', next.source, next.case_key, SQLSTATE);
            UPDATE case_due SET not_before = now() + interval '1 minute' WHERE number = next.number;
        END;
        UPDATE organisation
            SET moment = greatest(moment, clock_timestamp()) + the_most * interval '1 microsecond' WHERE code = next.source;
    END IF;
    RETURN QUERY SELECT outbox_told(mark), EXISTS (SELECT FROM case_due WHERE not_before <= now()), failed;
END $$;
