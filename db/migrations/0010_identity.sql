-- The identity ceremony: what the case knows of a person, the keys of those who vouch for people, and what they signed.
-- All of it can be erased; the hearing's events hold ids and hashes only.

-- ---- what is compared ----

CREATE TABLE person_identity (
    person           uuid PRIMARY KEY REFERENCES person,
    date_of_birth    date,
    personal_number  text CHECK (personal_number ~ '^[0-9]{12}$'),
    residence        text CHECK (residence IS NFC NORMALIZED AND octet_length(residence) BETWEEN 1 AND 255),
    document         text CHECK (document IS NFC NORMALIZED AND octet_length(document) BETWEEN 1 AND 255)
);
COMMENT ON TABLE person_identity IS 'As the case file has it; null where it says nothing';
COMMENT ON COLUMN person_identity.personal_number IS 'Số định danh cá nhân, which is the number of the căn cước';

ALTER TABLE hearing_participant
    ADD summons text CHECK (summons IS NFC NORMALIZED AND octet_length(summons) BETWEEN 1 AND 64);
COMMENT ON COLUMN hearing_participant.summons IS 'Number of the giấy triệu tập';
ALTER TABLE join_link ADD summons text;
COMMENT ON COLUMN join_link.summons IS 'The one it was issued for, if any';

CREATE FUNCTION join_link_take_summons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.summons := (SELECT summons FROM hearing_participant WHERE hearing = NEW.hearing AND id = NEW.participant);
    RETURN NEW;
END $$;
CREATE TRIGGER join_link_is_for_a_summons BEFORE INSERT ON join_link
    FOR EACH ROW EXECUTE FUNCTION join_link_take_summons();

-- As before, and the summons of the link.
CREATE OR REPLACE VIEW live_session AS
    SELECT s.token_hash, s.id, s.link, l.hearing, l.participant, l.endpoint, p.role, e.kind AS endpoint_kind,
           person.full_name, site.name AS site, c.number AS case_number, c.title, court.name AS court,
           (extract(epoch FROM h.scheduled_at) * 1000)::bigint AS scheduled_ms,
           (extract(epoch FROM s.expires_at) * 1000)::bigint AS expires_ms, l.summons
    FROM web_session s
    JOIN join_link l ON l.id = s.link
    JOIN hearing h ON h.id = l.hearing
    JOIN court_case c ON c.id = h.court_case
    JOIN court ON court.id = c.court
    LEFT JOIN hearing_participant p ON p.hearing = l.hearing AND p.id = l.participant
    LEFT JOIN hearing_endpoint e ON e.hearing = l.hearing AND e.id = l.endpoint
    LEFT JOIN hearing_site site ON site.hearing = e.hearing AND site.id = e.site
    LEFT JOIN person ON person.id = p.person
    WHERE s.ended_at IS NULL AND s.expires_at > now() AND l.revoked_at IS NULL;

