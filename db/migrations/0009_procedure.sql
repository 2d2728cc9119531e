-- The law of a hearing and the words that people write in it.

-- ---- procedures: every text that hearings were held by, so that each keeps the one it was opened with ----

CREATE TABLE procedure_text (
    name           text NOT NULL CHECK (name ~ '^[a-z0-9_]{1,47}$'),
    version        integer NOT NULL CHECK (version > 0),
    text           text NOT NULL CHECK (octet_length(text) <= 65536),
    registered_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
COMMENT ON TABLE procedure_text IS 'Procedure files (server/procedures); a version is never changed, another one follows';
CREATE TRIGGER procedure_text_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON procedure_text EXECUTE FUNCTION refuse_change();

-- Keeps the texts and gives back all there are. One that stands already stays as it is: the caller compares.
CREATE FUNCTION procedure_register(names text[], versions integer[], texts text[])
RETURNS SETOF procedure_text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO procedure_text (name, version, text)
        SELECT offered.name, offered.version, offered.text
        FROM unnest(names, versions, texts) AS offered (name, version, text)
        ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT * FROM procedure_text AS kept ORDER BY kept.name, kept.version;
END $$;

-- ---- the roster ----

ALTER TABLE hearing_participant ADD under_18 boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN hearing_participant.under_18 IS 'On the day of the hearing';

CREATE TABLE hearing_screen (
    hearing      uuid NOT NULL,
    participant  integer NOT NULL,
    screened     integer NOT NULL CHECK (screened <> participant),
    sound        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (hearing, participant, screened),
    FOREIGN KEY (hearing, participant) REFERENCES hearing_participant,
    FOREIGN KEY (hearing, screened) REFERENCES hearing_participant
);
COMMENT ON TABLE hearing_screen IS 'Who is screened from whom from the start; the participant is the protected one';

-- ---- words ----

-- Events hold a hash only, so words can be erased and the record still stands.
CREATE TABLE hearing_words (
    hearing    uuid NOT NULL,
    seq        bigint NOT NULL,
    words      text CHECK (words IS NFC NORMALIZED AND octet_length(words) BETWEEN 1 AND 8192),
    erased_at  timestamptz,
    PRIMARY KEY (hearing, seq),
    FOREIGN KEY (hearing, seq) REFERENCES hearing_event,
    CHECK ((words IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE hearing_words IS 'What somebody wrote with the event of this number; its hash stands in the event';
CREATE TRIGGER hearing_words_is_append_only
    BEFORE DELETE OR TRUNCATE ON hearing_words EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.hearing, OLD.seq) IS DISTINCT FROM (NEW.hearing, NEW.seq) OR NEW.words IS NOT NULL
       OR OLD.erased_at IS NOT NULL THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'AS002';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hearing_words_may_only_be_erased
    BEFORE UPDATE ON hearing_words FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();

-- hearing_append may now bring words, the same for each of these events. A body's hash is its own affair: assize verify
-- compares.
ALTER FUNCTION hearing_append(uuid, bigint, bytea, uuid, bytea, integer, bigint[], bytea[], bytea[], text, uuid, bytea)
    RENAME TO hearing_append_change;
CREATE FUNCTION hearing_append(
    the_hearing uuid, expected_seq bigint, expected_hash bytea, the_command uuid, the_digest bytea, the_actor integer,
    times bigint[], bodies bytea[], hashes bytea[], case_status text, the_change uuid, the_payload bytea,
    the_words text, words_of bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hearing_append_change(the_hearing, expected_seq, expected_hash, the_command, the_digest, the_actor, times,
                                  bodies, hashes, case_status, the_change, the_payload);
    INSERT INTO hearing_words (hearing, seq, words)
        SELECT the_hearing, seq, the_words FROM unnest(words_of) AS seq;
END $$;

-- ---- what has become of a hearing, by its events ----

-- As before, past the hash of words: before the arm there are varints and that.
CREATE OR REPLACE FUNCTION event_kind(body bytea) RETURNS integer IMMUTABLE STRICT LANGUAGE plpgsql AS $$
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
        IF tag % 8 = 2 THEN
            at := at + get_byte(padded, at);
        ELSE
            WHILE get_byte(padded, at) >= 128 LOOP
                at := at + 1;
            END LOOP;
        END IF;
        at := at + 1;
    END LOOP;
    RETURN 0;
END $$;

CREATE OR REPLACE VIEW hearing_course AS
    SELECT h.id AS hearing, turn.at_ms AS status_since_ms,
           CASE turn.kind WHEN 14 THEN 'in_session' WHEN 15 THEN 'recess' WHEN 16 THEN 'in_session'
                          WHEN 17 THEN 'suspended' WHEN 18 THEN 'closed' WHEN 52 THEN 'adjourned'
                          WHEN 60 THEN 'deliberating' ELSE 'scheduled' END AS status,
           CASE WHEN turn.kind IN (14, 16) AND switch.kind = 30 THEN 'on'
                WHEN turn.kind IN (14, 16) THEN 'off'
                WHEN EXISTS (SELECT FROM hearing_event WHERE hearing = h.id AND event_kind(body) = 30) THEN 'kept'
                ELSE 'none' END AS recording
    FROM hearing h
    LEFT JOIN LATERAL (
        SELECT event_kind(body) AS kind, at_ms FROM hearing_event
        WHERE hearing = h.id AND event_kind(body) IN (14, 15, 16, 17, 18, 52, 60) ORDER BY seq DESC LIMIT 1
    ) AS turn ON true
    LEFT JOIN LATERAL (
        SELECT event_kind(body) AS kind FROM hearing_event
        WHERE hearing = h.id AND event_kind(body) BETWEEN 30 AND 31 ORDER BY seq DESC LIMIT 1
    ) AS switch ON true;
COMMENT ON VIEW hearing_course IS
    'Started, recessed, resumed, suspended, closed are events 14 to 18, adjourned 52, deliberation 60; record on and off 30, 31';

CREATE OR REPLACE FUNCTION hearing_hold(the_hearing uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    is_cancelled boolean;
BEGIN
    SELECT cancelled_at IS NOT NULL INTO is_cancelled FROM hearing WHERE id = the_hearing FOR NO KEY UPDATE;
    RETURN CASE
        WHEN is_cancelled IS NULL THEN 'hearing_unknown'
        WHEN is_cancelled THEN 'hearing_cancelled'
        WHEN EXISTS (SELECT FROM hearing_event
                     WHERE hearing = the_hearing AND event_kind(body) IN (14, 15, 16, 17, 18, 52)) THEN 'hearing_begun'
    END;
END $$;

-- A link issued at the desk: for a hearing that can still be joined. One row: a code of the table of refusals, or the link.
CREATE OR REPLACE FUNCTION desk_link_issue(
    the_link uuid, the_hash bytea, the_hearing uuid, the_participant integer, to_companion boolean, the_kind text,
    uses integer, minutes integer
) RETURNS TABLE (refusal text, link join_link) LANGUAGE plpgsql AS $$
DECLARE
    the_endpoint integer := 0;
BEGIN
    SELECT CASE WHEN cancelled_at IS NOT NULL THEN 'hearing_cancelled'
                WHEN course.status IN ('closed', 'adjourned') THEN 'wrong_status' END
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

-- Hearings that wait for a deadline, whether or not anybody has them open.
CREATE FUNCTION hearings_suspended() RETURNS SETOF uuid STABLE LANGUAGE sql AS $$
    SELECT course.hearing FROM hearing_course course JOIN hearing h ON h.id = course.hearing
        WHERE course.status = 'suspended' AND h.cancelled_at IS NULL ORDER BY course.status_since_ms
$$;
