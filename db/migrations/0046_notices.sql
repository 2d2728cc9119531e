-- What other organisations have told this court of its cases, shown to its people, and who of them has taken note.

ALTER TABLE notice ADD id bigint GENERATED ALWAYS AS IDENTITY UNIQUE, ADD noted_at timestamptz, ADD noted_by uuid REFERENCES account,
    ADD CHECK ((noted_at IS NULL) = (noted_by IS NULL));
CREATE INDEX notice_open ON notice (id) WHERE noted_at IS NULL;
COMMENT ON COLUMN notice.noted_by IS 'Who of the court has taken note of it first';

CREATE FUNCTION staff_name(the_account uuid) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT p.full_name FROM account a JOIN person p ON p.id = a.person WHERE a.id = the_account
$$;

-- Notices, newest first: of one case (null: of the court), those below a number (null: from the newest), perhaps only those that nobody
-- has taken note of. One more than `most` says that there are more. Who asks is in the log with the cases they are of, by the
-- identifier where the court has no such case.
CREATE FUNCTION notice_list(c access_caller, the_case text, open_only boolean, before bigint, most bigint)
RETURNS TABLE (
    refusal text, id bigint, public_id text, case_key text, number text, sent_ms bigint, received_ms bigint, payload bytea,
    noted_ms bigint, noted_by text
) LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    found_in notice[];
BEGIN
    found_in := ARRAY(
        SELECT n FROM notice n
        WHERE (the_case IS NULL
               OR n.public_id = (SELECT f.public_id FROM case_file f WHERE f.source = c.organisation AND f.case_key = the_case))
          AND (n.noted_at IS NULL OR NOT open_only) AND (before IS NULL OR n.id < before)
        ORDER BY n.id DESC LIMIT most + 1);
    PERFORM access_note(c, 'case', 'Notices', array_agg(c.organisation), array_agg(coalesce(notice_case(c.organisation, told.public_id),
                                                                                            told.public_id)))
        FROM unnest(found_in[:most]) AS told;
    RETURN QUERY
        SELECT NULL, told.id, told.public_id, k.id::text, k.number, i.recorded_ms,
               (extract(epoch FROM told.received_at) * 1000)::bigint, i.payload,
               (extract(epoch FROM told.noted_at) * 1000)::bigint, staff_name(told.noted_by)
        FROM unnest(found_in) AS told
        JOIN inbox i USING (source, case_key, seq)
        LEFT JOIN court_case k ON k.id = notice_case(c.organisation, told.public_id)::uuid
        ORDER BY told.id DESC;
END $$;

-- The court's case that a notice is of; null: it has none of this identifier. A number is not unique: the newest then.
CREATE FUNCTION notice_case(the_court text, the_id text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT f.case_key FROM case_file f WHERE f.source = the_court AND f.public_id = the_id ORDER BY f.seq DESC, f.case_key LIMIT 1
$$;

-- Somebody of the court has taken note: who did first stands, and the same again is told.
CREATE FUNCTION notice_take(c access_caller, the_id bigint)
RETURNS TABLE (refusal text, noted_ms bigint, noted_by text) LANGUAGE plpgsql AS $$
DECLARE
    taken notice;
BEGIN
    SELECT * INTO taken FROM notice n WHERE n.id = the_id FOR UPDATE;
    IF NOT FOUND THEN
        refusal := 'notice_unknown';
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM access_note(c, 'case', 'TakeNotice', ARRAY[c.organisation],
                        ARRAY[coalesce(notice_case(c.organisation, taken.public_id), taken.public_id)]);
    IF taken.noted_at IS NULL THEN
        UPDATE notice n SET noted_at = now(), noted_by = c.account WHERE n.id = the_id RETURNING n.* INTO taken;
    END IF;
    noted_ms := (extract(epoch FROM taken.noted_at) * 1000)::bigint;
    noted_by := staff_name(taken.noted_by);
    RETURN NEXT;
END $$;

-- How many nobody has taken note of, up to `most`, and the number of the newest of all: a page that knows both knows whether there is
-- something new.
CREATE FUNCTION notice_totals(most bigint) RETURNS TABLE (open bigint, newest bigint) STABLE LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM notice WHERE noted_at IS NULL LIMIT most) AS counted),
           (SELECT coalesce(max(id), 0) FROM notice)
$$;