-- On the day of the hearing, as the court counts days; null where no date of birth is known.
CREATE FUNCTION born_under_18(born date, scheduled timestamptz) RETURNS boolean STABLE STRICT LANGUAGE sql AS $$
    SELECT born + interval '18 years' > (scheduled AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
$$;

-- Whose date of birth is known from another hearing is under 18 by it in this one, and so is everybody on another day; once the
-- hearing has been opened it stands.
CREATE FUNCTION participant_take_age() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.under_18 := coalesce(
        (SELECT born_under_18(i.date_of_birth, h.scheduled_at) FROM hearing h, person_identity i
         WHERE h.id = NEW.hearing AND i.person = NEW.person), NEW.under_18);
    RETURN NEW;
END $$;
CREATE TRIGGER participant_is_as_old_as_they_are BEFORE INSERT ON hearing_participant
    FOR EACH ROW EXECUTE FUNCTION participant_take_age();

CREATE FUNCTION hearing_take_ages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hearing_participant p SET under_18 = born_under_18(i.date_of_birth, NEW.scheduled_at)
        FROM person_identity i
        WHERE p.hearing = NEW.id AND i.person = p.person AND i.date_of_birth IS NOT NULL
          AND NOT EXISTS (SELECT FROM hearing_event WHERE hearing = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER hearing_day_decides_on_age AFTER UPDATE OF scheduled_at ON hearing
    FOR EACH ROW EXECUTE FUNCTION hearing_take_ages();

-- What a clerk enters. Empty texts are nothing. said_under_18: null where nothing is said; a date of birth decides, and nothing
-- else may be said beside it. Null, or a code of the table of refusals.
CREATE FUNCTION seat_describe(
    the_hearing uuid, the_participant integer, the_summons text, said_under_18 boolean, born text, number text,
    lives text, papers text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seat hearing_participant;
    is_under_18 boolean;
BEGIN
    SELECT * INTO seat FROM hearing_participant WHERE hearing = the_hearing AND id = the_participant FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'participant_unknown';
    END IF;
    SELECT born_under_18(nullif(born, '')::date, scheduled_at) INTO is_under_18 FROM hearing WHERE id = the_hearing;
    IF is_under_18 <> said_under_18 THEN
        RETURN 'age_contradicts';
    END IF;
    is_under_18 := coalesce(is_under_18, said_under_18, seat.under_18);
    IF seat.under_18 <> is_under_18 AND EXISTS (SELECT FROM hearing_event WHERE hearing = the_hearing) THEN
        RETURN 'age_fixed';
    END IF;
    UPDATE hearing_participant SET summons = nullif(the_summons, ''), under_18 = is_under_18
        WHERE hearing = the_hearing AND id = the_participant;
    UPDATE join_link SET revoked_at = now()
        WHERE hearing = the_hearing AND participant = the_participant AND revoked_at IS NULL AND summons IS NOT NULL
          AND summons IS DISTINCT FROM nullif(the_summons, '');
    INSERT INTO person_identity
        VALUES (seat.person, nullif(born, '')::date, nullif(number, ''), nullif(lives, ''), nullif(papers, ''))
        ON CONFLICT (person) DO UPDATE SET date_of_birth = excluded.date_of_birth,
            personal_number = excluded.personal_number, residence = excluded.residence, document = excluded.document;
    RETURN NULL;
END $$;

-- Who had a seat before, up to the event by which somebody else took it. What happened until then was theirs.
CREATE TABLE former_occupant (
    hearing      uuid NOT NULL,
    participant  integer NOT NULL,
    until_seq    bigint NOT NULL,
    person       uuid NOT NULL REFERENCES person,
    ordered_by   uuid NOT NULL REFERENCES account,
    PRIMARY KEY (hearing, participant, until_seq),
    FOREIGN KEY (hearing, participant) REFERENCES hearing_participant,
    FOREIGN KEY (hearing, until_seq) REFERENCES hearing_event
);
COMMENT ON COLUMN former_occupant.until_seq IS 'Of the PersonReplaced';

-- May this person have the seat: new, or a member of staff who sits nowhere else in the hearing. Null, or a code of the table of
-- refusals.
CREATE FUNCTION seat_check(the_hearing uuid, the_participant integer, the_person uuid, is_new boolean)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM hearing WHERE id = the_hearing AND cancelled_at IS NULL) THEN 'hearing_unknown'
        WHEN (SELECT status FROM hearing_course WHERE hearing = the_hearing) IN ('closed', 'adjourned') THEN 'wrong_status'
        WHEN NOT is_new AND NOT EXISTS (SELECT FROM account WHERE person = the_person) THEN 'person_unknown'
        WHEN NOT EXISTS (SELECT FROM hearing_participant WHERE hearing = the_hearing AND id = the_participant)
            THEN 'participant_unknown'
        WHEN EXISTS (SELECT FROM hearing_participant
                     WHERE hearing = the_hearing AND id <> the_participant AND person = the_person) THEN 'person_seated'
    END
$$;

-- Somebody else takes a seat: new by name under an id made by the asker, or a member of staff. the_seq: of the event that says
-- so, or 0 where nothing has happened yet. The same again changes nothing more. Null, or a code of the table of refusals.
CREATE FUNCTION seat_replace(
    the_hearing uuid, the_participant integer, the_person uuid, the_name text, the_summons text, the_seq bigint,
    the_account uuid
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    why text := seat_check(the_hearing, the_participant, the_person, the_name <> '');
    before uuid;
BEGIN
    IF why IS NOT NULL THEN
        RETURN why;
    END IF;
    IF the_name <> '' THEN
        INSERT INTO person (id, full_name) VALUES (the_person, the_name) ON CONFLICT (id) DO NOTHING;
    END IF;
    SELECT person INTO before FROM hearing_participant
        WHERE hearing = the_hearing AND id = the_participant FOR UPDATE;
    IF before <> the_person THEN
        INSERT INTO former_occupant
            SELECT the_hearing, the_participant, the_seq, before, the_account WHERE the_seq > 0;
        UPDATE hearing_participant SET person = the_person, summons = nullif(the_summons, '')
            WHERE hearing = the_hearing AND id = the_participant;
        UPDATE join_link SET revoked_at = now()
            WHERE hearing = the_hearing AND participant = the_participant AND revoked_at IS NULL;
    END IF;
    RETURN NULL;
END $$;

-- ---- keys ----

-- Of everyone who ever signed, for as long as what they signed is to be verified. The private half is sealed under the
-- password and goes with it: a new password has a new key.
CREATE TABLE signing_key (
    public_key     bytea PRIMARY KEY CHECK (octet_length(public_key) <= 128),
    account        uuid NOT NULL REFERENCES account,
    salt           bytea CHECK (octet_length(salt) = 16),
    sealed         bytea CHECK (octet_length(sealed) <= 512),
    created_at     timestamptz NOT NULL DEFAULT now(),
    superseded_at  timestamptz,
    CONSTRAINT signing_key_superseded_is_public CHECK ((superseded_at IS NULL) = (sealed IS NOT NULL))
);
CREATE INDEX ON signing_key (account);
COMMENT ON COLUMN signing_key.public_key IS 'SubjectPublicKeyInfo, DER';
COMMENT ON COLUMN signing_key.sealed IS 'Nonce, private key and tag: AES-256-GCM under Argon2id of the password and the salt';

CREATE FUNCTION account_end_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE signing_key SET superseded_at = now(), sealed = NULL, salt = NULL
        WHERE account = NEW.id AND superseded_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER account_keys_go_with_the_password AFTER UPDATE OF password ON account
    FOR EACH ROW WHEN (OLD.password <> NEW.password) EXECUTE FUNCTION account_end_keys();

-- The password was found right (the_old), outside of signing in: its failures are forgiven, and the key that was made is kept.
-- Null, or a code of the table of refusals.
CREATE FUNCTION account_prove(
    the_account uuid, the_old text, the_address inet, the_public bytea, the_salt bytea, the_sealed bytea
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found_account account;
BEGIN
    SELECT * INTO found_account FROM account
        WHERE id = the_account AND password = the_old AND disabled_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RETURN 'sign_in_wrong';
    END IF;
    PERFORM sign_in_forgive(found_account.login, the_address);
    IF found_account.must_change THEN
        RETURN 'password_must_change';
    END IF;
    IF the_public IS NOT NULL THEN
        UPDATE signing_key SET superseded_at = now(), sealed = NULL, salt = NULL
            WHERE account = the_account AND superseded_at IS NULL;
        INSERT INTO signing_key (public_key, account, salt, sealed)
            VALUES (the_public, the_account, the_salt, the_sealed);
    END IF;
    RETURN NULL;
END $$;

-- ---- records ----

CREATE TABLE identity_record (
    id           uuid PRIMARY KEY,
    hearing      uuid NOT NULL,
    participant  integer NOT NULL,
    person       uuid NOT NULL REFERENCES person,
    facts        bytea NOT NULL CHECK (octet_length(facts) <= 16384),
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (hearing, participant) REFERENCES hearing_participant
);
CREATE INDEX ON identity_record (hearing, participant, made_at);
COMMENT ON COLUMN identity_record.facts IS 'A packed assize.identity.v1.IdentityFacts, as it was signed';

CREATE TABLE identity_attestation (
    id           uuid PRIMARY KEY,
    record       uuid NOT NULL REFERENCES identity_record,
    number       integer NOT NULL CHECK (number > 0),
    digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
    attestation  bytea NOT NULL CHECK (octet_length(attestation) <= 1024),
    public_key   bytea NOT NULL REFERENCES signing_key,
    signature    bytea NOT NULL CHECK (octet_length(signature) <= 128),
    UNIQUE (record, number)
);
COMMENT ON COLUMN identity_attestation.id IS 'That of the request, whose digest shows when it is used for another';
COMMENT ON COLUMN identity_attestation.number IS 'From 1 within the record';

CREATE TRIGGER identity_record_is_not_changed
    BEFORE UPDATE ON identity_record EXECUTE FUNCTION refuse_change();
CREATE TRIGGER identity_attestation_is_not_changed
    BEFORE UPDATE ON identity_attestation EXECUTE FUNCTION refuse_change();

-- Keeps what was signed: the record unless it is there, and the attestation as the next of its number. the_newest: of this
-- seat's records, as far as the signer knew; or null. Null, or a code of the table of refusals: somebody else was faster, or
-- sits there now.
CREATE FUNCTION identity_attest(
    the_record uuid, the_hearing uuid, the_participant integer, the_person uuid, the_newest uuid, the_facts bytea,
    the_number integer, the_id uuid, the_digest bytea, the_attestation bytea, the_key bytea, the_signature bytea
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM hearing_participant
        WHERE hearing = the_hearing AND id = the_participant AND person = the_person FOR NO KEY UPDATE;
    IF NOT FOUND
        OR EXISTS (SELECT FROM identity_attestation WHERE id = the_id OR record = the_record AND number = the_number)
        OR the_newest IS DISTINCT FROM (SELECT id FROM identity_record
            WHERE hearing = the_hearing AND participant = the_participant ORDER BY made_at DESC, id DESC LIMIT 1)
    THEN
        RETURN 'identity_moved';
    END IF;
    INSERT INTO identity_record (id, hearing, participant, person, facts)
        VALUES (the_record, the_hearing, the_participant, the_person, the_facts) ON CONFLICT (id) DO NOTHING;
    INSERT INTO identity_attestation
        VALUES (the_id, the_record, the_number, the_digest, the_attestation, the_key, the_signature);
    RETURN NULL;
END $$;
