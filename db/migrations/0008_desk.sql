-- The clerk's page: hearings of a day, one hearing with its links, the next hearing of a case.

ALTER TABLE hearing
    ADD made_from bytea CHECK (octet_length(made_from) = 32),
    ADD cancelled_at timestamptz;
CREATE INDEX ON hearing (scheduled_at);
COMMENT ON COLUMN hearing.made_from IS 'Digest of the request that made it, so that a retry makes no second; or null';
COMMENT ON COLUMN hearing.cancelled_at IS 'It never began and will not: nothing is appended to it any more';

-- ---- what has become of a hearing, by its events ----

-- Which arm of assize.hearing.v1.Event a body is: its first field from 10 on; those before it are varints. 0 for what is
-- none. The two zeros end a varint that is cut off.
CREATE FUNCTION event_kind(body bytea) RETURNS integer IMMUTABLE STRICT LANGUAGE plpgsql AS $$
DECLARE
    padded bytea := body || '\x0000';
    at integer := 0;
    tag integer;
BEGIN
    WHILE at < octet_length(body) LOOP
        tag := get_byte(padded, at);
        IF tag >= 128 THEN
            at := at + 1;
            tag := tag - 128 + get_byte(padded, at) * 128;
        END IF;
        IF tag >= 80 THEN
            RETURN tag / 8;
        END IF;
        at := at + 1;
        WHILE get_byte(padded, at) >= 128 LOOP
            at := at + 1;
        END LOOP;
        at := at + 1;
    END LOOP;
    RETURN 0;
END $$;
CREATE INDEX hearing_event_kind ON hearing_event (hearing, event_kind(body), seq);

CREATE VIEW hearing_course AS
    SELECT h.id AS hearing, turn.at_ms AS status_since_ms,
           CASE turn.kind WHEN 14 THEN 'in_session' WHEN 15 THEN 'recess' WHEN 16 THEN 'in_session'
                          WHEN 17 THEN 'suspended' WHEN 18 THEN 'closed' ELSE 'scheduled' END AS status,
           CASE WHEN turn.kind IN (14, 16) AND switch.kind = 30 THEN 'on'
                WHEN turn.kind IN (14, 16) THEN 'off'
                WHEN EXISTS (SELECT FROM hearing_event WHERE hearing = h.id AND event_kind(body) = 30) THEN 'kept'
                ELSE 'none' END AS recording
    FROM hearing h
    LEFT JOIN LATERAL (
        SELECT event_kind(body) AS kind, at_ms FROM hearing_event
        WHERE hearing = h.id AND event_kind(body) BETWEEN 14 AND 18 ORDER BY seq DESC LIMIT 1
    ) AS turn ON true
    LEFT JOIN LATERAL (
        SELECT event_kind(body) AS kind FROM hearing_event
        WHERE hearing = h.id AND event_kind(body) BETWEEN 30 AND 31 ORDER BY seq DESC LIMIT 1
    ) AS switch ON true;
COMMENT ON VIEW hearing_course IS 'Started, recessed, resumed, suspended, closed are events 14 to 18; record on and off 30, 31';

CREATE VIEW desk_hearing AS
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
        SELECT recorded_ms, received_ms, receipt_id, refused FROM outbox
        WHERE hearing = h.id ORDER BY number DESC LIMIT 1
    ) AS sent ON true;

-- ---- making and changing one ----

