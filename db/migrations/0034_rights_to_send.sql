-- Who may send what. A court has the duty to send the records of its own cases, and needs no right; a notice for a court, and
-- whatever an organisation sends that is no court, needs one. A grant is for one purpose; which, a record does not say, so that any
-- that is in force will do.

CREATE OR REPLACE FUNCTION access_kinds(the_service text) RETURNS text[] IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE the_service
        WHEN 'case' THEN ARRAY['case_file', 'party', 'counsel', 'charge', 'claim', 'event', 'document', 'hearing', 'decision',
                               'appeal', 'enforcement']
        WHEN 'access' THEN ARRAY['access']
        WHEN 'exchange' THEN ARRAY['notice']
    END
$$;

-- Why a source may not send a record of this type, a code of the table of refusals; null: it may. The centre tells its courts
-- what it will.
CREATE FUNCTION push_fault(org organisation, the_kind text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN org.center OR (org.kind = 'court' AND the_kind <> 'notice') THEN NULL
                WHEN NOT EXISTS (SELECT FROM grant_right
                                 WHERE client = org.code AND service = 'exchange' AND record_type = the_kind
                                   AND withdrawn_at IS NULL AND until > now())
                THEN 'access_no_right' END
$$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
-- The next may follow any batch that was taken in under the last number. Of each case: its first record's number and what
-- that follows, its last, the last status said, and whether its records follow one another with nothing special among them
-- (plain); of each record, cases together and in order: the place of its case, and whether another describes the same (again).
CREATE OR REPLACE FUNCTION exchange_apply(
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
            FOR r IN
                SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                       coalesce(fault, push_fault(org, kind), notice_fault(addressee, id)), entity, valid_from, valid_to, corrects, id, status,
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
