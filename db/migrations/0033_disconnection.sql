-- A court that its operator has taken off the line to the centre for a while. Until that is over its daemon calls the centre with
-- nothing, and what is written waits in the outbox.

CREATE TABLE disconnection (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    began_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    until     timestamptz NOT NULL CHECK (until > began_at),
    who       text NOT NULL CHECK (who <> '' AND length(who) <= 32),
    why       text NOT NULL CHECK (why <> '' AND length(why) <= 200),
    ended_at  timestamptz,
    ended_by  text CHECK (length(ended_by) <= 32),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
COMMENT ON COLUMN disconnection.ended_at IS 'Before its time, by somebody; null: it ends, or has ended, by itself';

-- The one that holds, if any; one at most.
CREATE FUNCTION disconnection_now() RETURNS SETOF disconnection STABLE LANGUAGE sql AS $$
    SELECT * FROM disconnection WHERE ended_at IS NULL AND until > clock_timestamp() ORDER BY number DESC LIMIT 1
$$;

-- Ends it. False: none held.
CREATE FUNCTION exchange_connect(the_who text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE disconnection IN SHARE ROW EXCLUSIVE MODE;
    UPDATE disconnection SET ended_at = clock_timestamp(), ended_by = the_who
        WHERE ended_at IS NULL AND until > clock_timestamp();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    NOTIFY exchange_line;
    RETURN true;
END $$;

-- From now on, for so long; one that holds gives way to it. When it ends by itself.
CREATE FUNCTION exchange_disconnect(the_seconds bigint, the_who text, the_why text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    the_end timestamptz;
BEGIN
    PERFORM exchange_connect(the_who);
    INSERT INTO disconnection (until, who, why)
        VALUES (clock_timestamp() + make_interval(secs => the_seconds), the_who, the_why) RETURNING until INTO the_end;
    NOTIFY exchange_line;
    RETURN the_end;
END $$;
