-- Whoever writes to the outbox wakes whoever sends it on, and pays for that only when the other sleeps: a NOTIFY in every
-- transaction lets one commit at a time. Who sleeps holds an advisory lock, which whoever writes tries to share until the
-- end of its transaction. So it is had only while nobody is writing, and who writes later finds it taken.

CREATE FUNCTION outbox_sleep() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    LISTEN outbox;
    RETURN pg_try_advisory_lock(hashtext('outbox_sleeps'));
END $$;
CREATE FUNCTION outbox_wake() RETURNS boolean LANGUAGE sql AS $$ SELECT pg_advisory_unlock(hashtext('outbox_sleeps')) $$;

CREATE OR REPLACE FUNCTION outbox_add(
    the_case uuid, the_hearing uuid, the_seq bigint, the_change uuid, the_op integer, the_kind text, the_payload bytea,
    the_context bytea, now_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    prev bytea := decode(repeat('00', 32), 'hex');
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(hashtext('outbox_sleeps')) THEN
        NOTIFY outbox;
    END IF;
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

-- What a row says is checked when it comes: nothing of it can be changed (outbox_is_append_only), so its hashes need not be
-- computed again with each update of how far it is.
ALTER TABLE outbox DROP CONSTRAINT outbox_hash, DROP CONSTRAINT outbox_payload_hash;
CREATE FUNCTION outbox_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING MESSAGE = 'the hashes are not those of the record';
END $$;
CREATE TRIGGER outbox_is_whole BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.payload_hash IS DISTINCT FROM sha256(NEW.payload)
          OR NEW.hash IS DISTINCT FROM exchange_hash(NEW.prev_hash, NEW.seq, NEW.change_id, NEW.op, NEW.schema_version,
                                                     NEW.recorded_ms, NEW.case_key, NEW.record_type, NEW.payload_hash,
                                                     NEW.context))
    EXECUTE FUNCTION outbox_refuse();
