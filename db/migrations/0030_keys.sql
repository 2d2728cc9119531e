-- An organisation may have several keys at one time, so that a certificate is renewed before the one before it ends; each is
-- good until its certificate ends or it is revoked. None is forgotten: what was signed with it can be checked for as long as there
-- is a record of it.

CREATE TABLE organisation_key (
    spki          bytea PRIMARY KEY CHECK (octet_length(spki) = 32),
    organisation  text NOT NULL REFERENCES organisation ON DELETE CASCADE,
    public_key    bytea CHECK (sha256(public_key) = spki),
    admitted_at   timestamptz NOT NULL DEFAULT now(),
    ends_at       timestamptz,
    revoked_at    timestamptz,
    revoked_why   text CHECK (length(revoked_why) <= 200)
);
CREATE INDEX ON organisation_key (organisation);
COMMENT ON COLUMN organisation_key.public_key IS 'SubjectPublicKeyInfo; null for keys from before this table';
COMMENT ON COLUMN organisation_key.ends_at IS 'When the certificate ends; null: as its own words say';

INSERT INTO organisation_key (spki, organisation) SELECT spki, code FROM organisation;

-- Whoever gives an organisation a key by its row gives it one more.
CREATE FUNCTION organisation_key_is_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organisation_key (spki, organisation) VALUES (NEW.spki, NEW.code) ON CONFLICT (spki) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER organisation_key_is_known
    AFTER INSERT OR UPDATE OF spki ON organisation FOR EACH ROW EXECUTE FUNCTION organisation_key_is_known();
ALTER TABLE organisation ENABLE ALWAYS TRIGGER organisation_key_is_known;

-- The key that stands for an organisation, when it may come with this one; null otherwise.
CREATE FUNCTION organisation_spki(the_code text, the_spki bytea) RETURNS bytea STABLE LANGUAGE sql AS $$
    SELECT o.spki FROM organisation_key k JOIN organisation o ON o.code = k.organisation
    WHERE k.spki = the_spki AND k.organisation = the_code AND k.revoked_at IS NULL AND (k.ends_at IS NULL OR k.ends_at > now())
$$;

-- A code of the table of refusals, or null when there is nothing against the key.
CREATE FUNCTION organisation_refusal(the_code text, the_spki bytea) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT 'certificate_revoked' FROM organisation_key
    WHERE spki = the_spki AND organisation = the_code AND revoked_at IS NOT NULL
$$;

-- A key more for an organisation, which is known from now on; alone: none but this one. No kind: as before, or a court.
CREATE FUNCTION organisation_admit(the_code text, the_kind text, the_key bytea, the_end bigint, alone boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_spki bytea := sha256(the_key);
BEGIN
    PERFORM FROM organisation_key WHERE spki = the_spki AND (organisation <> the_code OR revoked_at IS NOT NULL);
    IF FOUND THEN
        RAISE EXCEPTION 'this key was revoked, or is another organisation''s';
    END IF;
    INSERT INTO organisation AS known (code, spki, kind) VALUES (the_code, the_spki, coalesce(the_kind, 'court'))
        ON CONFLICT (code) DO UPDATE
        SET spki = the_spki, kind = coalesce(the_kind, known.kind), withdrawn_at = NULL;
    UPDATE organisation_key SET public_key = the_key, ends_at = to_timestamp(the_end) WHERE spki = the_spki;
    IF alone THEN
        UPDATE organisation_key SET revoked_at = now(), revoked_why = 'replaced'
            WHERE organisation = the_code AND spki <> the_spki AND revoked_at IS NULL;
    END IF;
END $$;
