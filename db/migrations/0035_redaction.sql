-- A redaction takes away what an earlier change of its case says of people, at its court and at the centre, and leaves what proves
-- exactness: the change, its place, its hashes and that of its leaf in the tree of its batch. It is a change like any other; its
-- payload is what is left of the other's: which thing it describes, of a case file the identifier and the status.

CREATE TABLE redaction (
    source       text NOT NULL,
    case_key     text NOT NULL,
    seq          bigint NOT NULL,
    redacted_by  bigint NOT NULL CHECK (redacted_by > seq),
    at_ms        bigint NOT NULL,
    legal_basis  text NOT NULL,
    PRIMARY KEY (source, case_key, seq)
);
COMMENT ON COLUMN redaction.seq IS 'Of the change whose contents are gone';
COMMENT ON COLUMN redaction.redacted_by IS 'Of the change that says so';
CREATE TRIGGER redaction_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON redaction EXECUTE FUNCTION refuse_change();

-- kept: of what was redacted, the hash of the payload as it was, and of the leaf.
ALTER TABLE outbox DROP COLUMN payload_hash, DROP COLUMN hash;
ALTER TABLE outbox
    ADD kept bytea CHECK (octet_length(kept) = 64),
    ADD payload_hash bytea NOT NULL GENERATED ALWAYS AS (coalesce(substr(kept, 1, 32), sha256(payload))) STORED,
    ADD hash bytea NOT NULL GENERATED ALWAYS AS (
        exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms, case_key, record_type,
                      coalesce(substr(kept, 1, 32), sha256(payload)), context)) STORED;
COMMENT ON COLUMN outbox.kept IS 'Of a payload that was redacted: its hash, and that of its leaf';
COMMENT ON COLUMN outbox.hash IS 'It cannot be another than that of the record';
ALTER TABLE inbox ADD kept bytea CHECK (octet_length(kept) = 64);
COMMENT ON COLUMN inbox.kept IS 'As in outbox';
ALTER TABLE held ADD kept bytea;
ALTER TABLE rejection ADD kept bytea;

-- Append-only but for this: a payload is replaced, once, whose hash stays, and there is a redaction that says so.
CREATE FUNCTION refuse_all_but_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD) - '{payload,kept}'::text[];
BEGIN
    IF to_jsonb(NEW) - '{payload,kept}'::text[] = was AND OLD.kept IS NULL AND substr(NEW.kept, 1, 32) = sha256(OLD.payload)
       AND EXISTS (SELECT FROM redaction WHERE source = coalesce(was->>'source', source) AND case_key = OLD.case_key
                                           AND seq = OLD.seq) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'AS002';
END $$;
DROP TRIGGER outbox_is_append_only ON outbox;
CREATE TRIGGER outbox_is_append_only BEFORE DELETE OR TRUNCATE ON outbox EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outbox_is_only_redacted AFTER UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse_all_but_redaction();
DROP TRIGGER inbox_is_append_only ON inbox;
CREATE TRIGGER inbox_is_append_only BEFORE DELETE OR TRUNCATE ON inbox EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inbox_is_only_redacted AFTER UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION refuse_all_but_redaction();

CREATE FUNCTION pack_bytes(field integer, value bytea) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT pack_varint(field * 8 + 2) || pack_varint(octet_length(value)) || value
$$;

-- The leaf (RFC 9162 section 2.1.1) of a record, packed as its sender packs it.
CREATE FUNCTION exchange_leaf(
    change_id uuid, case_key text, seq bigint, prev_hash bytea, op integer, record_type text, schema_version integer,
    recorded_ms bigint, payload bytea, hash bytea, context bytea
) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT sha256('\x00' || pack_text(1, change_id::text) || pack_text(2, case_key) || pack_number(3, seq) ||
                  pack_bytes(4, prev_hash) || pack_number(5, op) || pack_text(6, record_type) ||
                  pack_number(7, schema_version) || pack_number(8, recorded_ms) || pack_bytes(9, payload) ||
                  pack_bytes(10, sha256(payload)) || pack_bytes(11, hash) ||
                  CASE WHEN context = '' THEN '' ELSE pack_bytes(20, context) END)
$$;

