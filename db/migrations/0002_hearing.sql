-- A hearing: its roster (who, at which device, at which site), its events and the commands that brought them about.
-- Sites, endpoints and participants are numbered from 1 within their hearing, and events refer to those numbers.

CREATE TABLE hearing (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    court_case    uuid NOT NULL REFERENCES court_case,
    procedure     text NOT NULL CHECK (procedure ~ '^[a-z][a-z_]{0,62}$'),
    scheduled_at  timestamptz NOT NULL
);
CREATE INDEX ON hearing (court_case);
COMMENT ON COLUMN hearing.procedure IS 'The legal procedure it follows, for example criminal_first_instance';

CREATE TABLE hearing_site (
    hearing  uuid NOT NULL REFERENCES hearing,
    id       integer NOT NULL CHECK (id > 0),
    kind     text NOT NULL CHECK (kind IN ('central_point', 'component_point', 'detention_facility')),
    name     text NOT NULL CHECK (name IS NFC NORMALIZED AND octet_length(name) BETWEEN 1 AND 255),
    PRIMARY KEY (hearing, id)
);
CREATE UNIQUE INDEX hearing_site_one_central_point ON hearing_site (hearing) WHERE kind = 'central_point';
COMMENT ON TABLE hearing_site IS 'A bridge point (điểm cầu); Joint Circular 05/2021, articles 4 and 10';

CREATE TABLE hearing_endpoint (
    hearing  uuid NOT NULL,
    id       integer NOT NULL CHECK (id > 0),
    site     integer NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('personal', 'room', 'companion')),
    PRIMARY KEY (hearing, id),
    FOREIGN KEY (hearing, site) REFERENCES hearing_site
);
COMMENT ON TABLE hearing_endpoint IS 'A device at a site: of one person, of a room, or a companion that only shows pictures';

CREATE TABLE hearing_participant (
    hearing    uuid NOT NULL,
    id         integer NOT NULL CHECK (id > 0),
    person     uuid NOT NULL REFERENCES person,
    role       text NOT NULL CHECK (role IN (
                   'presiding_judge', 'panel_judge', 'lay_judge', 'clerk', 'procurator', 'defendant', 'victim',
                   'plaintiff', 'respondent', 'related_party', 'defence_counsel', 'lawyer', 'protector_of_rights',
                   'legal_aid_officer', 'lawful_representative', 'witness', 'expert', 'interpreter', 'valuer',
                   'detention_officer', 'site_official', 'attendee', 'journalist')),
    endpoint   integer NOT NULL,
    companion  integer,
    PRIMARY KEY (hearing, id),
    FOREIGN KEY (hearing, endpoint) REFERENCES hearing_endpoint,
    FOREIGN KEY (hearing, companion) REFERENCES hearing_endpoint
);
CREATE UNIQUE INDEX hearing_participant_one_presiding_judge
    ON hearing_participant (hearing) WHERE role = 'presiding_judge';
COMMENT ON COLUMN hearing_participant.endpoint IS 'The personal or room endpoint the person is seen and heard at';
COMMENT ON COLUMN hearing_participant.companion IS 'A companion endpoint as well, or null';

-- The record of what happened. Each event vouches for all before it, so that a change shows; the checks below refuse
-- a wrong hash, the trigger refuses any change, and whoever reads checks the chain again.
CREATE TABLE hearing_event (
    hearing    uuid NOT NULL REFERENCES hearing,
    seq        bigint NOT NULL CHECK (seq > 0),
    at_ms      bigint NOT NULL,
    body       bytea NOT NULL CHECK (octet_length(body) <= 65536),
    prev_hash  bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash       bytea NOT NULL,
    PRIMARY KEY (hearing, seq),
    CONSTRAINT hearing_event_chain
        CHECK (hash = sha256(prev_hash || int8send(seq) || int8send(at_ms) || body)),
    CONSTRAINT hearing_event_first
        CHECK (seq > 1 OR prev_hash = decode(repeat('00', 32), 'hex'))
);
COMMENT ON COLUMN hearing_event.seq IS 'From 1 without gaps within the hearing';
COMMENT ON COLUMN hearing_event.at_ms IS 'Unix milliseconds (UTC), an integer because it is hashed';
COMMENT ON COLUMN hearing_event.body IS 'A packed assize.hearing.v1.Event: ids only, never a name';

CREATE TABLE hearing_command (
    hearing     uuid NOT NULL REFERENCES hearing,
    command_id  uuid NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    actor       integer NOT NULL,
    last_seq    bigint NOT NULL,
    PRIMARY KEY (hearing, command_id),
    FOREIGN KEY (hearing, last_seq) REFERENCES hearing_event
);
COMMENT ON TABLE hearing_command IS 'Commands that were carried out, so that a retry gets the first outcome';
COMMENT ON COLUMN hearing_command.digest IS 'Of the command and its actor: a reused command_id shows';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'AS002';
END $$;
CREATE TRIGGER hearing_event_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON hearing_event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hearing_command_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON hearing_command EXECUTE FUNCTION refuse_change();

-- The one way events are written: all of them and the command, or nothing. AS001: the hearing has moved on since the
-- writer read it, who is to load it again.
CREATE FUNCTION hearing_append(
    the_hearing uuid, expected_seq bigint, expected_hash bytea, the_command uuid, the_digest bytea, the_actor integer,
    times bigint[], bodies bytea[], hashes bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    seq_now bigint;
    hash_now bytea;
BEGIN
    PERFORM FROM hearing WHERE id = the_hearing FOR NO KEY UPDATE;
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
