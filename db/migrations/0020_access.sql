-- Asking for case records: who may, and who has. What is read is read by functions that write the access down in the same
-- transaction, so that nothing can be told that is not in the log.

CREATE TABLE access_purpose (
    word     text PRIMARY KEY,
    name_vi  text NOT NULL,
    name_en  text NOT NULL
);
INSERT INTO access_purpose VALUES
    ('adjudication', 'Giải quyết vụ án', 'Adjudication'),
    ('intake', 'Thụ lý vụ án', 'Taking in a case'),
    ('prosecution', 'Kiểm sát, truy tố', 'Procuracy and prosecution'),
    ('investigation', 'Điều tra', 'Investigation'),
    ('enforcement', 'Thi hành án', 'Enforcement of judgments'),
    ('criminal_record', 'Lý lịch tư pháp', 'Criminal records'),
    ('inspection', 'Thanh tra, kiểm tra, giám sát', 'Inspection and supervision'),
    ('statistics', 'Thống kê', 'Statistics'),
    ('data_subject', 'Theo yêu cầu của chủ thể dữ liệu', 'At the request of the data subject');

-- What there is to be had of a service.
CREATE FUNCTION access_kinds(the_service text) RETURNS text[] IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE the_service
        WHEN 'case' THEN ARRAY['case_file', 'party', 'counsel', 'charge', 'claim', 'event', 'document', 'hearing', 'decision',
                               'appeal', 'enforcement']
        WHEN 'access' THEN ARRAY['access']
    END
$$;

CREATE TABLE grant_right (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    client        text NOT NULL REFERENCES organisation,
    service       text NOT NULL CHECK (access_kinds(service) IS NOT NULL),
    record_type   text NOT NULL CHECK (record_type = ANY (access_kinds(service))),
    purpose       text NOT NULL REFERENCES access_purpose,
    until         timestamptz NOT NULL,
    granted_at    timestamptz NOT NULL DEFAULT now(),
    granted_by    text NOT NULL,
    withdrawn_at  timestamptz,
    withdrawn_by  text
);
CREATE UNIQUE INDEX grant_right_in_force ON grant_right (client, service, purpose, record_type) WHERE withdrawn_at IS NULL;
COMMENT ON TABLE grant_right IS 'What was ever granted; a row that is withdrawn stays';

CREATE TABLE access_log (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    organisation  text NOT NULL,
    account       uuid REFERENCES account,
    service       text NOT NULL,
    method        text NOT NULL,
    purpose       text NOT NULL REFERENCES access_purpose,
    legal_basis   text NOT NULL CHECK (legal_basis IS NFC NORMALIZED AND octet_length(legal_basis) BETWEEN 1 AND 500)
);
CREATE TRIGGER access_log_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log EXECUTE FUNCTION refuse_change();
COMMENT ON COLUMN access_log.account IS 'Of the member of staff; none: the organisation asked by its certificate';

-- What an access was to. By number of the access, so that the newest of a case are at the end of its part of the index.
CREATE TABLE access_subject (
    access    bigint NOT NULL REFERENCES access_log,
    source    text NOT NULL,
    case_key  text NOT NULL
);
CREATE INDEX access_subject_case ON access_subject (source, case_key, access);
CREATE TRIGGER access_subject_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access_subject EXECUTE FUNCTION refuse_change();

-- ---- rights ----

-- Who asks: an organisation by the key of its certificate; or an account, of the staff of this organisation's court. And why.
CREATE TYPE access_caller AS (organisation text, spki bytea, account uuid, purpose text, legal_basis text);

-- An organisation that is not known by this key is null.
CREATE FUNCTION access_types(c access_caller, the_service text) RETURNS text[] STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF c.account IS NOT NULL THEN
        RETURN access_kinds(the_service);
    END IF;
    PERFORM FROM organisation WHERE code = c.organisation AND spki = c.spki AND withdrawn_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT coalesce(array_agg(record_type), '{}') FROM grant_right
            WHERE client = c.organisation AND service = the_service AND purpose = c.purpose AND withdrawn_at IS NULL
              AND until > now());
END $$;

