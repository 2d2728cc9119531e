-- Whoever can sign in to enter has no link at the desk, which others could use in their place.

-- A device of their own, in a room their companion, and an account they can enter by.
CREATE FUNCTION seat_is_entered_by_account(the_hearing uuid, the_participant integer) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM hearing_participant p
        JOIN hearing_endpoint e ON e.hearing = p.hearing AND e.id = p.endpoint
        JOIN account a ON a.person = p.person AND a.role IN ('clerk', 'judge') AND a.disabled_at IS NULL
        WHERE p.hearing = the_hearing AND p.id = the_participant AND (e.kind = 'personal' OR p.companion IS NOT NULL))
$$;

-- A link issued at the desk: for a hearing that can still be joined. By the_person it is somebody's own way in, with a companion to
-- that; else for the seat of another, of whom a room may be opened whoever they are, or for the gallery. One row: a code of the table of refusals, or the link.
DROP FUNCTION desk_link_issue(uuid, bytea, uuid, integer, boolean, text, integer, integer);
CREATE FUNCTION desk_link_issue(
    the_link uuid, the_hash bytea, the_hearing uuid, the_participant integer, to_companion boolean, the_kind text,
    uses integer, minutes integer, the_person uuid
) RETURNS TABLE (refusal text, link join_link) LANGUAGE plpgsql AS $$
DECLARE
    the_seat integer := the_participant;
    the_endpoint integer := 0;
    the_companion integer;
BEGIN
    IF the_person IS NOT NULL THEN
        SELECT coalesce(min(id), 0) INTO the_seat FROM hearing_participant
            WHERE hearing = the_hearing AND person = the_person;
    END IF;
    SELECT companion INTO the_companion FROM hearing_participant WHERE hearing = the_hearing AND id = the_seat;
    IF to_companion OR (the_person IS NOT NULL AND the_companion IS NOT NULL) THEN
        the_endpoint := the_companion;
    END IF;
    SELECT CASE WHEN cancelled_at IS NOT NULL THEN 'hearing_cancelled'
                WHEN course.status IN ('closed', 'adjourned') THEN 'wrong_status'
                WHEN the_person IS NULL AND to_companion = (the_companion IS NOT NULL)
                     AND seat_is_entered_by_account(the_hearing, the_seat)
                    THEN 'link_of_account' END
        INTO refusal FROM hearing JOIN hearing_course course ON course.hearing = id WHERE id = the_hearing;
    IF NOT FOUND THEN
        refusal := 'hearing_unknown';
    END IF;
    IF refusal IS NULL THEN
        SELECT * INTO link FROM link_issue(the_link, the_hash, the_hearing, the_seat, the_endpoint, the_kind, uses, minutes);
        IF NOT FOUND THEN
            refusal := CASE WHEN EXISTS (SELECT FROM join_link WHERE id = the_link) THEN 'command_id_reused'
                            ELSE 'participant_unknown' END;
        END IF;
    END IF;
    RETURN NEXT;
END $$;
