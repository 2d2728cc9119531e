-- The exchange. At a court: what became of a case and its outbox row are written in one transaction. At a centre: who may
-- send, what came, and where each case stands. Both sides have all tables; a program uses those of its role.

ALTER TABLE court_case
    ADD status text NOT NULL DEFAULT 'accepted' CHECK (status IN (
        'received', 'accepted', 'suspended', 'scheduled', 'tried', 'decided', 'appealed', 'final', 'enforcing',
        'closed', 'transferred', 'merged')),
    ADD outbox_seq bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN court_case.outbox_seq IS 'Of its last outbox row; counted under this row''s lock, so without gaps';

-- The hash of a record (assize.exchange.v1.Record) follows from its fields, not from how they are packed.
CREATE FUNCTION exchange_hash(
    prev_hash bytea, seq bigint, change_id uuid, op integer, schema_version integer, recorded_ms bigint, case_key text,
    record_type text, payload_hash bytea
) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT sha256(prev_hash || int8send(seq) || uuid_send(change_id) || int4send(op) || int4send(schema_version) ||
                  int8send(recorded_ms) || sha256(convert_to(case_key, 'UTF8')) ||
                  sha256(convert_to(record_type, 'UTF8')) || payload_hash)
$$;

CREATE TABLE outbox (
    number          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    court_case      uuid NOT NULL REFERENCES court_case,
    hearing         uuid REFERENCES hearing,
    change_id       uuid NOT NULL UNIQUE,
    case_key        text NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0),
    prev_hash       bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    op              integer NOT NULL,
    record_type     text NOT NULL,
    schema_version  integer NOT NULL,
    recorded_ms     bigint NOT NULL,
    payload         bytea NOT NULL CHECK (octet_length(payload) <= 1048576),
    payload_hash    bytea NOT NULL,
    hash            bytea NOT NULL,
    batch_no        bigint,
    receipt_id      uuid,
    receipt_hash    bytea,
    received_ms     bigint,
    refused         text,
    UNIQUE (case_key, seq),
    CONSTRAINT outbox_payload_hash CHECK (payload_hash = sha256(payload)),
    CONSTRAINT outbox_hash CHECK (hash = exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms,
                                                       case_key, record_type, payload_hash)),
    CONSTRAINT outbox_one_outcome CHECK (receipt_id IS NULL OR refused IS NULL)
);
CREATE INDEX ON outbox (batch_no);
CREATE INDEX ON outbox (hearing);
CREATE INDEX outbox_unbatched ON outbox (number) WHERE batch_no IS NULL;
CREATE INDEX outbox_unanswered ON outbox (batch_no) WHERE receipt_id IS NULL AND refused IS NULL;
COMMENT ON COLUMN outbox.number IS 'Order of writing; within a case the order of seq, but a late committer may fill a gap';
COMMENT ON COLUMN outbox.batch_no IS 'Given after the commit, so that no row can appear behind a batch that was sent';
COMMENT ON COLUMN outbox.receipt_hash IS 'Of the batch, as the centre received it';
COMMENT ON COLUMN outbox.refused IS 'The centre''s reason for not taking this record';

CREATE TRIGGER outbox_is_append_only
    BEFORE DELETE OR TRUNCATE OR UPDATE OF number, court_case, hearing, change_id, case_key, seq, prev_hash, op,
        record_type, schema_version, recorded_ms, payload, payload_hash, hash ON outbox
    EXECUTE FUNCTION refuse_change();

