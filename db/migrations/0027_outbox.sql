-- The outbox is written once. What waits to be sent, which batch took what and what became of it stand beside it, in tables
-- that are as narrow as what they say, so that sending costs a court little beside the writing.

ALTER TABLE outbox RENAME TO outbox_before;
DROP INDEX outbox_batch, outbox_unbatched, outbox_hearing;
CREATE TABLE outbox (
    number          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    target          text NOT NULL DEFAULT '',
    court_case      uuid REFERENCES court_case,
    hearing         uuid REFERENCES hearing,
    change_id       uuid NOT NULL,
    case_key        text NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0),
    prev_hash       bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    op              integer NOT NULL,
    record_type     text NOT NULL,
    schema_version  integer NOT NULL,
    recorded_ms     bigint NOT NULL,
    payload         bytea NOT NULL CHECK (octet_length(payload) <= 1048576),
    payload_hash    bytea NOT NULL GENERATED ALWAYS AS (sha256(payload)) STORED,
    context         bytea NOT NULL DEFAULT '' CHECK (octet_length(context) <= 4096),
    hash            bytea NOT NULL GENERATED ALWAYS AS (
        exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms, case_key, record_type, sha256(payload),
                      context)) STORED,
    CHECK ((court_case IS NOT NULL) = (target = ''))
);
COMMENT ON TABLE outbox IS 'Each record that leaves, as it was written; outbox_state says how far it is';
COMMENT ON COLUMN outbox.number IS 'Order of writing; within a case the order of seq, but a late committer may fill a gap';
COMMENT ON COLUMN outbox.target IS 'Organisation it is for, which has batches of its own; at a court '''': its centre';
COMMENT ON COLUMN outbox.hash IS 'It cannot be another than that of the record';

INSERT INTO outbox (number, target, court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                    recorded_ms, payload, context) OVERRIDING SYSTEM VALUE
    SELECT number, target, court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
           recorded_ms, payload, context FROM outbox_before;
SELECT setval(pg_get_serial_sequence('outbox', 'number'), max(number)) FROM outbox;

-- Its rows are never dead but for a transaction that failed, so there is little to vacuum; pages fill to the brim.
CREATE UNIQUE INDEX outbox_case ON outbox (case_key, seq, target);
CREATE UNIQUE INDEX outbox_change ON outbox (change_id);
CREATE INDEX outbox_hearing ON outbox (hearing) WHERE hearing IS NOT NULL;

-- What is in no batch yet. It is a queue: what is taken is deleted, so it is vacuumed by what was deleted, not by what is left.
CREATE TABLE outbox_waiting (
    target  text NOT NULL,
    number  bigint NOT NULL,
    bytes   integer NOT NULL,
    PRIMARY KEY (target, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
COMMENT ON COLUMN outbox_waiting.bytes IS 'It takes in a batch, at most';
INSERT INTO outbox_waiting
    SELECT target, number, octet_length(payload) + octet_length(context) + 512 FROM outbox_before WHERE batch_no IS NULL;

CREATE TABLE outbox_batch (
    target        text NOT NULL,
    batch_no      bigint NOT NULL CHECK (batch_no > 0),
    numbers       int8multirange NOT NULL,
    root          bytea CHECK (octet_length(root) = 32),
    receipt_id    uuid,
    receipt_hash  bytea,
    received_ms   bigint,
    PRIMARY KEY (target, batch_no)
);
COMMENT ON TABLE outbox_batch IS 'Batches, made after the commit of what is in them, so that no row can appear behind one that was sent';
COMMENT ON COLUMN outbox_batch.numbers IS 'Of the rows of the outbox that it took; those of one target may lie between those of others';
COMMENT ON COLUMN outbox_batch.root IS 'Of its tree, once it was answered: the next batch names it';
COMMENT ON COLUMN outbox_batch.receipt_hash IS 'Of the batch, as the receiver received it';
INSERT INTO outbox_batch
    SELECT b.target, b.batch_no, b.numbers, s.root, b.receipt_id, b.receipt_hash, b.received_ms
    FROM (SELECT target, batch_no, range_agg(int8range(number, number, '[]')) AS numbers,
                 (array_agg(receipt_id) FILTER (WHERE receipt_id IS NOT NULL))[1] AS receipt_id,
                 (array_agg(receipt_hash) FILTER (WHERE receipt_id IS NOT NULL))[1] AS receipt_hash,
                 max(received_ms) AS received_ms
          FROM outbox_before WHERE batch_no IS NOT NULL GROUP BY target, batch_no) AS b
    LEFT JOIN sent_batch s USING (target, batch_no);
CREATE INDEX outbox_batch_numbers ON outbox_batch USING gist (numbers);

-- One rejection a record is kept, the first; it may come after the receipt of its batch.
CREATE TABLE outbox_refused (
    number  bigint PRIMARY KEY REFERENCES outbox,
    reason  text NOT NULL
);
COMMENT ON TABLE outbox_refused IS 'The receiver''s reason for not taking a record';
INSERT INTO outbox_refused SELECT number, refused FROM outbox_before WHERE refused IS NOT NULL;

-- How far each record is: in no batch (batch_no null), in one, answered (with a receipt), rejected.
CREATE VIEW outbox_state AS
    SELECT o.number, o.target, o.court_case, o.hearing, o.change_id, o.case_key, o.seq, o.op, o.record_type, o.recorded_ms, o.context,
           b.batch_no, b.receipt_id, b.receipt_hash, b.received_ms, r.reason AS refused
    FROM outbox o
    LEFT JOIN outbox_batch b ON b.numbers @> o.number AND b.target = o.target
    LEFT JOIN outbox_refused r ON r.number = o.number;

CREATE OR REPLACE VIEW desk_hearing AS
    SELECT h.id, c.number, c.title, court.name AS court, h.procedure,
           (extract(epoch FROM h.scheduled_at) * 1000)::bigint AS scheduled_ms, course.status, course.status_since_ms,
           (extract(epoch FROM h.cancelled_at) * 1000)::bigint AS cancelled_ms, course.recording,
           (SELECT count(*) FROM hearing_participant WHERE hearing = h.id) AS people, sent.recorded_ms,
           sent.received_ms, sent.receipt_id, sent.refused, h.scheduled_at
    FROM hearing h
    JOIN court_case c ON c.id = h.court_case
    JOIN court ON court.id = c.court
    JOIN hearing_course course ON course.hearing = h.id
    LEFT JOIN LATERAL (
        SELECT recorded_ms, received_ms, receipt_id, refused FROM outbox_state
        WHERE hearing = h.id ORDER BY number DESC LIMIT 1
    ) AS sent ON true;

DROP FUNCTION outbox_take(text, bigint, bigint, integer, bigint);
DROP FUNCTION outbox_answered(text, bigint, uuid, bytea, bytea, bigint, text[], bigint[], text[]);
DROP TABLE outbox_before, sent_batch;
DROP FUNCTION outbox_refuse();

CREATE TRIGGER outbox_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON outbox EXECUTE FUNCTION refuse_change();

-- The one way into the outbox: the record, and its place in the queue. Gives the record's hash.
CREATE FUNCTION outbox_put(
    the_target text, the_case uuid, the_hearing uuid, the_key text, the_seq bigint, prev bytea, the_change uuid, the_op integer,
    the_kind text, the_payload bytea, the_context bytea, now_ms bigint
) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    the_hash bytea;
BEGIN
    WITH put AS (
        INSERT INTO outbox (target, court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                            recorded_ms, payload, context)
            VALUES (the_target, the_case, the_hearing, the_change, the_key, the_seq, prev, the_op, the_kind, 1, now_ms,
                    the_payload, the_context)
            RETURNING number, hash
    ), waiting AS (
        INSERT INTO outbox_waiting
            SELECT the_target, number, octet_length(the_payload) + octet_length(the_context) + 512 FROM put
    )
    SELECT hash INTO the_hash FROM put;
    RETURN the_hash;
END $$;

CREATE OR REPLACE FUNCTION outbox_add(
    the_case uuid, the_hearing uuid, the_seq bigint, the_change uuid, the_op integer, the_kind text, the_payload bytea,
    the_context bytea, now_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    prev bytea := decode(repeat('00', 32), 'hex');
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(hashtext('outbox_sleeps')) THEN
        NOTIFY outbox;
    END IF;
    IF the_seq > 1 THEN
        SELECT hash INTO STRICT prev FROM outbox WHERE case_key = the_case::text AND seq = the_seq - 1 AND target = '';
    END IF;
    PERFORM outbox_put('', the_case, the_hearing, the_case::text, the_seq, prev, the_change, the_op, the_kind, the_payload,
                       the_context, now_ms);
END $$;

-- A record for an organisation, in the caller's transaction.
CREATE OR REPLACE FUNCTION outbox_tell(the_target text, the_key text, the_kind text, the_payload bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    prev bytea;
    the_seq bigint;
BEGIN
    INSERT INTO outbox_head AS head VALUES (the_target, the_key, 1, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (target, case_key) DO UPDATE SET seq = head.seq + 1 RETURNING seq, hash INTO the_seq, prev;
    UPDATE outbox_head
        SET hash = outbox_put(the_target, NULL, NULL, the_key, the_seq, prev, uuid_at(now_ms), 1, the_kind, the_payload, '', now_ms)
        WHERE target = the_target AND case_key = the_key;
END $$;

-- The receiver does not take a record.
CREATE FUNCTION outbox_reject(the_target text, the_key text, the_seq bigint, the_reason text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO outbox_refused
        SELECT number, the_reason FROM outbox WHERE case_key = the_key AND seq = the_seq AND target = the_target
        ON CONFLICT DO NOTHING
$$;

-- The receiver's answer to a batch; the first one counts. A rejection may be of a record that was received before and had to
-- wait for another.
CREATE FUNCTION outbox_answered(
    the_target text, the_batch bigint, the_receipt uuid, the_hash bytea, the_root bytea, the_time bigint, keys text[],
    seqs bigint[], reasons text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(keys) > 0 THEN
        PERFORM outbox_reject(the_target, r.case_key, r.seq, r.reason)
            FROM unnest(keys, seqs, reasons) AS r (case_key, seq, reason);
    END IF;
    UPDATE outbox_batch SET receipt_id = the_receipt, receipt_hash = the_hash, received_ms = the_time, root = the_root
        WHERE target = the_target AND batch_no = the_batch AND root IS NULL;
END $$;
