-- A case whose file is retracted is found no more. What was known of it, and until when, is in its history.

-- The card goes when nothing is known any more of the file it is of, a retraction of some time of which leaves the rest.
CREATE FUNCTION case_file_retract(the_source text, the_case text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM case_file f WHERE f.source = the_source AND f.case_key = the_case AND NOT EXISTS (
        SELECT FROM case_record r WHERE r.source = the_source AND r.case_key = the_case AND r.kind = 'case_file'
                                    AND upper_inf(r.known))
$$;

-- A record takes its place in its case. said: the record whose words hold there, itself or its correction; without one
-- nothing holds. What was said in the place of another before does not hold twice.
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
        said := NULL;
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

-- The way a record is written at its court. valid: null bounds are now and without end, for a retraction all time. The
-- identifier and the status are those of a case_file that holds. Gives the record's number.
CREATE OR REPLACE FUNCTION case_write(
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
    IF the_kind = 'case_file' AND the_op = 3 THEN
        PERFORM case_file_retract(the_source, the_case::text);
    ELSIF the_id IS NOT NULL THEN
        PERFORM case_file_put(the_source, the_case::text, the_id, new_status, the_seq);
    END IF;
    RETURN the_seq;
END $$;

DELETE FROM case_file f WHERE NOT EXISTS (
    SELECT FROM case_record r WHERE r.source = f.source AND r.case_key = f.case_key AND r.kind = 'case_file'
                                AND upper_inf(r.known));