-- The one way a case changes: the case and its outbox row, in the caller's transaction.
CREATE FUNCTION case_change(
    the_case uuid, the_hearing uuid, new_status text, the_change uuid, the_payload bytea
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_seq bigint;
    prev bytea := decode(repeat('00', 32), 'hex');
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    UPDATE court_case SET status = new_status, outbox_seq = outbox_seq + 1 WHERE id = the_case
        RETURNING outbox_seq INTO STRICT the_seq;
    IF the_seq > 1 THEN
        SELECT hash INTO STRICT prev FROM outbox WHERE case_key = the_case::text AND seq = the_seq - 1;
    END IF;
    INSERT INTO outbox (court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                        recorded_ms, payload, payload_hash, hash)
        VALUES (the_case, the_hearing, the_change, the_case::text, the_seq, prev, 1, 'case', 1, now_ms, the_payload,
                sha256(the_payload),
                exchange_hash(prev, the_seq, the_change, 1, 1, now_ms, the_case::text, 'case', sha256(the_payload)));
END $$;

-- hearing_append may now change the case as well.
ALTER FUNCTION hearing_append(uuid, bigint, bytea, uuid, bytea, integer, bigint[], bytea[], bytea[])
    RENAME TO hearing_append_events;
CREATE FUNCTION hearing_append(
    the_hearing uuid, expected_seq bigint, expected_hash bytea, the_command uuid, the_digest bytea, the_actor integer,
    times bigint[], bodies bytea[], hashes bytea[], case_status text, the_change uuid, the_payload bytea
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hearing_append_events(the_hearing, expected_seq, expected_hash, the_command, the_digest, the_actor, times,
                                  bodies, hashes);
    IF the_change IS NOT NULL THEN
        PERFORM case_change(court_case, id, case_status, the_change, the_payload) FROM hearing WHERE id = the_hearing;
    END IF;
END $$;

-- The batch to send next when the centre has taken all up to its cursor: the first it has not, or that has no answer here;
-- else the committed rows that are in none become one. One caller at a time, so that batches keep their order.
CREATE FUNCTION outbox_take(the_cursor bigint, most_records integer, most_bytes bigint)
RETURNS SETOF outbox LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    the_batch bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox_take'));
    SELECT least(the_cursor + 1, min(batch_no)) INTO wanted
        FROM outbox WHERE receipt_id IS NULL AND refused IS NULL;
    SELECT min(batch_no) INTO the_batch FROM outbox WHERE batch_no >= wanted;
    IF the_batch IS NULL THEN
        SELECT greatest(wanted, max(batch_no) + 1) INTO the_batch FROM outbox;
        UPDATE outbox SET batch_no = the_batch WHERE number IN (
            SELECT number FROM (
                SELECT number, sum(octet_length(payload) + 512) OVER (ORDER BY number) AS bytes FROM (
                    SELECT number, payload FROM outbox WHERE batch_no IS NULL ORDER BY number LIMIT most_records
                ) AS waiting
            ) AS sized WHERE bytes <= most_bytes);
    END IF;
    RETURN QUERY SELECT * FROM outbox WHERE batch_no = the_batch ORDER BY number;
END $$;

-- The centre's answer to a batch.
CREATE FUNCTION outbox_answered(
    the_batch bigint, the_receipt uuid, the_hash bytea, the_time bigint, keys text[], seqs bigint[], reasons text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outbox SET refused = rejection.reason
        FROM unnest(keys, seqs, reasons) AS rejection (case_key, seq, reason)
        WHERE batch_no = the_batch AND receipt_id IS NULL
          AND outbox.case_key = rejection.case_key AND outbox.seq = rejection.seq;
    UPDATE outbox SET receipt_id = the_receipt, receipt_hash = the_hash, received_ms = the_time
        WHERE batch_no = the_batch AND receipt_id IS NULL AND refused IS NULL;
END $$;

-- ---- at a centre ----

CREATE TABLE organisation (
    code          text PRIMARY KEY CHECK (length(code) <= 35 AND code ~ '^[0-9A-Z]+(\.[0-9A-Z]+)*$'),
    spki          bytea NOT NULL UNIQUE CHECK (octet_length(spki) = 32),
    cursor        bigint NOT NULL DEFAULT 0,
    withdrawn_at  timestamptz,
    flagged_at    timestamptz
);
COMMENT ON COLUMN organisation.spki IS 'SHA-256 of the SubjectPublicKeyInfo of its certificate';
COMMENT ON COLUMN organisation.cursor IS 'Its last batch that was taken in';
COMMENT ON COLUMN organisation.flagged_at IS 'When it first sent two records under one number';

CREATE TABLE receipt (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source       text NOT NULL REFERENCES organisation,
    batch_no     bigint NOT NULL CHECK (batch_no > 0),
    batch_hash   bytea NOT NULL CHECK (octet_length(batch_hash) = 32),
    received_ms  bigint NOT NULL,
    UNIQUE (source, batch_no, batch_hash)
);

CREATE TABLE inbox (
    source          text NOT NULL REFERENCES organisation,
    case_key        text NOT NULL,
    seq             bigint NOT NULL,
    prev_hash       bytea NOT NULL,
    change_id       uuid NOT NULL,
    op              integer NOT NULL,
    record_type     text NOT NULL,
    schema_version  integer NOT NULL,
    recorded_ms     bigint NOT NULL,
    payload         bytea NOT NULL,
    payload_hash    bytea NOT NULL,
    hash            bytea NOT NULL,
    receipt         uuid NOT NULL REFERENCES receipt,
    PRIMARY KEY (source, case_key, seq)
);
CREATE TRIGGER inbox_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON inbox EXECUTE FUNCTION refuse_change();

CREATE TABLE rejection (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    receipt   uuid NOT NULL REFERENCES receipt,
    case_key  text NOT NULL,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    payload   bytea NOT NULL,
    reason    text NOT NULL
);
CREATE INDEX ON rejection (receipt);
COMMENT ON TABLE rejection IS 'What was not taken in, kept beside what was';

CREATE TABLE case_head (
    source    text NOT NULL REFERENCES organisation,
    case_key  text NOT NULL,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    status    text NOT NULL,
    PRIMARY KEY (source, case_key)
);
COMMENT ON TABLE case_head IS 'Where each case of each court stands, after all of its records in order';

-- One record as it came, within the batch of a receipt.
CREATE TYPE exchange_record AS (
    case_key text, seq bigint, prev_hash bytea, change_id uuid, op integer, record_type text, schema_version integer,
    recorded_ms bigint, payload bytea, payload_hash bytea, hash bytea, status text
);

-- Takes one record in, or says why not. The row of its source is locked.
CREATE FUNCTION exchange_apply_record(the_source text, the_receipt uuid, r exchange_record)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    head case_head;
    known bytea;
BEGIN
    IF r.payload_hash <> sha256(r.payload) OR r.hash <> exchange_hash(
            r.prev_hash, r.seq, r.change_id, r.op, r.schema_version, r.recorded_ms, r.case_key, r.record_type,
            r.payload_hash) THEN
        RETURN 'damaged';
    END IF;
    SELECT hash INTO known FROM inbox WHERE source = the_source AND case_key = r.case_key AND seq = r.seq;
    IF FOUND THEN
        RETURN CASE WHEN known <> r.hash THEN 'equivocation' END;
    END IF;
    SELECT * INTO head FROM case_head WHERE source = the_source AND case_key = r.case_key;
    IF r.seq <> coalesce(head.seq, 0) + 1 THEN
        RETURN 'gap';
    ELSIF r.prev_hash <> coalesce(head.hash, decode(repeat('00', 32), 'hex')) THEN
        RETURN 'chain';
    ELSIF r.status IS NULL THEN
        RETURN 'unreadable';
    END IF;
    INSERT INTO inbox VALUES (the_source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type,
                              r.schema_version, r.recorded_ms, r.payload, r.payload_hash, r.hash, the_receipt);
    INSERT INTO case_head VALUES (the_source, r.case_key, r.seq, r.hash, r.status)
        ON CONFLICT (source, case_key) DO UPDATE SET seq = r.seq, hash = r.hash, status = r.status;
    RETURN NULL;
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

-- Takes a batch in. One row with a refusal; or the receipt, once for each rejection and at least once. The same batch
-- again finds its receipt; the same records in another batch change nothing.
CREATE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, keys text[], seqs bigint[], prev_hashes bytea[],
    change_ids uuid[], kinds text[], numbers bigint[], payloads bytea[], payload_hashes bytea[], hashes bytea[],
    statuses text[]
) RETURNS TABLE (
    refusal text, receipt_id uuid, received_ms bigint, last_batch bigint, case_key text, seq bigint, reason text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    org organisation;
    the_receipt uuid;
    r exchange_record;
    why text;
BEGIN
    SELECT * INTO org FROM organisation WHERE code = the_source AND spki = the_spki AND withdrawn_at IS NULL
        FOR NO KEY UPDATE;
    refusal := CASE WHEN NOT FOUND THEN 'organisation_unknown' WHEN the_batch > org.cursor + 1 THEN 'batch_gap' END;
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
        FOR r IN
            SELECT key, n, prev, change, numbers[3 * at - 2], kind, numbers[3 * at - 1], numbers[3 * at], payload,
                   payload_hash, hash, status
            FROM unnest(keys, seqs, prev_hashes, change_ids, kinds, payloads, payload_hashes, hashes, statuses)
                 WITH ORDINALITY AS one (key, n, prev, change, kind, payload, payload_hash, hash, status, at)
            ORDER BY key, n
        LOOP
            why := exchange_apply_record(the_source, the_receipt, r);
            IF why IS NOT NULL THEN
                INSERT INTO rejection (receipt, case_key, seq, hash, payload, reason)
                    VALUES (the_receipt, r.case_key, r.seq, r.hash, r.payload, why);
            END IF;
            IF why = 'equivocation' THEN
                UPDATE organisation SET flagged_at = coalesce(flagged_at, now()) WHERE code = the_source;
            END IF;
        END LOOP;
        UPDATE organisation SET cursor = greatest(cursor, the_batch) WHERE code = the_source;
    END IF;
    RETURN QUERY
        SELECT NULL, receipt.id, receipt.received_ms, organisation.cursor, rejection.case_key, rejection.seq,
               rejection.reason
        FROM receipt JOIN organisation ON organisation.code = receipt.source
        LEFT JOIN rejection ON rejection.receipt = receipt.id
        WHERE receipt.id = the_receipt ORDER BY rejection.number;
END $$;
