-- A correction makes the line of what waits for one shorter, and was refused for that.

-- Of one statement: so many records took effect, so many were rejected, as much longer is the line of those that wait. A row that is
-- only proposed is checked as well, so what makes the line shorter proposes none.
CREATE OR REPLACE FUNCTION source_count(
    the_source text, more bigint, more_rejected bigint, more_waiting bigint, the_lag bigint, newest bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO source_progress AS p VALUES (the_source, more, greatest(more_waiting, 0), the_lag, newest, now_ms)
        ON CONFLICT (source) DO UPDATE SET records = p.records + more, rejected = p.rejected + more_waiting,
            lag_ms = coalesce(the_lag, p.lag_ms), newest_ms = greatest(p.newest_ms, newest), received_ms = now_ms;
    UPDATE source_minute SET records = records + more, rejected = rejected + more_rejected, lag_ms = greatest(lag_ms, the_lag)
        WHERE source = the_source AND minute = now_ms / 60000;
    IF NOT FOUND THEN
        INSERT INTO source_minute VALUES (the_source, now_ms / 60000, more, more_rejected, the_lag);
        DELETE FROM source_minute WHERE source = the_source AND minute < now_ms / 60000 - 1440;
    END IF;
END $$;
