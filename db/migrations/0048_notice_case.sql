-- A notice stays with its case when the identifier of that is corrected later.

ALTER TABLE notice ADD of_case text;
CREATE INDEX ON notice (of_case);
COMMENT ON COLUMN notice.of_case IS 'The one case of the court that had the identifier when the notice came; null: none had, or several';

-- The court's only case of an identifier; null: it has none, or several. Every case_file of a court's own database is its own.
CREATE FUNCTION notice_only_case(the_id text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT min(f.case_key) FROM case_file f
        WHERE f.source = (SELECT source FROM case_file LIMIT 1) AND f.public_id = the_id HAVING count(*) = 1
$$;

UPDATE notice SET of_case = notice_only_case(public_id);

-- As 0036 has it; a notice that is kept is told apart by its case from here on.
CREATE OR REPLACE FUNCTION exchange_heed(said held) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF said.record_type = 'case' THEN
        UPDATE case_file SET status = said.status WHERE source = said.source AND case_key = said.case_key;
    ELSIF said.record_type = 'rejection' THEN
        PERFORM outbox_reject('', said.case_key, said.about, said.reason);
    ELSIF said.record_type = 'notice' AND said.addressee IS NULL THEN
        INSERT INTO notice (source, case_key, seq, public_id, of_case)
            VALUES (said.source, said.case_key, said.seq, said.public_id, notice_only_case(said.public_id));
    ELSIF said.record_type = 'notice' THEN
        PERFORM outbox_tell(said.addressee, said.public_id, 'notice',
                            said.payload || pack_text(15, said.source) || pack_text(16, said.change_id::text));
    END IF;
END $$;

-- The case that a notice is of; null: the court has none of its identifier.
CREATE FUNCTION notice_about(the_court text, told notice) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT coalesce(told.of_case, notice_case(the_court, told.public_id))
$$;

-- Notices, newest first: of one case (null: of the court), those below a number (null: from the newest), perhaps only those that
-- nobody has taken note of. One more than `most` says that there are more. Who asks is in the log: for one case with that, whatever
-- is told of it; else with the cases they are of, by the identifier where the court has no such case.
CREATE OR REPLACE FUNCTION notice_list(c access_caller, the_case text, open_only boolean, before bigint, most bigint)
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
        WHERE (the_case IS NULL OR n.of_case = the_case
               OR n.of_case IS NULL
                  AND n.public_id = (SELECT f.public_id FROM case_file f WHERE f.source = c.organisation AND f.case_key = the_case))
          AND (n.noted_at IS NULL OR NOT open_only) AND (before IS NULL OR n.id < before)
        ORDER BY n.id DESC LIMIT most + 1);
    IF the_case IS NOT NULL THEN
        PERFORM access_note(c, 'case', 'Notices', ARRAY[c.organisation], ARRAY[the_case]);
    ELSE
        PERFORM access_note(c, 'case', 'Notices', array_agg(c.organisation),
                            array_agg(coalesce(notice_about(c.organisation, told), told.public_id)))
            FROM unnest(found_in[:most]) AS told;
    END IF;
    RETURN QUERY
        SELECT NULL, told.id, told.public_id, k.id::text, k.number, i.recorded_ms,
               (extract(epoch FROM told.received_at) * 1000)::bigint, i.payload,
               (extract(epoch FROM told.noted_at) * 1000)::bigint, staff_name(told.noted_by)
        FROM unnest(found_in) AS told
        JOIN inbox i USING (source, case_key, seq)
        LEFT JOIN court_case k ON k.id = coalesce(the_case, notice_about(c.organisation, told))::uuid
        ORDER BY told.id DESC;
END $$;

-- Somebody of the court has taken note: who did first stands, and the same again is told.
CREATE OR REPLACE FUNCTION notice_take(c access_caller, the_id bigint)
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
                        ARRAY[coalesce(notice_about(c.organisation, taken), taken.public_id)]);
    IF taken.noted_at IS NULL THEN
        UPDATE notice n SET noted_at = now(), noted_by = c.account WHERE n.id = the_id RETURNING n.* INTO taken;
    END IF;
    noted_ms := (extract(epoch FROM taken.noted_at) * 1000)::bigint;
    noted_by := staff_name(taken.noted_by);
    RETURN NEXT;
END $$;
