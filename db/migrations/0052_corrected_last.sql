-- A correction that waited with others of the same thing has the last word at the centre, as it has at its court.

-- It stands in the place of what was rejected, so that what waits behind that goes on, and some of this may say the same thing anew
-- or retract it. Then the correction takes effect once more in its own turn: at its court it was written after them. A
-- retraction, in whose place nothing holds, takes effect in its own turn as any other.

-- A record takes its place in its case. said: the record whose words hold there, itself or its correction; without one
-- nothing holds. What was said in the place of another before, and holds as it was said, is not said twice.
CREATE OR REPLACE FUNCTION exchange_settle(r held, said held, corrected bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO inbox VALUES (r.source, r.case_key, r.seq, r.prev_hash, r.change_id, r.op, r.record_type, r.schema_version,
                              r.recorded_ms, r.payload, r.context, r.hash, r.receipt, corrected, r.kept);
    IF corrected IS NULL THEN
        PERFORM source_count(r.source, 1, 0, 0, greatest(0, now_ms - r.recorded_ms), r.recorded_ms);
    END IF;
    IF r.corrects IS NOT NULL AND EXISTS (SELECT FROM inbox WHERE source = r.source AND case_key = r.case_key
                                          AND corrected_by = r.seq) THEN
        IF said.entity IS NULL OR EXISTS (
            SELECT FROM case_record WHERE source = said.source AND case_key = said.case_key AND entity = said.entity
                AND seq = said.seq AND upper(known) IS NULL
                AND valid = case_span(said.op, said.valid_from_ms, said.valid_to_ms, said.recorded_ms)) THEN
            said := NULL;
        ELSIF said.op = 2 THEN
            said.person := NULL; -- named already, with the same number
        END IF;
    END IF;
    INSERT INTO case_head AS head VALUES (r.source, r.case_key, r.seq, r.hash, coalesce(said.status, 'received'), NULL)
        ON CONFLICT (source, case_key)
        DO UPDATE SET seq = r.seq, hash = r.hash, status = coalesce(said.status, head.status), stuck = NULL;
    IF said.op = 4 THEN
        PERFORM change_redact(said.source, said.case_key, said.about, said.payload, said.seq, said.recorded_ms, said.reason);
    ELSIF said.entity IS NOT NULL THEN
        PERFORM case_put(said.source, said.case_key, said.record_type, said.entity, said.seq, said.change_id, said.op,
                         case_span(said.op, said.valid_from_ms, said.valid_to_ms, said.recorded_ms));
        PERFORM person_name(said.source, said.case_key, said.seq, said.entity, said.person);
        IF said.record_type = 'case_file' AND said.op = 3 THEN
            PERFORM case_file_retract(said.source, said.case_key);
        ELSIF said.public_id IS NOT NULL THEN
            PERFORM case_file_put(said.source, said.case_key, said.public_id, said.status, said.seq);
        END IF;
    ELSIF said.op <> 3 THEN
        PERFORM exchange_heed(said);
    END IF;
END $$;