-- Why a caller may not have any of these types, a code of the table of refusals.
CREATE FUNCTION access_refusal(types text[], wanted text[]) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN types IS NULL THEN 'organisation_unknown' WHEN NOT types && wanted THEN 'access_no_right' END
$$;

CREATE FUNCTION access_grant(
    the_client text, the_service text, types text[], the_purpose text, until_ms bigint, the_giver text
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM organisation WHERE code = the_client AND withdrawn_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'client_unknown';
    END IF;
    UPDATE grant_right SET withdrawn_at = now(), withdrawn_by = the_giver
        WHERE client = the_client AND service = the_service AND purpose = the_purpose AND record_type = ANY (types)
          AND withdrawn_at IS NULL;
    INSERT INTO grant_right (client, service, record_type, purpose, until, granted_by)
        SELECT DISTINCT the_client, the_service, record_type, the_purpose, case_time(until_ms, NULL), the_giver
        FROM unnest(types) AS record_type;
    RETURN NULL;
END $$;

-- No types: all.
CREATE FUNCTION access_revoke(the_client text, the_service text, types text[], the_purpose text, the_taker text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE grant_right SET withdrawn_at = now(), withdrawn_by = the_taker
        WHERE client = the_client AND service = the_service AND purpose = the_purpose AND withdrawn_at IS NULL
          AND (types = '{}' OR record_type = ANY (types));
    RETURN CASE WHEN NOT FOUND THEN 'right_unknown' END;
END $$;

-- ---- reading ----

-- The access is written down, with the cases it is to.
CREATE FUNCTION access_note(c access_caller, the_service text, the_method text, sources text[], cases text[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    the_access bigint;
BEGIN
    INSERT INTO access_log (organisation, account, service, method, purpose, legal_basis)
        VALUES (c.organisation, c.account, the_service, the_method, c.purpose, c.legal_basis) RETURNING id INTO the_access;
    INSERT INTO access_subject
        SELECT DISTINCT the_access, source, case_key FROM unnest(sources, cases) AS told (source, case_key);
    RETURN the_access;
END $$;

-- Staff ask of the cases of their own court.
CREATE FUNCTION access_reaches(c access_caller, the_source text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT c.account IS NULL OR the_source = c.organisation
$$;

CREATE FUNCTION case_ms(moment timestamptz) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT ceil(extract(epoch FROM moment) * 1000)::bigint
$$;

CREATE TYPE case_told AS (
    refusal text, source text, case_key text, kind text, entity uuid, seq bigint, change_id uuid, recorded_ms bigint,
    valid_from bigint, valid_to bigint, known_from bigint, known_to bigint, payload bytea, left_over bigint, valid_at bigint,
    known_at bigint
);

-- Get: what held at one time as it was known at another (null: now). History: every version, of one entity or of all, that
-- held at a time (null: any) and was known by a time (null: now), in the order in which they became known, so that later ones
-- come at the end. One row with a refusal; or the records, as many as there is room for. left_over: how many there were
-- from here on, one more than `most` for many.
CREATE FUNCTION case_read(
    c access_caller, the_method text, the_source text, the_case text, the_id text, the_entity uuid, valid_ms bigint,
    known_ms bigint, skip bigint, most bigint, most_bytes bigint
) RETURNS SETOF case_told LANGUAGE plpgsql AS $$
DECLARE
    types text[] := access_types(c, 'case');
    why text := access_refusal(types, access_kinds('case'));
    always boolean := the_method = 'History';
    valid_at timestamptz := coalesce(case_time(valid_ms, NULL), CASE WHEN NOT always THEN clock_timestamp() END);
    known_at timestamptz := coalesce(case_time(known_ms, NULL), clock_timestamp());
    found_in case_file[];
    told case_record[];
BEGIN
    IF why IS NULL AND the_id IS NOT NULL THEN
        SELECT array_agg(f) INTO found_in FROM (
            SELECT * FROM case_file WHERE public_id = the_id AND access_reaches(c, source) LIMIT 2) AS f;
        why := CASE WHEN cardinality(found_in) > 1 THEN 'case_not_one' END;
        the_source := found_in[1].source;
        the_case := found_in[1].case_key;
    END IF;
    IF why IS NULL AND NOT (access_reaches(c, coalesce(the_source, '')) AND EXISTS (
            SELECT FROM case_record WHERE source = the_source AND case_key = the_case)) THEN
        why := 'case_unknown';
    END IF;
    IF why IS NULL THEN
        SELECT array_agg(r) INTO told FROM (
            SELECT * FROM case_record r
            WHERE r.source = the_source AND r.case_key = the_case AND (valid_at IS NULL OR r.valid @> valid_at)
              AND CASE WHEN always THEN lower(r.known) <= known_at ELSE r.known @> known_at END
              AND (the_entity IS NULL OR r.entity = the_entity)
            ORDER BY CASE WHEN always THEN lower(r.known) END, r.kind, r.entity, r.valid) AS r
        WHERE r.kind = ANY (types);
        IF told IS NULL AND EXISTS (
                SELECT FROM case_record r
                WHERE r.source = the_source AND r.case_key = the_case AND (valid_at IS NULL OR r.valid @> valid_at)
                  AND CASE WHEN always THEN lower(r.known) <= known_at ELSE r.known @> known_at END
                  AND (the_entity IS NULL OR r.entity = the_entity)) THEN
            why := 'access_no_right';
        END IF;
    END IF;
    IF why IS NOT NULL THEN
        RETURN NEXT ROW(why, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::case_told;
        RETURN;
    END IF;
    told := told[skip + 1 : skip + most + 1];
    PERFORM access_note(c, 'case', the_method, ARRAY[the_source], ARRAY[the_case]);
    RETURN QUERY
        SELECT NULL, one.source, one.case_key, one.kind, one.entity, one.seq, one.change_id, one.recorded,
               case_ms(lower(one.valid)), case_ms(upper(one.valid)), case_ms(lower(one.known)), case_ms(upper(one.known)),
               one.words, cardinality(told)::bigint, case_ms(valid_at), case_ms(known_at)
        FROM (
            SELECT r.*, coalesce(i.payload, o.payload) AS words, coalesce(i.recorded_ms, o.recorded_ms) AS recorded,
                   sum(octet_length(coalesce(i.payload, o.payload))) OVER (ORDER BY r.place) AS bytes
            FROM unnest(told) WITH ORDINALITY
                 AS r (source, case_key, kind, entity, seq, change_id, valid, known, place)
            LEFT JOIN inbox i ON i.source = r.source AND i.case_key = r.case_key AND i.seq = r.seq
            LEFT JOIN outbox o ON i.seq IS NULL AND o.target = '' AND o.case_key = r.case_key AND o.seq = r.seq
        ) AS one
        WHERE one.place <= most AND (one.bytes <= most_bytes OR one.place = 1) ORDER BY one.place;
END $$;

-- ---- searching ----

-- Year, number and type, whichever the court: 2026:34-HS-ST.
CREATE FUNCTION case_number_of(public_id text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT split_part(public_id, ':', 3) || ':' || split_part(public_id, ':', 4)
$$;
-- Both are asked of all eight partitions, of which each says in one descent that it has none; which source a number is of is
-- not known when it is asked for. The C locale of the database makes the identifiers of a court one range of their index.
CREATE INDEX case_file_number ON case_file (case_number_of(public_id));

-- By identifier, number or court, the first that is given; court and status narrow it down. After the case that is named.
CREATE FUNCTION case_search(
    c access_caller, the_id text, the_number text, the_court text, the_status text, after_id text, after_source text,
    after_case text, most bigint, most_bytes bigint
) RETURNS TABLE (
    refusal text, source text, case_key text, public_id text, status text, recorded_ms bigint, payload bytea, left_over bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    types text[] := access_types(c, 'case');
    from_id text := 'VN:' || the_court || ':';
    to_id text := 'VN:' || the_court || ';';
    found_in case_file[];
BEGIN
    refusal := access_refusal(types, ARRAY['case_file']);
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF the_id IS NOT NULL THEN
        SELECT array_agg(f) INTO found_in FROM (
            SELECT * FROM case_file f
            WHERE f.public_id = the_id AND (from_id IS NULL OR f.public_id BETWEEN from_id AND to_id)
              AND (the_status IS NULL OR f.status = the_status) AND access_reaches(c, f.source)
              AND (after_id IS NULL OR (f.public_id, f.source, f.case_key) > (after_id, after_source, after_case))
            ORDER BY f.public_id, f.source, f.case_key LIMIT most + 1) AS f;
    ELSIF the_number IS NOT NULL THEN
        SELECT array_agg(f) INTO found_in FROM (
            SELECT * FROM case_file f
            WHERE case_number_of(f.public_id) = the_number
              AND (from_id IS NULL OR f.public_id BETWEEN from_id AND to_id)
              AND (the_status IS NULL OR f.status = the_status) AND access_reaches(c, f.source)
              AND (after_id IS NULL OR (f.public_id, f.source, f.case_key) > (after_id, after_source, after_case))
            ORDER BY f.public_id, f.source, f.case_key LIMIT most + 1) AS f;
    ELSE
        SELECT array_agg(f) INTO found_in FROM (
            SELECT * FROM case_file f
            WHERE f.public_id >= coalesce(after_id, from_id) AND f.public_id < to_id
              AND (the_status IS NULL OR f.status = the_status) AND access_reaches(c, f.source)
              AND (after_id IS NULL OR (f.public_id, f.source, f.case_key) > (after_id, after_source, after_case))
            ORDER BY f.public_id, f.source, f.case_key LIMIT most + 1) AS f;
    END IF;
    PERFORM access_note(c, 'case', 'Search', (SELECT array_agg(f.source) FROM unnest(found_in[:most]) AS f),
                        (SELECT array_agg(f.case_key) FROM unnest(found_in[:most]) AS f));
    RETURN QUERY
        SELECT NULL, one.source, one.case_key, one.public_id, one.status, one.recorded, one.words,
               cardinality(found_in)::bigint
        FROM (
            SELECT f.*, coalesce(i.payload, o.payload) AS words, coalesce(i.recorded_ms, o.recorded_ms) AS recorded,
                   sum(octet_length(coalesce(i.payload, o.payload))) OVER (ORDER BY f.place) AS bytes
            FROM unnest(found_in[:most]) WITH ORDINALITY AS f (source, case_key, public_id, status, seq, place)
            LEFT JOIN inbox i ON i.source = f.source AND i.case_key = f.case_key AND i.seq = f.seq
            LEFT JOIN outbox o ON i.seq IS NULL AND o.target = '' AND o.case_key = f.case_key AND o.seq = f.seq
        ) AS one
        WHERE one.bytes <= most_bytes OR one.place = 1 ORDER BY one.place;
END $$;

-- ---- who has read ----

-- The accesses to a case before the one of this number (null: all), newest first.
CREATE FUNCTION access_who(c access_caller, the_source text, the_case text, before bigint, most bigint)
RETURNS TABLE (
    refusal text, access bigint, at_ms bigint, organisation text, name text, method text, purpose text, purpose_vi text,
    purpose_en text, legal_basis text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    own bigint;
BEGIN
    refusal := access_refusal(access_types(c, 'access'), ARRAY['access']);
    IF refusal IS NULL AND NOT (access_reaches(c, the_source) AND EXISTS (
            SELECT FROM case_record WHERE source = the_source AND case_key = the_case)) THEN
        refusal := 'case_unknown';
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    own := access_note(c, 'access', 'WhoReadMe', ARRAY[the_source], ARRAY[the_case]);
    RETURN QUERY
        SELECT NULL, l.id, case_ms(l.at), l.organisation, person.full_name, l.method, l.purpose, p.name_vi, p.name_en,
               l.legal_basis
        FROM access_subject s JOIN access_log l ON l.id = s.access JOIN access_purpose p ON p.word = l.purpose
        LEFT JOIN account ON account.id = l.account
        LEFT JOIN person ON person.id = account.person
        WHERE s.source = the_source AND s.case_key = the_case AND s.access < coalesce(before, own)
        ORDER BY s.access DESC LIMIT most + 1;
END $$;
