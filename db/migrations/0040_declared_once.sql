-- A court asks its centre what is known of somebody: who at the court it was is in the log of both.

CREATE TABLE access_asker (
    access  bigint PRIMARY KEY REFERENCES access_log,
    asker   text NOT NULL CHECK (octet_length(asker) BETWEEN 1 AND 64)
);
CREATE TRIGGER access_asker_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access_asker EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE access_asker IS 'Who at the organisation asked, by its own name for them, as it says: of a court the account there';

DROP FUNCTION case_prefill(access_caller, bytea, bigint);
-- As before (its plan too), with who at an organisation asks.
CREATE FUNCTION case_prefill(c access_caller, the_person bytea, the_asker text, most bigint)
RETURNS TABLE (refusal text, source text, recorded_ms bigint, payload bytea) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    the_access bigint;
BEGIN
    refusal := access_refusal(access_types(c, 'case'), ARRAY['party']);
    IF refusal IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    the_access := access_note(c, 'case', 'Prefill', '{}', '{}', ARRAY[the_person]);
    INSERT INTO access_asker SELECT the_access, the_asker WHERE the_asker IS NOT NULL;
    RETURN QUERY
        SELECT NULL, p.source, coalesce(i.recorded_ms, o.recorded_ms) AS recorded, coalesce(i.payload, o.payload)
        FROM person_known(the_person) p
        LEFT JOIN inbox i ON i.source = p.source AND i.case_key = p.case_key AND i.seq = p.seq
        LEFT JOIN outbox o ON i.seq IS NULL AND o.target = '' AND o.case_key = p.case_key AND o.seq = p.seq
        WHERE access_reaches(c, p.source) ORDER BY recorded DESC, p.source, p.case_key, p.seq LIMIT most;
END $$;
