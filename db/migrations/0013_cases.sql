-- Case records: what is known of a case, in two times. Each row says of one thing (a party, a hearing, a decision ...) what held
-- when (valid), and since when and until when this database took it to be so (known). Rows are never changed but for the end
-- of `known`; a later record closes what it replaces and keeps what of it still holds. At a court its own records are written
-- with the outbox row in one transaction; at a centre the same function takes what the courts' records say.

-- ---- the courts of the law ----

CREATE TABLE court_unit (
    code      text PRIMARY KEY CHECK (code ~ '^TAND(TC|\.[0-9]{2}(\.KV[1-9][0-9]?)?)$'),
    level     integer NOT NULL CHECK (level BETWEEN 1 AND 3),
    above     text REFERENCES court_unit,
    name_vi   text NOT NULL,
    name_en   text NOT NULL,
    since     date NOT NULL DEFAULT '2025-07-01',
    until     date,
    CHECK ((level = 1) = (above IS NULL))
);
COMMENT ON TABLE court_unit IS 'The hierarchy since 1 July 2025; regional courts are added as they join';
INSERT INTO court_unit (code, level, above, name_vi, name_en)
    VALUES ('TANDTC', 1, NULL, 'Tòa án nhân dân tối cao', 'Supreme People''s Court');
INSERT INTO court_unit (code, level, above, name_vi, name_en)
    SELECT 'TAND.' || code, 2, 'TANDTC', 'Tòa án nhân dân ' || name_vi, 'People''s Court of ' || name_en
    FROM (VALUES
        ('01', 'thành phố Hà Nội', 'Ha Noi City'),
        ('04', 'tỉnh Cao Bằng', 'Cao Bang Province'),
        ('08', 'tỉnh Tuyên Quang', 'Tuyen Quang Province'),
        ('11', 'tỉnh Điện Biên', 'Dien Bien Province'),
        ('12', 'tỉnh Lai Châu', 'Lai Chau Province'),
        ('14', 'tỉnh Sơn La', 'Son La Province'),
        ('15', 'tỉnh Lào Cai', 'Lao Cai Province'),
        ('19', 'tỉnh Thái Nguyên', 'Thai Nguyen Province'),
        ('20', 'tỉnh Lạng Sơn', 'Lang Son Province'),
        ('22', 'tỉnh Quảng Ninh', 'Quang Ninh Province'),
        ('24', 'tỉnh Bắc Ninh', 'Bac Ninh Province'),
        ('25', 'tỉnh Phú Thọ', 'Phu Tho Province'),
        ('31', 'thành phố Hải Phòng', 'Hai Phong City'),
        ('33', 'tỉnh Hưng Yên', 'Hung Yen Province'),
        ('37', 'tỉnh Ninh Bình', 'Ninh Binh Province'),
        ('38', 'tỉnh Thanh Hóa', 'Thanh Hoa Province'),
        ('40', 'tỉnh Nghệ An', 'Nghe An Province'),
        ('42', 'tỉnh Hà Tĩnh', 'Ha Tinh Province'),
        ('44', 'tỉnh Quảng Trị', 'Quang Tri Province'),
        ('46', 'thành phố Huế', 'Hue City'),
        ('48', 'thành phố Đà Nẵng', 'Da Nang City'),
        ('51', 'tỉnh Quảng Ngãi', 'Quang Ngai Province'),
        ('52', 'tỉnh Gia Lai', 'Gia Lai Province'),
        ('56', 'tỉnh Khánh Hòa', 'Khanh Hoa Province'),
        ('66', 'tỉnh Đắk Lắk', 'Dak Lak Province'),
        ('68', 'tỉnh Lâm Đồng', 'Lam Dong Province'),
        ('75', 'tỉnh Đồng Nai', 'Dong Nai Province'),
        ('79', 'thành phố Hồ Chí Minh', 'Ho Chi Minh City'),
        ('80', 'tỉnh Tây Ninh', 'Tay Ninh Province'),
        ('82', 'tỉnh Đồng Tháp', 'Dong Thap Province'),
        ('86', 'tỉnh Vĩnh Long', 'Vinh Long Province'),
        ('91', 'tỉnh An Giang', 'An Giang Province'),
        ('92', 'thành phố Cần Thơ', 'Can Tho City'),
        ('96', 'tỉnh Cà Mau', 'Ca Mau Province')
    ) AS province (code, name_vi, name_en);

-- ---- what describes a case ----

