-- A thing that was said again and again is said once more without a look at all that was said before.

-- As before. What is known of a thing now lies side by side in time, so of what begins before the_valid only the last can reach into
-- it: found by the index, as is what begins later. And nothing is known before what its source was last known to say.
CREATE OR REPLACE FUNCTION case_put(
    the_source text, the_case text, the_kind text, the_entity uuid, the_seq bigint, the_change uuid, the_op integer,
    the_valid tstzrange
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
SET enable_bitmapscan = off AS $$
DECLARE
    begins timestamptz := coalesce((
        SELECT lower(valid) FROM case_record
            WHERE source = the_source AND case_key = the_case AND entity = the_entity AND lower(valid) <= lower(the_valid)
              AND upper(known) IS NULL ORDER BY lower(valid) DESC LIMIT 1), '-infinity');
    moment timestamptz;
    latest timestamptz;
BEGIN
    SELECT max(lower(known)) INTO latest FROM case_record
        WHERE source = the_source AND case_key = the_case AND entity = the_entity AND lower(valid) >= begins
          AND upper(known) IS NULL AND valid && the_valid;
    moment := greatest(clock_timestamp(), latest + interval '1 microsecond',
                       (SELECT o.moment FROM organisation o WHERE o.code = the_source));
    IF latest IS NOT NULL THEN
        WITH closed AS (
            UPDATE case_record SET known = tstzrange(lower(known), moment)
                WHERE source = the_source AND case_key = the_case AND entity = the_entity AND lower(valid) >= begins
                  AND upper(known) IS NULL AND valid && the_valid
                RETURNING *
        )
        INSERT INTO case_record
            SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
            FROM closed, case_outside(valid, the_valid) AS rest;
    END IF;
    IF the_op <> 3 THEN
        INSERT INTO case_record VALUES (the_source, the_case, the_kind, the_entity, the_seq, the_change, the_valid,
                                        tstzrange(moment, NULL));
    END IF;
END $$;

-- ---- cases that are due ----

ALTER TABLE case_due ADD not_before timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN case_due.not_before IS 'It failed: the others go on meanwhile';

-- The case that is due the longest goes on by as many records as there is room for. What is due after it, and for whom the outbox
-- has more from now on. A case that fails waits for a minute, and is told with what the database says of it.
DROP FUNCTION exchange_go_on_due(integer);
CREATE FUNCTION exchange_go_on_due(the_most integer) RETURNS TABLE (told text, due boolean, failed text)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off
SET enable_bitmapscan = off AS $$
DECLARE
    next case_due;
    mark bigint := outbox_last();
BEGIN
    SELECT * INTO next FROM case_due WHERE not_before <= now() ORDER BY number LIMIT 1;
    IF FOUND THEN
        PERFORM FROM organisation WHERE code = next.source FOR NO KEY UPDATE;
        BEGIN
            DELETE FROM case_due WHERE number = next.number;
            PERFORM exchange_go_on(next.source, next.case_key, NULL, the_most);
        EXCEPTION WHEN OTHERS THEN
            failed := concat_ws(' ', next.source, next.case_key, SQLSTATE);
            UPDATE case_due SET not_before = now() + interval '1 minute' WHERE number = next.number;
        END;
        UPDATE organisation
            SET moment = greatest(moment, clock_timestamp()) + the_most * interval '1 microsecond' WHERE code = next.source;
    END IF;
    RETURN QUERY SELECT outbox_told(mark), EXISTS (SELECT FROM case_due WHERE not_before <= now()), failed;
END $$;
