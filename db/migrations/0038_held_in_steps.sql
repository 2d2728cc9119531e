-- What was held back goes on in steps. One transaction sets so many records free and no more; a case that has more is due, and goes
-- on by itself.

CREATE TABLE case_due (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    source    text NOT NULL,
    case_key  text NOT NULL,
    UNIQUE (source, case_key)
);
COMMENT ON TABLE case_due IS 'Cases in which something waits in held for nothing any more';

-- The correction of a record, among all that waits for it.
CREATE INDEX held_corrects ON held (source, case_key, corrects, seq) WHERE corrects IS NOT NULL;

-- Whoever has something in the outbox behind a number (null: nobody); others' too, which were committed since.
CREATE FUNCTION outbox_last() RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT coalesce(max(number), 0) FROM outbox
$$;
CREATE FUNCTION outbox_told(mark bigint) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT target, ' ') FROM outbox WHERE number > mark AND target <> ''
$$;

-- As before, in no more steps than there is room for; what is left of the room. The case that needs more is noted. Without a
-- receipt, what is rejected is told with that of the batch it came in.
DROP FUNCTION exchange_go_on(text, text, uuid);
CREATE FUNCTION exchange_go_on(the_source text, the_case text, the_receipt uuid, room integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    head case_head;
    r held;
    bad held;
    why text;
BEGIN
    LOOP
        SELECT * INTO head FROM case_head WHERE source = the_source AND case_key = the_case;
        IF head.stuck IS NOT NULL THEN
            SELECT * INTO r FROM held WHERE source = the_source AND case_key = the_case AND corrects = head.stuck
                AND fault IS NULL AND op IN (2, 3) ORDER BY seq LIMIT 1;
            EXIT WHEN NOT FOUND OR room <= 0;
            SELECT source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload,
                   context, hash, receipt INTO bad
                FROM rejection WHERE source = the_source AND case_key = the_case AND seq = head.stuck
                AND corrected_by IS NULL AND reason <> 'equivocation';
            SELECT kept INTO bad.kept FROM rejection WHERE source = the_source AND case_key = the_case AND seq = head.stuck
                AND corrected_by IS NULL AND reason <> 'equivocation';
            PERFORM exchange_settle(bad, CASE WHEN r.op = 2 THEN r END, r.seq);
            UPDATE rejection SET corrected_by = r.seq WHERE source = the_source AND case_key = the_case
                AND seq = head.stuck AND corrected_by IS NULL;
        ELSE
            SELECT * INTO r FROM held
                WHERE source = the_source AND case_key = the_case AND seq = coalesce(head.seq, 0) + 1;
            EXIT WHEN NOT FOUND OR room <= 0;
            DELETE FROM held WHERE source = the_source AND case_key = the_case AND seq = r.seq;
            why := exchange_take_record(r);
            IF why IS NOT NULL THEN
                r.receipt := coalesce(the_receipt, r.receipt);
                PERFORM exchange_reject(r, why);
            END IF;
        END IF;
        room := room - 1;
    END LOOP;
    IF FOUND THEN
        INSERT INTO case_due (source, case_key) VALUES (the_source, the_case) ON CONFLICT DO NOTHING;
    END IF;
    RETURN room;
END $$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
-- The next may follow any batch that was taken in under the last number. Of each case: its first record's number and what
-- that follows, its last, the last status said, and whether its records follow one another with nothing special among them
-- (plain); of each record, cases together and in order: the place of its case, and whether another describes the same (again).
-- A batch and what it sets free are together no more records than the_most, nor is a receipt longer. Says beside the
-- receipt for whom the outbox has more from now on (words apart by blanks), and whether cases are due to go on.
CREATE FUNCTION exchange_apply(
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
    mark bigint;
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
        SELECT array_agg(NOT (c.plain = 1 AND (org.kind = 'court' OR org.center) AND head.stuck IS NULL AND c.seq = coalesce(head.seq, 0) + 1
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
            mark := outbox_last();
            FOR r IN
                SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                       coalesce(fault, push_fault(org, kind), notice_fault(addressee, id)), entity, valid_from, valid_to, corrects, id, status,
                       addressee, about, reason, person, kept
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
    RETURN QUERY
        SELECT NULL, receipt.id, receipt.received_ms, organisation.cursor, rejection.case_key, rejection.seq,
               rejection.reason, outbox_told(mark), EXISTS (SELECT FROM case_due)
        FROM receipt JOIN organisation ON organisation.code = receipt.source
        LEFT JOIN rejection ON rejection.receipt = receipt.id
        WHERE receipt.id = the_receipt ORDER BY rejection.number LIMIT the_most;
END $$;

-- The case that is due the longest goes on by as many records as there is room for. What is due after it, and for whom the outbox
-- has more from now on.
CREATE FUNCTION exchange_go_on_due(the_most integer) RETURNS TABLE (told text, due boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off
SET enable_bitmapscan = off AS $$
DECLARE
    next case_due;
    mark bigint := outbox_last();
BEGIN
    SELECT * INTO next FROM case_due ORDER BY number LIMIT 1;
    IF FOUND THEN
        PERFORM FROM organisation WHERE code = next.source FOR NO KEY UPDATE;
        DELETE FROM case_due WHERE number = next.number;
        PERFORM exchange_go_on(next.source, next.case_key, NULL, the_most);
        UPDATE organisation
            SET moment = greatest(moment, clock_timestamp()) + the_most * interval '1 microsecond' WHERE code = next.source;
    END IF;
    RETURN QUERY SELECT outbox_told(mark), EXISTS (SELECT FROM case_due);
END $$;
