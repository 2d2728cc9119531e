-- What a batch was signed with is kept as it came, so that it can be checked for as long as its receipt is there, and the number that an
-- X-Road security server gave its call. The key is in organisation_key. Nothing of it says what a record said, so that a redaction
-- leaves it.

CREATE TABLE batch_signature (
    receipt    uuid PRIMARY KEY,
    header     bytea NOT NULL,
    signature  bytea NOT NULL,
    key_id     bytea NOT NULL CHECK (octet_length(key_id) = 32),
    road       jsonb
);
COMMENT ON COLUMN batch_signature.header IS 'A packed BatchHeader as it came: what is signed; its SHA-256 is the hash of the batch';
COMMENT ON COLUMN batch_signature.key_id IS 'SHA-256 of the SubjectPublicKeyInfo that checks it: spki of organisation_key';
COMMENT ON COLUMN batch_signature.road IS 'client, id, user and issue of the X-Road headers of its call; null: it came without';
CREATE TRIGGER batch_signature_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON batch_signature EXECUTE FUNCTION refuse_change();

-- Of an access likewise.
ALTER TABLE access_log ADD road jsonb;
COMMENT ON COLUMN access_log.road IS 'As in batch_signature';
ALTER TYPE access_caller ADD ATTRIBUTE road jsonb;

-- The four lines that a server has for it.
CREATE FUNCTION road_of(lines text) RETURNS jsonb IMMUTABLE STRICT LANGUAGE sql AS $$
    SELECT jsonb_build_object('client', said[1], 'id', said[2], 'user', said[3], 'issue', said[4])
    FROM string_to_array(lines, E'\n') AS said
$$;

-- The access is written down, with the cases and people it is to.
CREATE OR REPLACE FUNCTION access_note(
    c access_caller, the_service text, the_method text, sources text[], cases text[], people bytea[] DEFAULT '{}'
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    the_access bigint;
BEGIN
    INSERT INTO access_log (organisation, account, service, method, purpose, legal_basis, road)
        VALUES (c.organisation, c.account, the_service, the_method, c.purpose, c.legal_basis, c.road)
        RETURNING id INTO the_access;
    INSERT INTO access_subject
        SELECT DISTINCT the_access, source, case_key FROM unnest(sources, cases) AS told (source, case_key);
    INSERT INTO access_subject (access, person) SELECT DISTINCT the_access, person FROM unnest(people) AS person;
    RETURN the_access;
END $$;

DROP FUNCTION access_who(access_caller, bytea, text, text, bigint, bigint);
-- The accesses to a case, or to a person, before the one of this number (null: all), newest first.
CREATE FUNCTION access_who(
    c access_caller, the_person bytea, the_source text, the_case text, before bigint, most bigint
)
RETURNS TABLE (
    refusal text, access bigint, at_ms bigint, organisation text, name text, method text, purpose text, purpose_vi text,
    purpose_en text, legal_basis text, road_client text, road_id text, road_user text, road_issue text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    own bigint;
    subjects bigint[];
BEGIN
    refusal := access_refusal(access_types(c, 'access'), ARRAY['access']);
    IF refusal IS NULL AND the_person IS NULL AND NOT (access_reaches(c, the_source) AND EXISTS (
            SELECT FROM case_record WHERE source = the_source AND case_key = the_case)) THEN
        refusal := 'case_unknown';
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF the_person IS NOT NULL THEN
        own := access_note(c, 'access', 'WhoReadMe', '{}', '{}', ARRAY[the_person]);
        subjects := ARRAY(SELECT s.access FROM access_subject s WHERE s.person = the_person
                          AND s.access < coalesce(before, own) ORDER BY s.access DESC LIMIT most + 1);
    ELSE
        own := access_note(c, 'access', 'WhoReadMe', ARRAY[the_source], ARRAY[the_case]);
        subjects := ARRAY(SELECT s.access FROM access_subject s WHERE s.source = the_source AND s.case_key = the_case
                          AND s.access < coalesce(before, own) ORDER BY s.access DESC LIMIT most + 1);
    END IF;
    RETURN QUERY
        SELECT NULL, l.id, case_ms(l.at), l.organisation, person.full_name, l.method, l.purpose, p.name_vi, p.name_en,
               l.legal_basis, l.road->>'client', l.road->>'id', l.road->>'user', l.road->>'issue'
        FROM access_log l JOIN access_purpose p ON p.word = l.purpose
        LEFT JOIN account ON account.id = l.account
        LEFT JOIN person ON person.id = account.person
        WHERE l.id = ANY (subjects) ORDER BY l.id DESC;
END $$;

-- At a court: the redaction as a change of the case, and its effect; who did it on what ground is in the log of accesses. Gives
-- its number.
CREATE OR REPLACE FUNCTION case_redact(
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
    PERFORM access_note(ROW(the_source, NULL, NULL, the_purpose, the_basis, NULL)::access_caller, 'case', 'Redact',
                        ARRAY[the_source], ARRAY[the_case::text]);
    RETURN by_seq;
END $$;