-- The one way a hearing is made: with its roster, whose sites, endpoints and people are numbered as they come. persons: who
-- is known already, or null for somebody new by name; the known are people of the case or of the court. The same hearing
-- from the same request is made once. Null, or a code of the table of refusals.
CREATE FUNCTION hearing_make(
    the_hearing uuid, the_digest bytea, the_case uuid, the_procedure text, the_time bigint, site_kinds text[],
    site_names text[], endpoint_sites integer[], endpoint_kinds text[], persons uuid[], names text[], roles text[],
    endpoints integer[], companions integer[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    the_person uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM court_case WHERE id = the_case) THEN
        RETURN 'case_unknown';
    ELSIF EXISTS (
        SELECT FROM unnest(persons) AS known WHERE known IS NOT NULL
            AND NOT EXISTS (SELECT FROM account WHERE person = known)
            AND NOT EXISTS (SELECT FROM hearing_participant p JOIN hearing h ON h.id = p.hearing
                            WHERE p.person = known AND h.court_case = the_case)
    ) THEN
        RETURN 'person_unknown';
    END IF;
    INSERT INTO hearing (id, made_from, court_case, procedure, scheduled_at)
        VALUES (the_hearing, the_digest, the_case, the_procedure, to_timestamp(the_time / 1000.0))
        ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN (SELECT CASE WHEN made_from IS DISTINCT FROM the_digest THEN 'command_id_reused' END
                FROM hearing WHERE id = the_hearing);
    END IF;
    INSERT INTO hearing_site (hearing, id, kind, name)
        SELECT the_hearing, n, kind, name FROM unnest(site_kinds, site_names) WITH ORDINALITY AS site (kind, name, n);
    INSERT INTO hearing_endpoint (hearing, id, site, kind)
        SELECT the_hearing, n, site, kind
        FROM unnest(endpoint_sites, endpoint_kinds) WITH ORDINALITY AS endpoint (site, kind, n);
    FOR n IN 1 .. cardinality(roles) LOOP
        the_person := persons[n];
        IF the_person IS NULL THEN
            INSERT INTO person (full_name) VALUES (names[n]) RETURNING id INTO the_person;
        END IF;
        INSERT INTO hearing_participant (hearing, id, person, role, endpoint, companion)
            VALUES (the_hearing, n, the_person, roles[n], endpoints[n], nullif(companions[n], 0));
    END LOOP;
    RETURN NULL;
END $$;

-- Holds the hearing as it is until the end of the transaction; why it cannot be changed any more, or null.
CREATE FUNCTION hearing_hold(the_hearing uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    is_cancelled boolean;
BEGIN
    SELECT cancelled_at IS NOT NULL INTO is_cancelled FROM hearing WHERE id = the_hearing FOR NO KEY UPDATE;
    RETURN CASE
        WHEN is_cancelled IS NULL THEN 'hearing_unknown'
        WHEN is_cancelled THEN 'hearing_cancelled'
        WHEN EXISTS (SELECT FROM hearing_event
                     WHERE hearing = the_hearing AND event_kind(body) BETWEEN 14 AND 18) THEN 'hearing_begun'
    END;
END $$;

CREATE FUNCTION hearing_reschedule(the_hearing uuid, the_time bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    why text := hearing_hold(the_hearing);
BEGIN
    IF why IS NULL THEN
        UPDATE hearing SET scheduled_at = to_timestamp(the_time / 1000.0) WHERE id = the_hearing;
    END IF;
    RETURN why;
END $$;

CREATE FUNCTION hearing_cancel(the_hearing uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    why text := hearing_hold(the_hearing);
BEGIN
    IF why IS NULL THEN
        UPDATE hearing SET cancelled_at = now() WHERE id = the_hearing;
        UPDATE join_link SET revoked_at = now() WHERE hearing = the_hearing AND revoked_at IS NULL;
    END IF;
    RETURN nullif(why, 'hearing_cancelled');
END $$;

-- As before, but a hearing that was cancelled takes nothing more: to its writer it has moved on.
CREATE OR REPLACE FUNCTION hearing_append_events(
    the_hearing uuid, expected_seq bigint, expected_hash bytea, the_command uuid, the_digest bytea, the_actor integer,
    times bigint[], bodies bytea[], hashes bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    seq_now bigint;
    hash_now bytea;
    is_cancelled boolean;
BEGIN
    SELECT cancelled_at IS NOT NULL INTO is_cancelled FROM hearing WHERE id = the_hearing FOR NO KEY UPDATE;
    IF is_cancelled THEN
        RAISE EXCEPTION 'the hearing does not take place' USING ERRCODE = 'AS001';
    END IF;
    SELECT seq, hash INTO seq_now, hash_now
        FROM hearing_event WHERE hearing = the_hearing ORDER BY seq DESC LIMIT 1;
    IF coalesce(seq_now, 0) <> expected_seq OR coalesce(hash_now, expected_hash) <> expected_hash THEN
        RAISE EXCEPTION 'the hearing is at event %', coalesce(seq_now, 0) USING ERRCODE = 'AS001';
    END IF;
    INSERT INTO hearing_event (hearing, seq, at_ms, body, prev_hash, hash)
        SELECT the_hearing, expected_seq + n, at_ms, body, lag(hash, 1, expected_hash) OVER (ORDER BY n), hash
        FROM unnest(times, bodies, hashes) WITH ORDINALITY AS event (at_ms, body, hash, n);
    IF the_command IS NOT NULL THEN
        INSERT INTO hearing_command (hearing, command_id, digest, actor, last_seq)
            VALUES (the_hearing, the_command, the_digest, the_actor, expected_seq + cardinality(times));
    END IF;
END $$;

-- ---- links ----

-- The one way a link is made. the_endpoint: 0 for where the person is seen and heard. No row when there is no such person
-- at such a device. The same link again gets a new token while nobody has used it: the one before it was lost on its way.
CREATE FUNCTION link_issue(
    the_link uuid, the_hash bytea, the_hearing uuid, the_participant integer, the_endpoint integer, the_kind text,
    uses integer, minutes integer
) RETURNS SETOF join_link LANGUAGE sql AS $$
    INSERT INTO join_link AS l (id, token_hash, hearing, participant, endpoint, kind, max_uses, expires_at)
        SELECT the_link, the_hash, h.id, p.id, coalesce(nullif(the_endpoint, 0), p.endpoint), the_kind, uses,
               now() + make_interval(mins => minutes)
        FROM hearing h
        LEFT JOIN hearing_participant p ON p.hearing = h.id AND p.id = the_participant AND the_kind <> 'gallery'
        WHERE h.id = the_hearing
          AND CASE WHEN the_kind = 'gallery' THEN the_participant = 0 AND the_endpoint = 0
                   ELSE the_endpoint IN (0, p.endpoint, p.companion) AND p.id IS NOT NULL END
        ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash
            WHERE l.used = 0 AND l.revoked_at IS NULL
              AND (l.hearing, l.kind, l.max_uses) = (excluded.hearing, excluded.kind, excluded.max_uses)
              AND l.participant IS NOT DISTINCT FROM excluded.participant
              AND l.endpoint IS NOT DISTINCT FROM excluded.endpoint
        RETURNING *
$$;

-- By id or by the hash of its token; false when there is none.
CREATE FUNCTION link_revoke(the_link uuid, the_hash bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE join_link SET revoked_at = coalesce(revoked_at, now()) WHERE id = the_link OR token_hash = the_hash;
    RETURN FOUND;
END $$;

-- A link issued at the desk: for a hearing that can still be joined. One row: a code of the table of refusals, or the link.
CREATE FUNCTION desk_link_issue(
    the_link uuid, the_hash bytea, the_hearing uuid, the_participant integer, to_companion boolean, the_kind text,
    uses integer, minutes integer
) RETURNS TABLE (refusal text, link join_link) LANGUAGE plpgsql AS $$
DECLARE
    the_endpoint integer := 0;
BEGIN
    SELECT CASE WHEN cancelled_at IS NOT NULL THEN 'hearing_cancelled'
                WHEN course.status = 'closed' THEN 'wrong_status' END
        INTO refusal FROM hearing JOIN hearing_course course ON course.hearing = id WHERE id = the_hearing;
    IF NOT FOUND THEN
        refusal := 'hearing_unknown';
    END IF;
    IF to_companion THEN
        SELECT companion INTO the_endpoint FROM hearing_participant
            WHERE hearing = the_hearing AND id = the_participant;
    END IF;
    IF refusal IS NULL THEN
        SELECT * INTO link FROM link_issue(the_link, the_hash, the_hearing, the_participant, the_endpoint, the_kind,
                                           uses, minutes);
        IF NOT FOUND THEN
            refusal := CASE WHEN EXISTS (SELECT FROM join_link WHERE id = the_link) THEN 'command_id_reused'
                            ELSE 'participant_unknown' END;
        END IF;
    END IF;
    RETURN NEXT;
END $$;

-- ---- finding a case ----

-- For searching: in lower case and without accents, since names are typed either way.
CREATE FUNCTION plain_text(words text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
    SELECT lower(translate(regexp_replace(normalize(words, NFD), '[\u0300-\u036f]', '', 'g'), 'Đđ', 'dd'))
$$;
ALTER TABLE court_case ADD plain text NOT NULL GENERATED ALWAYS AS (plain_text(number || ' ' || title)) STORED;
ALTER TABLE person ADD plain text NOT NULL GENERATED ALWAYS AS (plain_text(full_name)) STORED;
CREATE INDEX ON hearing_participant (person);

-- The cases in which every word occurs, of the first few, in its number, the title or a name.
CREATE FUNCTION desk_search(words text) RETURNS SETOF uuid STABLE LANGUAGE sql AS $$
    WITH wanted AS (
        SELECT DISTINCT word FROM regexp_split_to_table(plain_text(words), '\s+') WITH ORDINALITY AS typed (word, n)
        WHERE word <> '' AND n <= 8
    ), hit AS (
        SELECT c.id, word FROM wanted JOIN court_case c ON strpos(c.plain, word) > 0
        UNION
        SELECT h.court_case, word FROM wanted
            JOIN person ON strpos(person.plain, word) > 0
            JOIN hearing_participant p ON p.person = person.id
            JOIN hearing h ON h.id = p.hearing
    )
    SELECT id FROM hit GROUP BY id HAVING count(*) = (SELECT count(*) FROM wanted)
    UNION ALL
    SELECT id FROM court_case WHERE NOT EXISTS (SELECT FROM wanted)
$$;
