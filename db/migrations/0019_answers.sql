-- The exchange, both ways: what a centre has to say to those who send to it waits in its outbox as a court's records do in the
-- court's, and is numbered, batched, taken in and answered by the same functions.

-- ---- the outbox of either side ----

ALTER TABLE outbox
    ADD target text NOT NULL DEFAULT '',
    ALTER court_case DROP NOT NULL,
    DROP CONSTRAINT outbox_case_key_seq_key,
    ADD UNIQUE (case_key, seq, target),
    ADD CHECK ((court_case IS NOT NULL) = (target = ''));
COMMENT ON COLUMN outbox.target IS 'Organisation it is for, which has batches of its own; at a court '''': its centre';
DROP INDEX outbox_batch_no_idx, outbox_unbatched, outbox_unanswered;
CREATE INDEX outbox_batch ON outbox (target, batch_no);
CREATE INDEX outbox_unbatched ON outbox (target, number) WHERE batch_no IS NULL;
DROP TRIGGER outbox_is_append_only ON outbox;
CREATE TRIGGER outbox_is_append_only
    BEFORE DELETE OR TRUNCATE OR UPDATE OF number, court_case, hearing, change_id, case_key, seq, prev_hash, op,
        record_type, schema_version, recorded_ms, payload, payload_hash, hash, context, target ON outbox
    EXECUTE FUNCTION refuse_change();

ALTER TABLE sent_batch ADD target text NOT NULL DEFAULT '', DROP CONSTRAINT sent_batch_pkey;
ALTER TABLE sent_batch ADD PRIMARY KEY (target, batch_no);

-- The batch to send next to a receiver that has taken all up to its cursor: the first it has not, or whose answer is not here
-- (a row of it may be known to be refused before that); else the committed rows that are in none become one. One caller at a
-- time, so that batches keep their order.
DROP FUNCTION outbox_take(bigint, integer, bigint);
CREATE FUNCTION outbox_take(the_target text, the_cursor bigint, most_records integer, most_bytes bigint)
RETURNS SETOF outbox LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    the_batch bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox_take'), hashtext(the_target));
    SELECT least(the_cursor, coalesce(max(batch_no), 0)) + 1 INTO wanted FROM sent_batch WHERE target = the_target;
    SELECT min(batch_no) INTO the_batch FROM outbox WHERE target = the_target AND batch_no >= wanted;
    IF the_batch IS NULL THEN
        SELECT greatest(wanted, max(batch_no) + 1) INTO the_batch FROM outbox WHERE target = the_target;
        UPDATE outbox SET batch_no = the_batch WHERE number IN (
            SELECT number FROM (
                SELECT number, sum(octet_length(payload) + 512) OVER (ORDER BY number) AS bytes FROM (
                    SELECT number, payload FROM outbox WHERE target = the_target AND batch_no IS NULL
                        ORDER BY number LIMIT most_records
                ) AS waiting
            ) AS sized WHERE bytes <= most_bytes);
    END IF;
    RETURN QUERY SELECT * FROM outbox WHERE target = the_target AND batch_no = the_batch ORDER BY number;
END $$;

-- The receiver's answer to a batch. A rejection may be of a record that was received before and had to wait for another.
DROP FUNCTION outbox_answered(bigint, uuid, bytea, bytea, bigint, text[], bigint[], text[]);
CREATE FUNCTION outbox_answered(
    the_target text, the_batch bigint, the_receipt uuid, the_hash bytea, the_root bytea, the_time bigint, keys text[],
    seqs bigint[], reasons text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outbox SET refused = rejection.reason
        FROM unnest(keys, seqs, reasons) AS rejection (case_key, seq, reason)
        WHERE target = the_target AND refused IS NULL AND outbox.case_key = rejection.case_key
          AND outbox.seq = rejection.seq;
    UPDATE outbox SET receipt_id = the_receipt, receipt_hash = the_hash, received_ms = the_time
        WHERE target = the_target AND batch_no = the_batch AND receipt_id IS NULL AND refused IS NULL;
    INSERT INTO sent_batch (target, batch_no, root) VALUES (the_target, the_batch, the_root) ON CONFLICT DO NOTHING;
END $$;

-- ---- what a centre says ----

CREATE TABLE outbox_head (
    target    text NOT NULL,
    case_key  text NOT NULL,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (target, case_key)
);
COMMENT ON TABLE outbox_head IS 'At a centre, the last record of each case for each receiver; numbers are counted under its lock';

-- Fields of a packed message (protobuf), for the little that the database itself has to say.
CREATE FUNCTION pack_varint(value bigint) RETURNS bytea IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    rest bigint := value;
    packed bytea := '';
BEGIN
    WHILE rest > 127 LOOP
        packed := packed || set_byte('\x00', 0, (rest & 127)::integer | 128);
        rest := rest >> 7;
    END LOOP;
    RETURN packed || set_byte('\x00', 0, rest::integer);
END $$;
CREATE FUNCTION pack_number(field integer, value bigint) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT pack_varint(field * 8) || pack_varint(value)
$$;
CREATE FUNCTION pack_text(field integer, value text) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT pack_varint(field * 8 + 2) || pack_varint(octet_length(value)) || convert_to(value, 'UTF8')
$$;

-- UUIDv7 (RFC 9562 section 5.7).
CREATE FUNCTION uuid_at(ms bigint) RETURNS uuid LANGUAGE sql AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(ms) FROM 3) FROM 1 FOR 6),
                                  52, 1), 53, 1), 'hex')::uuid
$$;

-- A record for an organisation, in the caller's transaction.
CREATE FUNCTION outbox_tell(the_target text, the_key text, the_kind text, the_payload bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    the_change uuid := uuid_at(now_ms);
    prev bytea;
    the_seq bigint;
    the_hash bytea;
BEGIN
    INSERT INTO outbox_head AS head VALUES (the_target, the_key, 1, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (target, case_key) DO UPDATE SET seq = head.seq + 1 RETURNING seq, hash INTO the_seq, prev;
    the_hash := exchange_hash(prev, the_seq, the_change, 1, 1, now_ms, the_key, the_kind, sha256(the_payload), '');
    INSERT INTO outbox (target, change_id, case_key, seq, prev_hash, op, record_type, schema_version, recorded_ms, payload,
                        payload_hash, hash)
        VALUES (the_target, the_change, the_key, the_seq, prev, 1, the_kind, 1, now_ms, the_payload, sha256(the_payload),
                the_hash);
    UPDATE outbox_head SET hash = the_hash WHERE target = the_target AND case_key = the_key;
END $$;

-- ---- taking in, on either side ----

ALTER TABLE organisation ADD center boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN organisation.center IS 'At a court: it is the centre. What it sends and we reject is told by the receipt alone';

ALTER TABLE held ADD addressee text, ADD about bigint, ADD reason text;
COMMENT ON COLUMN held.addressee IS 'Of a notice at a centre: the court it goes on to';
COMMENT ON COLUMN held.about IS 'Of a rejection: the number of the record that was not taken in, and its reason';

-- Notices from other organisations that a court has received; the words are in the inbox.
CREATE TABLE notice (
    source       text NOT NULL,
    case_key     text NOT NULL,
    seq          bigint NOT NULL,
    public_id    text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, case_key, seq)
);
CREATE INDEX ON notice (public_id);
COMMENT ON COLUMN notice.public_id IS 'Of the case, as case_file has it';

-- The centre, as its certificate says who it is: one row, with a code of the table of refusals or our cursor. A certificate that
-- was renewed is known by its name; no other organisation becomes the centre by its.
CREATE FUNCTION exchange_meet(the_code text, the_spki bytea)
RETURNS TABLE (refusal text, last_batch bigint) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organisation AS known (code, spki, center) VALUES (the_code, the_spki, true)
        ON CONFLICT (code) DO UPDATE SET spki = the_spki WHERE known.center AND known.spki <> the_spki;
    RETURN QUERY SELECT * FROM exchange_open(the_code, the_spki);
END $$;

-- Why a notice cannot go on to where it says; null: it can, or it is none.
CREATE FUNCTION notice_fault(the_addressee text, the_id text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN the_addressee IS NULL THEN NULL
                WHEN NOT EXISTS (SELECT FROM organisation WHERE code = the_addressee AND withdrawn_at IS NULL)
                THEN 'notice.court'
                WHEN NOT EXISTS (SELECT FROM case_file WHERE source = the_addressee AND public_id = the_id)
                THEN 'notice.public_id' END
$$;

-- What a record does that is not of the case's own file: a rejection marks what was sent; a notice is kept, or goes on to its
-- court with the name of who sent it.
CREATE FUNCTION exchange_heed(said held) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF said.record_type = 'rejection' THEN
        UPDATE outbox SET refused = said.reason
            WHERE target = '' AND case_key = said.case_key AND seq = said.about AND refused IS NULL;
    ELSIF said.record_type = 'notice' AND said.addressee IS NULL THEN
        INSERT INTO notice (source, case_key, seq, public_id)
            VALUES (said.source, said.case_key, said.seq, said.public_id);
    ELSIF said.record_type = 'notice' THEN
        PERFORM outbox_tell(said.addressee, said.public_id, 'notice',
                            said.payload || pack_text(15, said.source) || pack_text(16, said.change_id::text));
    END IF;
END $$;

-- A record takes its place in its case. said: the record whose words hold there, itself or its correction; without one
-- nothing holds. What was said in the place of another before does not hold twice.
CREATE OR REPLACE FUNCTION exchange_settle(r held, said held, corrected bigint) RETURNS void LANGUAGE plpgsql AS $$
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
        IF said.public_id IS NOT NULL AND said.op <> 3 THEN
            PERFORM case_file_put(said.source, said.case_key, said.public_id, said.status, said.seq);
        END IF;
    ELSIF said.op <> 3 THEN
        PERFORM exchange_heed(said);
    END IF;
END $$;

-- Keeps what was not taken in beside what was, and at a centre tells whose it is, whatever becomes of the receipt.
CREATE OR REPLACE FUNCTION exchange_reject(r held, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rejection (receipt, source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms,
                           payload, context, hash, reason)
        VALUES (r.receipt, r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                r.recorded_ms, r.payload, r.context, r.hash, why);
    IF why = 'equivocation' THEN
        UPDATE organisation SET flagged_at = coalesce(flagged_at, now()) WHERE code = r.source;
    END IF;
    IF NOT (SELECT center FROM organisation WHERE code = r.source) THEN
        PERFORM outbox_tell(r.source, r.case_key, 'rejection',
                            pack_text(1, r.case_key) || pack_number(2, r.seq) || pack_text(3, why));
    END IF;
END $$;

-- Takes a batch in, whose signature, tree and hashes have been checked. One row with a refusal; or the receipt, once for each
-- rejection and at least once. The same batch again finds its receipt; the same records in another batch change nothing.
DROP FUNCTION exchange_apply(
    text, bytea, bigint, bytea, bytea, bytea, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[],
    bytea[], bytea[], bytea[], text[], uuid[], bigint[], bigint[], bigint[], text[], text[]);
CREATE FUNCTION exchange_apply(
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