-- The one way contents go: wherever this database has that change, and whatever finds it by what it said.
CREATE FUNCTION change_redact(
    the_source text, the_case text, the_seq bigint, the_rest bytea, by_seq bigint, the_time bigint, the_basis text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO redaction VALUES (the_source, the_case, the_seq, by_seq, the_time, the_basis) ON CONFLICT DO NOTHING;
    UPDATE outbox
        SET payload = the_rest,
            kept = sha256(payload) || exchange_leaf(change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                                                    recorded_ms, payload, hash, context)
        WHERE target = '' AND case_key = the_case AND seq = the_seq AND kept IS NULL AND op <> 4;
    UPDATE inbox
        SET payload = the_rest,
            kept = sha256(payload) || exchange_leaf(change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                                                    recorded_ms, payload, hash, context)
        WHERE source = the_source AND case_key = the_case AND seq = the_seq AND kept IS NULL AND op <> 4;
    UPDATE rejection
        SET payload = the_rest,
            kept = sha256(payload) || exchange_leaf(change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                                                    recorded_ms, payload, hash, context)
        WHERE source = the_source AND case_key = the_case AND seq = the_seq AND kept IS NULL AND op <> 4;
    DELETE FROM person_ident WHERE source = the_source AND case_key = the_case AND seq = the_seq;
    DELETE FROM party_name p USING outbox o
        WHERE o.target = '' AND o.case_key = the_case AND o.seq = the_seq AND p.source = the_source AND p.case_key = the_case
          AND p.change_id = o.change_id;
END $$;

-- At a court: the redaction as a change of the case, and its effect; who did it on what ground is in the log of accesses. Gives
-- its number.
CREATE FUNCTION case_redact(
    the_source text, the_case uuid, the_seq bigint, the_change uuid, the_rest bytea, the_context bytea, the_purpose text,
    the_basis text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    by_seq bigint;
    now_ms bigint;
BEGIN
    UPDATE court_case SET outbox_seq = outbox_seq + 1 WHERE id = the_case RETURNING outbox_seq INTO STRICT by_seq;
    now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    PERFORM outbox_add(the_case, NULL, by_seq, the_change, 4,
                       (SELECT record_type FROM outbox WHERE target = '' AND case_key = the_case::text AND seq = the_seq),
                       the_rest, the_context, now_ms);
    PERFORM change_redact(the_source, the_case::text, the_seq, the_rest, by_seq, now_ms, the_basis);
    PERFORM access_note(ROW(the_source, NULL, NULL, the_purpose, the_basis)::access_caller, 'case', 'Redact',
                        ARRAY[the_source], ARRAY[the_case::text]);
    RETURN by_seq;
END $$;

-- ---- the ways of a record, each with what was kept ----

-- A record takes its place in its case. said: the record whose words hold there, itself or its correction; without one
-- nothing holds. What was said in the place of another before does not hold twice.
CREATE OR REPLACE FUNCTION exchange_settle(r held, said held, corrected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO inbox VALUES (r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                              r.recorded_ms, r.payload, r.context, r.hash, r.receipt, corrected, r.kept);
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
    IF said.op = 4 THEN
        PERFORM change_redact(said.source, said.case_key, said.about, said.payload, said.seq, said.recorded_ms, said.reason);
    ELSIF said.entity IS NOT NULL THEN
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

CREATE OR REPLACE FUNCTION exchange_reject(r held, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rejection (receipt, source, case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms,
                           payload, context, hash, reason, kept)
        VALUES (r.receipt, r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                r.recorded_ms, r.payload, r.context, r.hash, why, r.kept);
    IF why = 'equivocation' THEN
        UPDATE organisation SET flagged_at = coalesce(flagged_at, now()) WHERE code = r.source;
    END IF;
    IF NOT (SELECT center FROM organisation WHERE code = r.source) THEN
        PERFORM outbox_tell(r.source, r.case_key, 'rejection',
                            pack_text(1, r.case_key) || pack_number(2, r.seq) || pack_text(3, why));
    END IF;
END $$;

-- ---- a court that goes on from a backup ----

-- The first value of a field of a packed message, when it is a text; null when it is not there.
CREATE FUNCTION unpack_text(message bytea, field integer) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    place integer := 0;
    tag bigint;
    value bigint;
    shift integer;
    byte integer;
BEGIN
    WHILE place < octet_length(message) LOOP
        FOR round IN 1..2 LOOP
            tag := value;
            value := 0;
            shift := 0;
            LOOP
                byte := get_byte(message, place);
                value := value | ((byte & 127)::bigint << shift);
                place := place + 1;
                shift := shift + 7;
                EXIT WHEN byte < 128;
            END LOOP;
        END LOOP;
        IF tag = field * 8 + 2 THEN
            RETURN convert_from(substr(message, place + 1, value::integer), 'UTF8');
        END IF;
        place := place + CASE WHEN tag & 7 = 2 THEN value::integer ELSE 0 END;
    END LOOP;
    RETURN NULL;
END $$;

-- At a centre: all that an organisation sent in batches after this one, and what became of it.
CREATE OR REPLACE FUNCTION exchange_returns(the_source text, the_batch bigint) RETURNS jsonb STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_object('source', the_source, 'after', the_batch, 'records', coalesce(jsonb_agg(jsonb_build_object(
        'case_key', case_key, 'seq', seq, 'prev_hash', encode(prev_hash, 'hex'), 'change_id', change_id, 'op', op,
        'record_type', record_type, 'schema_version', schema_version, 'recorded_ms', recorded_ms,
        'payload', encode(payload, 'hex'), 'context', encode(context, 'hex'), 'hash', encode(hash, 'hex'), 'kept', encode(kept, 'hex'),
        'receipt', r.id, 'received_ms', received_ms, 'batch_no', batch_no, 'batch_hash', encode(batch_hash, 'hex'),
        'root', encode(root, 'hex'), 'reason', reason) ORDER BY case_key, seq), '[]'))
    FROM (
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, NULL AS reason FROM inbox WHERE source = the_source
        UNION ALL
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, NULL FROM held WHERE source = the_source
        UNION ALL
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, reason FROM rejection WHERE source = the_source AND reason <> 'equivocation'
    ) AS had JOIN receipt r ON r.id = had.receipt AND r.batch_no > the_batch
$$;

-- What a court sent is in its outbox again, with its answers. What was written here since under the same numbers, and never
-- sent, follows it with numbers of its own. unknown: records of cases that the backup does not have; they stay with the centre.
CREATE OR REPLACE FUNCTION outbox_take_back(the_records jsonb, OUT taken bigint, OUT renumbered bigint, OUT unknown bigint)
LANGUAGE plpgsql AS $$
DECLARE
    the_case text;
    first_seq bigint;
    mine outbox[];
    m outbox;
    last outbox;
    n bigint;
BEGIN
    IF outbox_restored() IS NULL THEN
        RAISE EXCEPTION 'nothing was restored here that waits for this';
    END IF;
    taken := 0;
    renumbered := 0;
    CREATE TEMP TABLE given ON COMMIT DROP AS
        SELECT DISTINCT ON (case_key, seq) case_key, seq, decode(prev_hash, 'hex') AS prev_hash, change_id, op, record_type,
               schema_version, recorded_ms, decode(payload, 'hex') AS payload, decode(context, 'hex') AS context,
               decode(hash, 'hex') AS hash, decode(kept, 'hex') AS kept, receipt, received_ms, batch_no, decode(batch_hash, 'hex') AS batch_hash,
               decode(root, 'hex') AS root, reason
        FROM jsonb_to_recordset(the_records) AS r (
            case_key text, seq bigint, prev_hash text, change_id uuid, op integer, record_type text, schema_version integer,
            recorded_ms bigint, payload text, context text, hash text, kept text, receipt uuid, received_ms bigint, batch_no bigint,
            batch_hash text, root text, reason text)
        ORDER BY case_key, seq, reason NULLS FIRST;
    unknown := (SELECT count(*) FROM given WHERE case_key NOT IN (SELECT id::text FROM court_case));
    -- What was on its way waits again, until it is found among what the centre has.
    DELETE FROM outbox_batch WHERE target = '' AND root IS NULL;
    ALTER TABLE outbox DISABLE TRIGGER outbox_is_append_only;
    FOR the_case IN SELECT DISTINCT case_key FROM given WHERE case_key IN (SELECT id::text FROM court_case) ORDER BY 1 LOOP
        PERFORM FROM court_case WHERE id = the_case::uuid FOR UPDATE;
        first_seq := (SELECT min(seq) FROM given g WHERE case_key = the_case AND NOT EXISTS (
            SELECT FROM outbox o WHERE o.case_key = the_case AND o.target = '' AND o.seq = g.seq AND o.hash = g.hash));
        CONTINUE WHEN first_seq IS NULL;
        mine := ARRAY(SELECT o FROM outbox o WHERE case_key = the_case AND target = '' AND seq >= first_seq ORDER BY seq);
        DELETE FROM outbox WHERE case_key = the_case AND target = '' AND seq >= first_seq;
        INSERT INTO outbox (court_case, change_id, case_key, seq, prev_hash, op, record_type, schema_version, recorded_ms,
                            payload, context, kept)
            SELECT case_key::uuid, change_id, case_key, seq, prev_hash, op, record_type, schema_version, recorded_ms, payload,
                   context, kept
            FROM given WHERE case_key = the_case AND seq >= first_seq ORDER BY seq;
        GET DIAGNOSTICS n = ROW_COUNT;
        taken := taken + n;
        FOREACH m IN ARRAY mine LOOP
            SELECT * INTO last FROM outbox WHERE case_key = the_case AND target = '' ORDER BY seq DESC LIMIT 1;
            INSERT INTO outbox (court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                                recorded_ms, payload, context, kept)
                VALUES (m.court_case, m.hearing, m.change_id, the_case, last.seq + 1, last.hash, m.op, m.record_type,
                        m.schema_version, m.recorded_ms, m.payload, m.context, m.kept);
            UPDATE case_record SET seq = last.seq + 1 WHERE case_key = the_case AND change_id = m.change_id;
            renumbered := renumbered + 1;
        END LOOP;
        IF EXISTS (SELECT FROM (SELECT seq, prev_hash, lag(hash) OVER w AS before, lag(seq) OVER w AS seq_before
                                FROM outbox WHERE case_key = the_case AND target = '' WINDOW w AS (ORDER BY seq)) AS one
                   WHERE seq <> coalesce(seq_before, 0) + 1 OR prev_hash <> coalesce(before, decode(repeat('00', 32), 'hex')))
           OR EXISTS (SELECT FROM given g WHERE case_key = the_case AND NOT EXISTS (
                          SELECT FROM outbox o WHERE o.case_key = the_case AND o.target = '' AND o.seq = g.seq AND o.hash = g.hash))
        THEN
            RAISE EXCEPTION 'these are not the records that follow those of case %', the_case;
        END IF;
        UPDATE court_case SET outbox_seq = (SELECT max(seq) FROM outbox WHERE case_key = the_case AND target = '')
            WHERE id = the_case::uuid;
    END LOOP;
    ALTER TABLE outbox ENABLE TRIGGER outbox_is_append_only;
    INSERT INTO outbox_batch
        SELECT '', g.batch_no, range_agg(int8range(o.number, o.number, '[]')),
               (array_agg(g.root ORDER BY g.received_ms DESC))[1], (array_agg(g.receipt ORDER BY g.received_ms DESC))[1],
               (array_agg(g.batch_hash ORDER BY g.received_ms DESC))[1], max(g.received_ms)
        FROM given g JOIN outbox o ON o.target = '' AND o.case_key = g.case_key AND o.seq = g.seq
        GROUP BY g.batch_no;
    INSERT INTO outbox_batch (target, batch_no, numbers, root)
        SELECT DISTINCT ON (batch_no) '', batch_no, '{}'::int8multirange, root FROM given WHERE root IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO outbox_refused
        SELECT o.number, g.reason FROM given g JOIN outbox o ON o.target = '' AND o.case_key = g.case_key AND o.seq = g.seq
        WHERE g.reason IS NOT NULL ON CONFLICT DO NOTHING;
    -- What was redacted after the backup is in it: it goes again.
    PERFORM change_redact((SELECT source FROM case_record WHERE case_key = g.case_key LIMIT 1), g.case_key,
                          unpack_number(g.context, 7), g.payload, g.seq, g.recorded_ms, unpack_text(g.context, 4))
        FROM given g WHERE g.op = 4 AND g.case_key IN (SELECT id::text FROM court_case);
    DELETE FROM outbox_waiting WHERE target = '';
    INSERT INTO outbox_waiting
        SELECT '', o.number, octet_length(o.payload) + octet_length(o.context) + 512 FROM outbox_state s
        JOIN outbox o USING (number) WHERE s.target = '' AND s.batch_no IS NULL;
    UPDATE restored SET taken_back_at = now() WHERE taken_back_at IS NULL;
    NOTIFY outbox;
END $$;
