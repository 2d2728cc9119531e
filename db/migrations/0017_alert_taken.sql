-- Whoever takes an alert on a screen that does not show yet that somebody has it takes it from nobody: taking over is asked for.

DROP FUNCTION alert_take(uuid, uuid, boolean);
CREATE FUNCTION alert_take(the_alert uuid, the_account uuid, release boolean, from_another boolean)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    it alert;
BEGIN
    SELECT * INTO it FROM alert WHERE id = the_alert FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'alert_unknown';
    ELSIF it.done_at IS NOT NULL THEN
        RETURN 'alert_done';
    ELSIF it.taken_by <> the_account AND (release OR NOT from_another) THEN
        RETURN CASE WHEN release THEN 'alert_of_another' ELSE 'alert_taken' END;
    ELSIF release THEN
        UPDATE alert SET taken_by = NULL, taken_at = NULL WHERE id = the_alert;
    ELSIF it.taken_by IS DISTINCT FROM the_account THEN
        UPDATE alert SET taken_by = the_account, taken_at = now() WHERE id = the_alert;
    END IF;
    RETURN NULL;
END $$;
