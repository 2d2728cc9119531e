-- People are found by number. The number itself is not there to be read: what it is searched for by is an HMAC with the secret
-- of the installation (person.key), which whoever has only the database does not have; beside it, it is sealed.

-- Which record names whom, one row a record, written when the record takes effect.
CREATE TABLE person_ident (
    source      text NOT NULL,
    case_key    text NOT NULL,
    seq         bigint NOT NULL,
    entity      uuid NOT NULL,
    kind        text NOT NULL CHECK (kind = 'personal_number'),
    value_hmac  bytea NOT NULL CHECK (octet_length(value_hmac) = 32),
    value_enc   bytea NOT NULL CHECK (octet_length(value_enc) = 40),
    PRIMARY KEY (source, case_key, seq)
) PARTITION BY HASH (source);
COMMENT ON COLUMN person_ident.value_hmac IS 'HMAC-SHA-256 of the number';
COMMENT ON COLUMN person_ident.value_enc IS 'AES-256-GCM: nonce, number, tag';
DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE person_ident_%s PARTITION OF person_ident FOR VALUES WITH (MODULUS 8, REMAINDER %s)'
                       ' WITH (autovacuum_vacuum_insert_scale_factor = 0.05)', part, part);
    END LOOP;
END $$;
-- Equality is all that is asked of it, in random order: a hash index takes 25 MB for 600,000 rows where a B-tree takes 44. The
-- source is not known when somebody is searched for, so all eight partitions are asked.
CREATE INDEX person_ident_search ON person_ident USING hash (value_hmac);