CREATE TABLE case_record (
    source     text NOT NULL,
    case_key   text NOT NULL,
    kind       text NOT NULL,
    entity     uuid NOT NULL,
    seq        bigint NOT NULL,
    change_id  uuid NOT NULL,
    valid      tstzrange NOT NULL CHECK (NOT isempty(valid)),
    known      tstzrange NOT NULL CHECK (NOT isempty(known))
) PARTITION BY HASH (source);
COMMENT ON COLUMN case_record.source IS 'Organisation whose record says so';
COMMENT ON COLUMN case_record.seq IS 'Of the record that says so, within its case; its payload is in the inbox or the outbox';
CREATE INDEX case_record_of_case ON case_record (source, case_key, entity);
CREATE UNIQUE INDEX case_record_one_now ON case_record (source, case_key, entity, lower(valid)) WHERE upper_inf(known);

-- Where a case stands and how it is cited: the newest of its records of kind case_file.
CREATE TABLE case_file (
    source     text NOT NULL,
    case_key   text NOT NULL,
    public_id  text NOT NULL,
    status     text NOT NULL,
    seq        bigint NOT NULL,
    PRIMARY KEY (source, case_key)
) PARTITION BY HASH (source);
CREATE INDEX case_file_public_id ON case_file (public_id);
COMMENT ON COLUMN case_file.public_id IS 'VN:court:year:number-type; a number is not unique in the law, so neither is this';

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE case_record_%s PARTITION OF case_record FOR VALUES WITH (MODULUS 8, REMAINDER %s)'
                       ' WITH (autovacuum_vacuum_insert_scale_factor = 0.05)', part, part);
        EXECUTE format('CREATE TABLE case_file_%s PARTITION OF case_file FOR VALUES WITH (MODULUS 8, REMAINDER %s)'
                       ' WITH (fillfactor = 80)', part, part);
    END LOOP;
END $$;

-- Milliseconds since 1970; null is the given bound.
CREATE FUNCTION case_time(ms bigint, otherwise timestamptz) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$
    SELECT coalesce(timestamptz '1970-01-01 00:00:00+00' + ms * interval '1 millisecond', otherwise)
$$;

