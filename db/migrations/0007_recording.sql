-- Recordings for people to watch: what was made of a record, and who has opened it.

-- The files as they were made. Made again they are the same, or longer; the last row of a name is the one that counts.
CREATE TABLE recording_file (
    id       bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hearing  uuid NOT NULL REFERENCES hearing,
    name     text NOT NULL CHECK (octet_length(name) BETWEEN 1 AND 64),
    sha256   bytea NOT NULL CHECK (octet_length(sha256) = 32),
    made_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON recording_file (hearing, name, id);
COMMENT ON TABLE recording_file IS 'Who changes a file and the index beside it on the disk does not change this';
CREATE TRIGGER recording_file_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON recording_file EXECUTE FUNCTION refuse_change();

CREATE TABLE recording_view (
    id           bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    hearing      uuid NOT NULL REFERENCES hearing,
    at           timestamptz NOT NULL DEFAULT now(),
    participant  integer,
    account      uuid REFERENCES account,
    kind         text NOT NULL CHECK (kind IN ('watch', 'download')),
    file         text CHECK (octet_length(file) BETWEEN 1 AND 64),
    reason       text NOT NULL CHECK (reason IN (
                     'minutes', 'deliberation', 'review', 'complaint', 'request', 'technical', 'other')),
    note         text NOT NULL CHECK (note IS NFC NORMALIZED AND octet_length(note) <= 1000),
    CONSTRAINT recording_view_is_by_someone CHECK (num_nonnulls(participant, account) = 1),
    CONSTRAINT recording_view_download_names_its_file CHECK ((kind = 'download') = (file IS NOT NULL)),
    CONSTRAINT recording_view_other_reason_is_told CHECK (reason <> 'other' OR note <> ''),
    FOREIGN KEY (hearing, participant) REFERENCES hearing_participant
);
CREATE INDEX ON recording_view (hearing, id);
COMMENT ON COLUMN recording_view.participant IS 'Who took part in the hearing and opened it, or';
COMMENT ON COLUMN recording_view.account IS 'a member of staff';
CREATE TRIGGER recording_view_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON recording_view EXECUTE FUNCTION refuse_change();
