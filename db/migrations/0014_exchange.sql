-- The exchange, whole: batches follow one another by the roots of their trees, a rejected record holds back its own case
-- until a correction takes its place, and what is taken in has effect in the case records at once.

-- ---- at a court ----

CREATE TABLE sent_batch (
    batch_no  bigint PRIMARY KEY,
    root      bytea NOT NULL CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE sent_batch IS 'The root of each batch that was answered: the next one names it';

ALTER TABLE outbox DROP CONSTRAINT outbox_one_outcome;
COMMENT ON COLUMN outbox.refused IS 'The receiver''s reason for not taking this record, which may come after its receipt';

DROP FUNCTION outbox_answered(bigint, uuid, bytea, bigint, text[], bigint[], text[]);
-- The receiver's answer to a batch. A rejection may be of a record that was received before and had to wait for another.
CREATE FUNCTION outbox_answered(
    the_batch bigint, the_receipt uuid, the_hash bytea, the_root bytea, the_time bigint, keys text[], seqs bigint[],
    reasons text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outbox SET refused = rejection.reason
        FROM unnest(keys, seqs, reasons) AS rejection (case_key, seq, reason)
        WHERE refused IS NULL AND outbox.case_key = rejection.case_key AND outbox.seq = rejection.seq;
    UPDATE outbox SET receipt_id = the_receipt, receipt_hash = the_hash, received_ms = the_time
        WHERE batch_no = the_batch AND receipt_id IS NULL AND refused IS NULL;
    INSERT INTO sent_batch VALUES (the_batch, the_root) ON CONFLICT DO NOTHING;
END $$;

-- ---- at a centre ----

ALTER TABLE organisation ADD root bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(root) = 32);
COMMENT ON COLUMN organisation.root IS 'Of the tree of its last batch that was taken in';

DROP FUNCTION exchange_apply(text, bytea, bigint, bytea, text[], bigint[], bytea[], uuid[], text[], bigint[], bytea[],
                             bytea[], bytea[], text[]);
DROP FUNCTION exchange_apply_record(text, uuid, exchange_record);
DROP FUNCTION exchange_open(text, bytea);
DROP TYPE exchange_record;

ALTER TABLE inbox RENAME TO inbox_before;
ALTER TABLE inbox_before RENAME CONSTRAINT inbox_pkey TO inbox_before_pkey;
CREATE TABLE inbox (
    source          text NOT NULL,
    case_key        text NOT NULL,
    seq             bigint NOT NULL,
    prev_hash       bytea NOT NULL,
    change_id       uuid NOT NULL,
    op              integer NOT NULL,
    record_type     text NOT NULL,
    schema_version  integer NOT NULL,
    recorded_ms     bigint NOT NULL,
    payload         bytea NOT NULL,
    context         bytea NOT NULL,
    hash            bytea NOT NULL,
    receipt         uuid NOT NULL,
    corrected_by    bigint,
    PRIMARY KEY (source, case_key, seq)
) PARTITION BY HASH (source);
COMMENT ON TABLE inbox IS 'Each record that took effect, in the order of its case; written by exchange_apply only';
COMMENT ON COLUMN inbox.corrected_by IS 'It was rejected: the record of this number says what holds in its place';

ALTER TABLE case_head RENAME TO case_head_before;
ALTER TABLE case_head_before RENAME CONSTRAINT case_head_pkey TO case_head_before_pkey;
CREATE TABLE case_head (
    source    text NOT NULL,
    case_key  text NOT NULL,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    status    text NOT NULL,
    stuck     bigint,
    PRIMARY KEY (source, case_key)
) PARTITION BY HASH (source);
COMMENT ON TABLE case_head IS 'Where each case of each source stands, after all of its records in order';
COMMENT ON COLUMN case_head.stuck IS 'Number of a rejected record; what follows it waits in held for a correction';

-- A new table is small to the autovacuum until its first pass, and an index that only grows needs no room to grow within.
DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE inbox_%s PARTITION OF inbox FOR VALUES WITH (MODULUS 8, REMAINDER %s)'
                       ' WITH (autovacuum_vacuum_insert_scale_factor = 0.05)', part, part);
        EXECUTE format('CREATE TABLE case_head_%s PARTITION OF case_head FOR VALUES WITH (MODULUS 8, REMAINDER %s)'
                       ' WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)', part, part);
    END LOOP;