-- One record takes effect: from here on the thing is known to be so in that time. What was known of the same time is closed,
-- what of it lies outside is known on. A retraction says nothing new. Whoever calls holds the lock of the case's head, so
-- `known` of one thing never runs backwards, whatever the clock does.
CREATE FUNCTION case_put(
    the_source text, the_case text, the_kind text, the_entity uuid, the_seq bigint, the_change uuid, the_op integer,
    the_valid tstzrange
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
BEGIN
    SELECT greatest(clock_timestamp(), max(lower(known)) + interval '1 microsecond') INTO moment
        FROM case_record WHERE source = the_source AND case_key = the_case AND entity = the_entity;
    WITH closed AS (
        UPDATE case_record SET known = tstzrange(lower(known), moment)
            WHERE source = the_source AND case_key = the_case AND entity = the_entity AND upper_inf(known)
              AND valid && the_valid
            RETURNING *
    )
    INSERT INTO case_record
        SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
        FROM closed, LATERAL (VALUES
            (CASE WHEN lower_inf(the_valid) THEN 'empty' ELSE valid * tstzrange(NULL, lower(the_valid)) END),
            (CASE WHEN upper_inf(the_valid) THEN 'empty' ELSE valid * tstzrange(upper(the_valid), NULL) END)
        ) AS outside (rest)
        WHERE NOT isempty(rest);
    IF the_op <> 3 THEN
        INSERT INTO case_record VALUES (the_source, the_case, the_kind, the_entity, the_seq, the_change, the_valid,
                                        tstzrange(moment, NULL));
    END IF;
END $$;

-- The case's card, when the record is of kind case_file.
CREATE FUNCTION case_file_put(the_source text, the_case text, the_id text, the_status text, the_seq bigint)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO case_file VALUES (the_source, the_case, the_id, the_status, the_seq)
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = the_id, status = the_status, seq = the_seq
$$;

-- ---- at a court: the case, its record and its outbox row in one transaction ----

-- What the envelope says beyond the first version is one packed message (assize.exchange.v1.RecordContext), and part of the
-- hash when it is there.
CREATE FUNCTION exchange_hash(
    prev_hash bytea, seq bigint, change_id uuid, op integer, schema_version integer, recorded_ms bigint, case_key text,
    record_type text, payload_hash bytea, context bytea
) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
    SELECT sha256(prev_hash || int8send(seq) || uuid_send(change_id) || int4send(op) || int4send(schema_version) ||
                  int8send(recorded_ms) || sha256(convert_to(case_key, 'UTF8')) ||
                  sha256(convert_to(record_type, 'UTF8')) || payload_hash ||
                  CASE WHEN context = '' THEN '' ELSE sha256(context) END)
$$;

ALTER TABLE outbox ADD context bytea NOT NULL DEFAULT '' CHECK (octet_length(context) <= 4096);
ALTER TABLE outbox DROP CONSTRAINT outbox_hash, ADD CONSTRAINT outbox_hash CHECK (
    hash = exchange_hash(prev_hash, seq, change_id, op, schema_version, recorded_ms, case_key, record_type, payload_hash,
                         context));
DROP TRIGGER outbox_is_append_only ON outbox;
CREATE TRIGGER outbox_is_append_only
    BEFORE DELETE OR TRUNCATE OR UPDATE OF number, court_case, hearing, change_id, case_key, seq, prev_hash, op,
        record_type, schema_version, recorded_ms, payload, payload_hash, hash, context ON outbox
    EXECUTE FUNCTION refuse_change();

-- The next outbox row of a case, whose row the caller has locked by counting: seq and prev follow from it.
CREATE FUNCTION outbox_add(
    the_case uuid, the_hearing uuid, the_seq bigint, the_change uuid, the_op integer, the_kind text, the_payload bytea,
    the_context bytea, now_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    prev bytea := decode(repeat('00', 32), 'hex');
BEGIN
    IF the_seq > 1 THEN
        SELECT hash INTO STRICT prev FROM outbox WHERE case_key = the_case::text AND seq = the_seq - 1;
    END IF;
    INSERT INTO outbox (court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                        recorded_ms, payload, payload_hash, hash, context)
        VALUES (the_case, the_hearing, the_change, the_case::text, the_seq, prev, the_op, the_kind, 1, now_ms, the_payload,
                sha256(the_payload),
                exchange_hash(prev, the_seq, the_change, the_op, 1, now_ms, the_case::text, the_kind, sha256(the_payload),
                              the_context),
                the_context);
END $$;

-- The way a hearing changes its case.
CREATE OR REPLACE FUNCTION case_change(
    the_case uuid, the_hearing uuid, new_status text, the_change uuid, the_payload bytea
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_seq bigint;
BEGIN
    UPDATE court_case SET status = new_status, outbox_seq = outbox_seq + 1 WHERE id = the_case
        RETURNING outbox_seq INTO STRICT the_seq;
    PERFORM outbox_add(the_case, the_hearing, the_seq, the_change, 1, 'case', the_payload, '',
                       (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
END $$;

-- The way a record is written at its court. valid: null bounds are now and without end, for a retraction all time. The
-- identifier and the status are those of a case_file. Gives the record's number.
CREATE FUNCTION case_write(
    the_source text, the_case uuid, the_change uuid, the_op integer, the_kind text, the_entity uuid,
    valid_from_ms bigint, valid_to_ms bigint, the_payload bytea, the_context bytea, the_id text, new_status text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    the_seq bigint;
    now_ms bigint;
BEGIN
    UPDATE court_case SET status = coalesce(new_status, status), outbox_seq = outbox_seq + 1 WHERE id = the_case
        RETURNING outbox_seq INTO STRICT the_seq;
    now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    PERFORM outbox_add(the_case, NULL, the_seq, the_change, the_op, the_kind, the_payload, the_context, now_ms);
    PERFORM case_put(the_source, the_case::text, the_kind, the_entity, the_seq, the_change, the_op,
                     case_span(the_op, valid_from_ms, valid_to_ms, now_ms));
    IF the_id IS NOT NULL THEN
        PERFORM case_file_put(the_source, the_case::text, the_id, new_status, the_seq);
    END IF;
    RETURN the_seq;
END $$;

-- The time a record speaks of.
CREATE FUNCTION case_span(the_op integer, from_ms bigint, to_ms bigint, recorded_ms bigint)
RETURNS tstzrange IMMUTABLE LANGUAGE sql AS $$
    SELECT tstzrange(CASE WHEN the_op = 3 THEN case_time(from_ms, NULL)
                          ELSE case_time(coalesce(from_ms, recorded_ms), NULL) END,
                     case_time(to_ms, NULL))
$$;
