-- A clerk adds a party to a case of the court.

-- The party and its way to the centre, in one transaction with who wrote it in the log. Of a change that is there already, the same
-- again is its number. beside: also when somebody of this number is a party of the case.
CREATE FUNCTION party_add(
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
