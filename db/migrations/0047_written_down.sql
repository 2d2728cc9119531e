-- Who is told anything of a case or a person is in the log with it.

-- The party and its way to the centre, in one transaction with who wrote it in the log. Of a change that is there already, the same
-- again is its number. beside: also when somebody of this number is a party of the case;
-- that somebody is, is told behind a line of the log.
CREATE OR REPLACE FUNCTION party_add(
    c access_caller, the_case uuid, the_change uuid, the_payload bytea, the_name text, the_person bytea, beside boolean
) RETURNS TABLE (refusal text, seq bigint) LANGUAGE plpgsql AS $$
DECLARE
    known outbox;
    number bytea := substr(the_person, 1, 32);
BEGIN
    PERFORM FROM court_case WHERE id = the_case FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        refusal := 'case_unknown';
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO known FROM outbox o WHERE o.change_id = the_change;
    IF FOUND THEN
        IF known.case_key = the_case::text AND known.target = '' AND known.payload_hash = sha256(the_payload) THEN
            seq := known.seq;
        ELSE
            refusal := 'command_id_reused';
        END IF;
    ELSIF NOT beside AND EXISTS (
        SELECT FROM person_known(number) p WHERE p.source = c.organisation AND p.case_key = the_case::text) THEN
        PERFORM access_note(c, 'case', 'AddParty', ARRAY[c.organisation], ARRAY[the_case::text], ARRAY[number]);
        refusal := 'party_already';
    ELSE
        PERFORM access_note(c, 'case', 'AddParty', ARRAY[c.organisation], ARRAY[the_case::text],
                            array_remove(ARRAY[number], NULL));
        seq := case_write(c.organisation, the_case, the_change, 1, 'party', the_change, NULL, NULL, the_payload, '', NULL, NULL,
                          the_person);
        PERFORM party_named(c.organisation, the_case::text, the_change, the_change, the_name);
    END IF;
    RETURN NEXT;
END $$;

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
        WHERE (the_case IS NULL
               OR n.public_id = (SELECT f.public_id FROM case_file f WHERE f.source = c.organisation AND f.case_key = the_case))
          AND (n.noted_at IS NULL OR NOT open_only) AND (before IS NULL OR n.id < before)
        ORDER BY n.id DESC LIMIT most + 1);
    IF the_case IS NOT NULL THEN
        PERFORM access_note(c, 'case', 'Notices', ARRAY[c.organisation], ARRAY[the_case]);
    ELSE
        PERFORM access_note(c, 'case', 'Notices', array_agg(c.organisation),
                            array_agg(coalesce(notice_case(c.organisation, told.public_id), told.public_id)))
            FROM unnest(found_in[:most]) AS told;
    END IF;
    RETURN QUERY
        SELECT NULL, told.id, told.public_id, k.id::text, k.number, i.recorded_ms,
               (extract(epoch FROM told.received_at) * 1000)::bigint, i.payload,
               (extract(epoch FROM told.noted_at) * 1000)::bigint, staff_name(told.noted_by)
        FROM unnest(found_in) AS told
        JOIN inbox i USING (source, case_key, seq)
        LEFT JOIN court_case k ON k.id = coalesce(the_case, notice_case(c.organisation, told.public_id))::uuid
        ORDER BY told.id DESC;
END $$;

-- As 0031 has it for all that reads cases.
ALTER FUNCTION access_who(access_caller, bytea, text, text, bigint, bigint) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION access_who(access_caller, bytea, text, text, bigint, bigint) SET enable_seqscan = off;
ALTER FUNCTION access_who(access_caller, bytea, text, text, bigint, bigint) SET enable_bitmapscan = off;
