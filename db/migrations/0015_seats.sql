-- Who sits where, and who is kept from whose sight, before anybody comes.

-- One person, one seat, one site.
ALTER TABLE hearing_participant ADD CONSTRAINT hearing_participant_sits_once UNIQUE (hearing, person);

-- Two people before one camera see each other, and the court sees everybody.
CREATE FUNCTION pair_may_be_screened(the_hearing uuid, one integer, other integer) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT count(DISTINCT p.endpoint) = 2 AND NOT bool_or(EXISTS (
        SELECT FROM hearing_participant court WHERE court.hearing = p.hearing AND court.endpoint = p.endpoint
            AND court.role IN ('presiding_judge', 'panel_judge', 'lay_judge', 'clerk')))
    FROM hearing_participant p WHERE p.hearing = the_hearing AND p.id IN (one, other)
$$;

-- The pairs from the start, in place of those before; until the hearing is opened, which takes them into the record. Null, or a
-- code of the table of refusals.
CREATE FUNCTION hearing_set_screens(the_hearing uuid, protected integer[], others integer[], sounds boolean[])
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM hearing WHERE id = the_hearing AND cancelled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'hearing_unknown';
    ELSIF EXISTS (SELECT FROM hearing_event WHERE hearing = the_hearing) THEN
        RETURN 'screens_fixed';
    ELSIF EXISTS (SELECT FROM unnest(protected, others) AS pair (one, other)
                  WHERE NOT pair_may_be_screened(the_hearing, one, other)) THEN
        RETURN 'screens_unfit';
    END IF;
    DELETE FROM hearing_screen WHERE hearing = the_hearing;
    INSERT INTO hearing_screen
        SELECT the_hearing, one, other, bool_or(sound)
        FROM unnest(protected, others, sounds) AS pair (one, other, sound) GROUP BY one, other;
    RETURN NULL;
END $$;