END $$;
INSERT INTO inbox SELECT source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload,
                         '', hash, receipt, NULL FROM inbox_before;
INSERT INTO case_head SELECT source, case_key, seq, hash, status, NULL FROM case_head_before;
DROP TABLE inbox_before, case_head_before;
CREATE INDEX inbox_corrected ON inbox (source, case_key, corrected_by) WHERE corrected_by IS NOT NULL;
CREATE TRIGGER inbox_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON inbox EXECUTE FUNCTION refuse_change();

-- A record that has arrived, with what was read from it; and the table of those that wait for one before them.
CREATE TABLE held (
    source          text NOT NULL,
    case_key        text NOT NULL,
    seq             bigint NOT NULL,
    prev_hash       bytea NOT NULL,
    change_id       uuid NOT NULL,
    op              integer NOT NULL,
    record_type     text NOT NULL,
    schema_version  integer NOT NULL,
    recorded_ms     bigint NOT NULL,
    payload         bytea NOT NULL,
    context         bytea NOT NULL,
    hash            bytea NOT NULL,
    receipt         uuid NOT NULL,
    fault           text,
    entity          uuid,
    valid_from_ms   bigint,
    valid_to_ms     bigint,
    corrects        bigint,
    public_id       text,
    status          text,
    PRIMARY KEY (source, case_key, seq)
);
COMMENT ON COLUMN held.fault IS 'Why it will be rejected when its turn comes';
COMMENT ON COLUMN held.corrects IS 'Number of the rejected record in whose place this one is to stand';

ALTER TABLE rejection
    ADD source text, ADD prev_hash bytea, ADD change_id uuid, ADD op integer, ADD record_type text,
    ADD schema_version integer, ADD recorded_ms bigint, ADD context bytea, ADD corrected_by bigint;
UPDATE rejection SET source = receipt.source FROM receipt WHERE receipt.id = rejection.receipt;
ALTER TABLE rejection ALTER source SET NOT NULL;
CREATE INDEX ON rejection (source, case_key, seq);
COMMENT ON COLUMN rejection.reason IS 'A word, or the field that is wrong; of two records under one number the second is here';

