-- The exchange after a restore, and beside a newer centre: neither may end in a batch or a record that nothing can follow.

-- Whoever is restored from a backup numbers anew what it sends. Its new batch of a number is taken in beside the one before, and
-- the next may follow either.
ALTER TABLE receipt ADD root bytea CHECK (octet_length(root) = 32);
COMMENT ON COLUMN receipt.root IS 'Of the tree of the batch';

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
-- The next may follow any batch that was taken in under the last number.
CREATE OR REPLACE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, the_root bytea, the_prev_root bytea, keys text[],
    seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[], kinds text[], versions integer[],
    times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], faults text[], entities uuid[], froms bigint[],
    tos bigint[], corrections bigint[], ids text[], statuses text[], addressees text[], abouts bigint[], reasons text[]
) RETURNS TABLE (
    refusal text, receipt_id uuid, received_ms bigint, last_batch bigint, case_key text, seq bigint, reason text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    zeros bytea := decode(repeat('00', 32), 'hex');
    org organisation;
    the_receipt uuid;
    odd text[];
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
        INSERT INTO receipt (source, batch_no, batch_hash, root, received_ms)
            VALUES (the_source, the_batch, the_hash, the_root, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
            RETURNING id INTO the_receipt;
        SELECT coalesce(array_agg(DISTINCT one.key), '{}') INTO odd FROM (
            SELECT a.key,
                   a.fault IS NULL AND a.corrects IS NULL AND head.stuck IS NULL
                   AND a.kind NOT IN ('notice', 'rejection')
                   AND a.seq = coalesce(lag(a.seq) OVER w, head.seq, 0) + 1
                   AND a.prev = coalesce(lag(a.hash) OVER w, head.hash, zeros)
                   AND NOT EXISTS (SELECT FROM held WHERE source = the_source AND case_key = a.key) AS plain
            FROM unnest(keys, seqs, prev_hashes, hashes, faults, corrections, kinds)
                 AS a (key, seq, prev, hash, fault, corrects, kind)
            LEFT JOIN case_head head ON head.source = the_source AND head.case_key = a.key
            WINDOW w AS (PARTITION BY a.key ORDER BY a.seq)
        ) AS one WHERE NOT one.plain;
        PERFORM exchange_apply_plain(the_source, the_receipt, keys, seqs, prev_hashes, change_ids, ops, kinds, versions,
                                     times, payloads, contexts, hashes, entities, froms, tos, ids, statuses, odd);
        FOR r IN
            SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                   coalesce(fault, notice_fault(addressee, id)), entity, valid_from, valid_to, corrects, id, status, addressee,
                   about, reason
            FROM unnest(keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes, faults,
                        entities, froms, tos, corrections, ids, statuses, addressees, abouts, reasons) WITH ORDINALITY
                 AS one (key, n, prev, change, op, kind, version, at, payload, context, hash, fault, entity, valid_from,
                         valid_to, corrects, id, status, addressee, about, reason, place)
            WHERE key = ANY (odd) ORDER BY key, n, place
        LOOP
            why := exchange_take_record(r);
            IF why IS NOT NULL THEN
                PERFORM exchange_reject(r, why);
            END IF;
            PERFORM exchange_go_on(the_source, r.case_key, the_receipt);
        END LOOP;
        UPDATE organisation SET cursor = the_batch, root = the_root WHERE code = the_source AND the_batch > cursor;
    END IF;
    RETURN QUERY
        SELECT NULL, receipt.id, receipt.received_ms, organisation.cursor, rejection.case_key, rejection.seq,
               rejection.reason
        FROM receipt JOIN organisation ON organisation.code = receipt.source
        LEFT JOIN rejection ON rejection.receipt = receipt.id
        WHERE receipt.id = the_receipt ORDER BY rejection.number;
END $$;

-- Takes one record in, keeps it waiting, or says why not. The row of its source is locked. A centre corrects nothing: a record
-- of its that is wrong, or of a kind that it knows and we do not, takes its place, and nothing holds there.
CREATE OR REPLACE FUNCTION exchange_take_record(r held) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    head case_head;
    known bytea;
    why text;
    follows boolean;
BEGIN
    SELECT hash INTO known FROM (
        SELECT hash FROM inbox WHERE source = r.source AND case_key = r.case_key AND seq = r.seq
        UNION ALL
        SELECT hash FROM held WHERE source = r.source AND case_key = r.case_key AND seq = r.seq
        UNION ALL
        SELECT hash FROM rejection WHERE source = r.source AND case_key = r.case_key AND seq = r.seq
            AND corrected_by IS NULL AND reason <> 'equivocation'
    ) AS had LIMIT 1;
    IF FOUND THEN
        RETURN CASE WHEN known <> r.hash THEN 'equivocation' END;
    END IF;
    SELECT * INTO head FROM case_head WHERE source = r.source AND case_key = r.case_key;
    IF head.stuck IS NOT NULL OR r.seq > coalesce(head.seq, 0) + 1 THEN
        INSERT INTO held VALUES (r.*);
        RETURN NULL;
    END IF;
    follows := r.prev_hash = coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    why := coalesce(r.fault, CASE WHEN NOT follows THEN 'chain' END);
    IF why IS NULL THEN
        PERFORM exchange_settle(r, r, NULL);
    ELSIF follows AND (SELECT center FROM organisation WHERE code = r.source) THEN
        PERFORM exchange_settle(r, NULL, NULL);
    ELSE
        INSERT INTO case_head VALUES (r.source, r.case_key, r.seq - 1, coalesce(head.hash, decode(repeat('00', 32), 'hex')),
                                      'received', r.seq)
            ON CONFLICT (source, case_key) DO UPDATE SET stuck = r.seq;
    END IF;
    RETURN why;
END $$;
