-- Every batch names the root of one before it, also one whose number was used: a source that was restored says other things under
-- numbers that it used before, but goes on from something that it said.
CREATE FUNCTION exchange_follows(org organisation, the_batch bigint, the_prev_root bytea) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN the_batch = org.cursor + 1 AND the_prev_root = org.root THEN true
                WHEN the_batch = 1 THEN the_prev_root = decode(repeat('00', 32), 'hex')
                ELSE EXISTS (SELECT FROM receipt
                             WHERE source = org.code AND batch_no = the_batch - 1 AND root = the_prev_root) END
$$;

-- As before, but for that.
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
                            WHEN NOT exchange_follows(org, the_batch, the_prev_root) THEN 'batch_chain' END;
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