-- A record takes its place in its case. said: the record whose words hold there, itself or its correction; without one
-- nothing holds. What was said in the place of another before does not hold twice.
CREATE FUNCTION exchange_settle(r held, said held, corrected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inbox VALUES (r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                              r.recorded_ms, r.payload, r.context, r.hash, r.receipt, corrected);
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
    END IF;
    IF said.public_id IS NOT NULL AND said.op <> 3 THEN
        PERFORM case_file_put(said.source, said.case_key, said.public_id, said.status, said.seq);
    END IF;
END $$;

-- Takes one record in, keeps it waiting, or says why not. The row of its source is locked.
CREATE FUNCTION exchange_take_record(r held) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    head case_head;
    known bytea;
    why text;
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
    why := coalesce(r.fault, CASE WHEN r.prev_hash <> coalesce(head.hash, decode(repeat('00', 32), 'hex')) THEN 'chain' END);
    IF why IS NULL THEN
        PERFORM exchange_settle(r, r, NULL);
    ELSE
        INSERT INTO case_head VALUES (r.source, r.case_key, r.seq - 1, coalesce(head.hash, decode(repeat('00', 32), 'hex')),
                                      'received', r.seq)
            ON CONFLICT (source, case_key) DO UPDATE SET stuck = r.seq;
    END IF;
    RETURN why;
END $$;

-- Keeps what was not taken in beside what was.
CREATE FUNCTION exchange_reject(r held, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rejection (receipt, source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms,
                           payload, context, hash, reason)
        VALUES (r.receipt, r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                r.recorded_ms, r.payload, r.context, r.hash, why);
    IF why = 'equivocation' THEN
        UPDATE organisation SET flagged_at = coalesce(flagged_at, now()) WHERE code = r.source;
    END IF;
END $$;

-- What waited in a case and need not any more: the rejected record whose correction is here, then those in turn. What is
-- rejected now is told with the receipt of the batch that is being taken in.
CREATE FUNCTION exchange_go_on(the_source text, the_case text, the_receipt uuid) RETURNS void LANGUAGE plpgsql AS $$
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
            EXIT WHEN NOT FOUND;
            SELECT source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload,
                   context, hash, receipt INTO bad
                FROM rejection WHERE source = the_source AND case_key = the_case AND seq = head.stuck
                AND corrected_by IS NULL AND reason <> 'equivocation';
            PERFORM exchange_settle(bad, CASE WHEN r.op = 2 THEN r END, r.seq);
            UPDATE rejection SET corrected_by = r.seq WHERE source = the_source AND case_key = the_case
                AND seq = head.stuck AND corrected_by IS NULL;
        ELSE
            DELETE FROM held WHERE source = the_source AND case_key = the_case AND seq = coalesce(head.seq, 0) + 1
                RETURNING * INTO r;
            EXIT WHEN NOT FOUND;
            why := exchange_take_record(r);
            IF why IS NOT NULL THEN
                r.receipt := the_receipt;
                PERFORM exchange_reject(r, why);
            END IF;
        END IF;
    END LOOP;
END $$;

-- Where the receiver is with a source: one row, with a code of the table of refusals or the cursor.
CREATE FUNCTION exchange_open(the_source text, the_spki bytea)
RETURNS TABLE (refusal text, last_batch bigint) LANGUAGE plpgsql AS $$
BEGIN
    SELECT cursor INTO last_batch FROM organisation
        WHERE code = the_source AND spki = the_spki AND withdrawn_at IS NULL;
    refusal := CASE WHEN NOT FOUND THEN 'organisation_unknown' END;
    RETURN NEXT;
END $$;

-- Takes in the records of cases in which nothing is out of the ordinary, all at once: each follows the one before it, none
-- is faulty, none waits. The arrays are columns of the batch; of entities, most are new and are written without a look at
-- each.
CREATE FUNCTION exchange_apply_plain(
    the_source text, the_receipt uuid, keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[],
    kinds text[], versions integer[], times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], entities uuid[],
    froms bigint[], tos bigint[], ids text[], statuses text[], odd text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    r record;
BEGIN
    INSERT INTO inbox
        SELECT the_source, a.key, a.seq, a.prev, a.change, a.op, a.kind, a.version, a.at, a.payload, a.context, a.hash,
               the_receipt, NULL
        FROM unnest(keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes)
             AS a (key, seq, prev, change, op, kind, version, at, payload, context, hash)
        WHERE a.key <> ALL (odd);
    INSERT INTO case_head AS head
        SELECT the_source, a.key, max(a.seq), (array_agg(a.hash ORDER BY a.seq DESC))[1],
               coalesce((array_agg(a.status ORDER BY a.seq DESC) FILTER (WHERE a.status IS NOT NULL))[1], ''), NULL
        FROM unnest(keys, seqs, hashes, statuses) AS a (key, seq, hash, status)
        WHERE a.key <> ALL (odd) GROUP BY a.key
        ON CONFLICT (source, case_key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            status = coalesce(nullif(excluded.status, ''), head.status);
    FOR r IN
        SELECT * FROM (
            SELECT a.*, count(*) OVER (PARTITION BY a.key, a.entity) AS times
            FROM unnest(keys, seqs, change_ids, ops, kinds, times, entities, froms, tos)
                 AS a (key, seq, change, op, kind, at, entity, valid_from, valid_to)
            WHERE a.entity IS NOT NULL AND a.key <> ALL (odd)
        ) AS said
        WHERE said.op <> 1 OR said.times > 1
           OR EXISTS (SELECT FROM case_record WHERE source = the_source AND case_key = said.key AND entity = said.entity)
        ORDER BY said.key, said.seq
    LOOP
        PERFORM case_put(the_source, r.key, r.kind, r.entity, r.seq, r.change, r.op,
                         case_span(r.op, r.valid_from, r.valid_to, r.at));
    END LOOP;
    INSERT INTO case_record
        SELECT the_source, a.key, a.kind, a.entity, a.seq, a.change, case_span(1, a.valid_from, a.valid_to, a.at),
               tstzrange(moment, NULL)
        FROM unnest(keys, seqs, change_ids, ops, kinds, times, entities, froms, tos)
             AS a (key, seq, change, op, kind, at, entity, valid_from, valid_to)
        WHERE a.entity IS NOT NULL AND a.key <> ALL (odd) AND a.op = 1
          AND NOT EXISTS (SELECT FROM case_record WHERE source = the_source AND case_key = a.key AND entity = a.entity);
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(keys, seqs, ops, ids, statuses) AS a (key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND a.key <> ALL (odd) ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
END $$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
CREATE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, the_root bytea, the_prev_root bytea, keys text[],
    seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[], kinds text[], versions integer[],
    times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], faults text[], entities uuid[], froms bigint[],
    tos bigint[], corrections bigint[], ids text[], statuses text[]
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
                    WHEN the_batch = org.cursor + 1 AND the_prev_root <> org.root THEN 'batch_chain' END;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT id INTO the_receipt FROM receipt
        WHERE source = the_source AND batch_no = the_batch AND batch_hash = the_hash;
    IF NOT FOUND THEN
        INSERT INTO receipt (source, batch_no, batch_hash, received_ms)
            VALUES (the_source, the_batch, the_hash, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
            RETURNING id INTO the_receipt;
        SELECT coalesce(array_agg(DISTINCT one.key), '{}') INTO odd FROM (
            SELECT a.key,
                   a.fault IS NULL AND a.corrects IS NULL AND head.stuck IS NULL
                   AND a.seq = coalesce(lag(a.seq) OVER w, head.seq, 0) + 1
                   AND a.prev = coalesce(lag(a.hash) OVER w, head.hash, zeros)
                   AND NOT EXISTS (SELECT FROM held WHERE source = the_source AND case_key = a.key) AS plain
            FROM unnest(keys, seqs, prev_hashes, hashes, faults, corrections) AS a (key, seq, prev, hash, fault, corrects)
            LEFT JOIN case_head head ON head.source = the_source AND head.case_key = a.key
            WINDOW w AS (PARTITION BY a.key ORDER BY a.seq)
        ) AS one WHERE NOT one.plain;
        PERFORM exchange_apply_plain(the_source, the_receipt, keys, seqs, prev_hashes, change_ids, ops, kinds, versions,
                                     times, payloads, contexts, hashes, entities, froms, tos, ids, statuses, odd);
        FOR r IN
            SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt, fault,
                   entity, valid_from, valid_to, corrects, id, status
            FROM unnest(keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes, faults,
                        entities, froms, tos, corrections, ids, statuses) WITH ORDINALITY
                 AS one (key, n, prev, change, op, kind, version, at, payload, context, hash, fault, entity, valid_from,
                         valid_to, corrects, id, status, place)
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

-- ---- what is known of a case ----

-- What held in a case at one time, as it was known at another. The words are in the record that says so.
CREATE FUNCTION case_as_of(the_source text, the_case text, valid_at timestamptz, known_at timestamptz)
RETURNS TABLE (kind text, entity uuid, seq bigint, change_id uuid, valid tstzrange, known tstzrange, payload bytea)
STABLE LANGUAGE sql AS $$
    SELECT r.kind, r.entity, r.seq, r.change_id, r.valid, r.known, coalesce(i.payload, o.payload)
    FROM case_record r
    LEFT JOIN inbox i ON i.source = r.source AND i.case_key = r.case_key AND i.seq = r.seq
    LEFT JOIN outbox o ON i.seq IS NULL AND o.case_key = r.case_key AND o.seq = r.seq
    WHERE r.source = the_source AND r.case_key = the_case AND r.valid @> valid_at AND r.known @> known_at
    ORDER BY r.kind, r.entity
$$;