CREATE FUNCTION person_name(the_source text, the_case text, the_seq bigint, the_entity uuid, person bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF person IS NOT NULL THEN
        INSERT INTO person_ident VALUES (the_source, the_case, the_seq, the_entity, 'personal_number', substr(person, 1, 32),
                                         substr(person, 33));
    END IF;
END $$;

-- The records that are known now to speak of somebody.
CREATE FUNCTION person_known(the_person bytea) RETURNS TABLE (source text, case_key text, seq bigint)
STABLE LANGUAGE sql AS $$
    SELECT DISTINCT p.source, p.case_key, p.seq
    FROM person_ident p
    JOIN case_record r ON r.source = p.source AND r.case_key = p.case_key AND r.entity = p.entity AND r.seq = p.seq
                      AND upper_inf(r.known)
    WHERE p.value_hmac = the_person
$$;

-- ---- named when the record takes effect ----

ALTER TABLE held ADD person bytea;
COMMENT ON COLUMN held.person IS 'Whom it names: HMAC and sealed number';

DROP FUNCTION case_write(text, uuid, uuid, integer, text, uuid, bigint, bigint, bytea, bytea, text, text);
-- As before, with whom it names.
CREATE FUNCTION case_write(
    the_source text, the_case uuid, the_change uuid, the_op integer, the_kind text, the_entity uuid,
    valid_from_ms bigint, valid_to_ms bigint, the_payload bytea, the_context bytea, the_id text, new_status text,
    the_person bytea DEFAULT NULL
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
    PERFORM person_name(the_source, the_case::text, the_seq, the_entity, the_person);
    IF the_id IS NOT NULL THEN
        PERFORM case_file_put(the_source, the_case::text, the_id, new_status, the_seq);
    END IF;
    RETURN the_seq;
END $$;

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
        PERFORM person_name(said.source, said.case_key, said.seq, said.entity, said.person);
        IF said.public_id IS NOT NULL AND said.op <> 3 THEN
            PERFORM case_file_put(said.source, said.case_key, said.public_id, said.status, said.seq);
        END IF;
    ELSIF said.op <> 3 THEN
        PERFORM exchange_heed(said);
    END IF;
END $$;

DROP FUNCTION exchange_apply(
    text, bytea, bigint, bytea, bytea, bytea, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[],
    bytea[], bytea[], bytea[], text[], uuid[], bigint[], bigint[], bigint[], text[], text[], text[], bigint[], text[]);
-- As before, with a column of whom the records name.
CREATE FUNCTION exchange_apply(
    the_source text, the_spki bytea, the_batch bigint, the_hash bytea, the_root bytea, the_prev_root bytea, keys text[],
    seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[], kinds text[], versions integer[],
    times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], faults text[], entities uuid[], froms bigint[],
    tos bigint[], corrections bigint[], ids text[], statuses text[], addressees text[], abouts bigint[], reasons text[],
    people bytea[]
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
        INSERT INTO person_ident
            SELECT the_source, a.key, a.seq, a.entity, 'personal_number', substr(a.person, 1, 32), substr(a.person, 33)
            FROM unnest(keys, seqs, entities, people) AS a (key, seq, entity, person)
            WHERE a.person IS NOT NULL AND a.key <> ALL (odd);
        FOR r IN
            SELECT the_source, key, n, prev, change, op, kind, version, at, payload, context, hash, the_receipt,
                   coalesce(fault, notice_fault(addressee, id)), entity, valid_from, valid_to, corrects, id, status, addressee,
                   about, reason, person
            FROM unnest(keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes, faults,
                        entities, froms, tos, corrections, ids, statuses, addressees, abouts, reasons, people) WITH ORDINALITY
                 AS one (key, n, prev, change, op, kind, version, at, payload, context, hash, fault, entity, valid_from,
                         valid_to, corrects, id, status, addressee, about, reason, person, place)
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

-- ---- in the log ----

ALTER TABLE access_subject
    ALTER source DROP NOT NULL, ALTER case_key DROP NOT NULL,
    ADD person bytea CHECK (octet_length(person) = 32),
    ADD CHECK ((source IS NULL) = (case_key IS NULL) AND (source IS NULL) <> (person IS NULL));
CREATE INDEX access_subject_person ON access_subject (person, access) WHERE person IS NOT NULL;
COMMENT ON COLUMN access_subject.person IS 'Who was asked for by number, or of whom a record was told; as person_ident has it';

DROP FUNCTION access_note(access_caller, text, text, text[], text[]);
-- The access is written down, with the cases and people it is to.
CREATE FUNCTION access_note(
    c access_caller, the_service text, the_method text, sources text[], cases text[], people bytea[] DEFAULT '{}'
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    the_access bigint;
BEGIN
    INSERT INTO access_log (organisation, account, service, method, purpose, legal_basis)
        VALUES (c.organisation, c.account, the_service, the_method, c.purpose, c.legal_basis) RETURNING id INTO the_access;
    INSERT INTO access_subject
        SELECT DISTINCT the_access, source, case_key FROM unnest(sources, cases) AS told (source, case_key);
    INSERT INTO access_subject (access, person) SELECT DISTINCT the_access, person FROM unnest(people) AS person;
    RETURN the_access;
END $$;

-- As before; those who are named in the records that are told are in the log.
CREATE OR REPLACE FUNCTION case_read(
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
    PERFORM access_note(c, 'case', the_method, ARRAY[the_source], ARRAY[the_case],
                        ARRAY(SELECT p.value_hmac FROM person_ident p
                              WHERE p.source = the_source AND p.case_key = the_case
                                AND p.seq IN (SELECT r.seq FROM unnest(told[:most]) AS r WHERE r.kind = 'party')));
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

DROP FUNCTION case_search(access_caller, text, text, text, text, text, text, text, bigint, bigint);
-- By person, identifier, number or court, the first that is given; the others narrow it down. After the case that is named.
CREATE FUNCTION case_search(
    c access_caller, the_person bytea, the_id text, the_number text, the_court text, the_status text, after_id text,
    after_source text, after_case text, most bigint, most_bytes bigint
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
    IF refusal IS NULL AND the_person IS NOT NULL THEN
        refusal := access_refusal(types, ARRAY['party']);
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    IF the_person IS NOT NULL THEN
        SELECT array_agg(f) INTO found_in FROM (
            SELECT * FROM case_file f
            WHERE (f.source, f.case_key) IN (SELECT p.source, p.case_key FROM person_known(the_person) AS p)
              AND (the_id IS NULL OR f.public_id = the_id)
              AND (the_number IS NULL OR case_number_of(f.public_id) = the_number)
              AND (from_id IS NULL OR f.public_id BETWEEN from_id AND to_id)
              AND (the_status IS NULL OR f.status = the_status) AND access_reaches(c, f.source)
              AND (after_id IS NULL OR (f.public_id, f.source, f.case_key) > (after_id, after_source, after_case))
            ORDER BY f.public_id, f.source, f.case_key LIMIT most + 1) AS f;
    ELSIF the_id IS NOT NULL THEN
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
                        (SELECT array_agg(f.case_key) FROM unnest(found_in[:most]) AS f),
                        array_remove(ARRAY[the_person], NULL));
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

DROP FUNCTION access_who(access_caller, text, text, bigint, bigint);
-- The accesses to a case, or to a person, before the one of this number (null: all), newest first.
CREATE FUNCTION access_who(
    c access_caller, the_person bytea, the_source text, the_case text, before bigint, most bigint
)
RETURNS TABLE (
    refusal text, access bigint, at_ms bigint, organisation text, name text, method text, purpose text, purpose_vi text,
    purpose_en text, legal_basis text
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
               l.legal_basis
        FROM access_log l JOIN access_purpose p ON p.word = l.purpose
        LEFT JOIN account ON account.id = l.account
        LEFT JOIN person ON person.id = account.person
        WHERE l.id = ANY (subjects) ORDER BY l.id DESC;
END $$;

-- What is known now of a person as a party, newest first: the words of those records.
CREATE FUNCTION case_prefill(c access_caller, the_person bytea, most bigint)
RETURNS TABLE (refusal text, source text, recorded_ms bigint, payload bytea) LANGUAGE plpgsql AS $$
BEGIN
    refusal := access_refusal(access_types(c, 'case'), ARRAY['party']);
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM access_note(c, 'case', 'Prefill', '{}', '{}', ARRAY[the_person]);
    RETURN QUERY
        SELECT NULL, p.source, coalesce(i.recorded_ms, o.recorded_ms) AS recorded, coalesce(i.payload, o.payload)
        FROM person_known(the_person) p
        LEFT JOIN inbox i ON i.source = p.source AND i.case_key = p.case_key AND i.seq = p.seq
        LEFT JOIN outbox o ON i.seq IS NULL AND o.target = '' AND o.case_key = p.case_key AND o.seq = p.seq
        WHERE access_reaches(c, p.source) ORDER BY recorded DESC, p.source, p.case_key, p.seq LIMIT most;
END $$;
