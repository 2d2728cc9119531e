-- What a centre knows of each source at a glance. Counted as records take effect, so that looking costs nothing however many
-- there are; a statement of a whole batch counts once.

ALTER TABLE organisation ADD kind text NOT NULL DEFAULT 'court' CHECK (kind IN ('court', 'agency'));

CREATE TABLE source_progress (
    source       text PRIMARY KEY REFERENCES organisation,
    records      bigint NOT NULL DEFAULT 0,
    rejected     bigint NOT NULL DEFAULT 0 CHECK (rejected >= 0),
    lag_ms       bigint,
    newest_ms    bigint,
    received_ms  bigint
) WITH (fillfactor = 50);
COMMENT ON COLUMN source_progress.records IS 'In effect, without those in whose place another stands';
COMMENT ON COLUMN source_progress.rejected IS 'Waiting for a correction';
COMMENT ON COLUMN source_progress.lag_ms IS 'Of what took effect last: the longest time since a record was written at its source';
COMMENT ON COLUMN source_progress.newest_ms IS 'When the newest of its records was written, by the clock of the source';

-- A day of minutes, to be drawn.
CREATE TABLE source_minute (
    source    text NOT NULL,
    minute    bigint NOT NULL,
    records   bigint NOT NULL DEFAULT 0,
    rejected  bigint NOT NULL DEFAULT 0,
    lag_ms    bigint,
    PRIMARY KEY (source, minute)
) WITH (fillfactor = 50);
CREATE INDEX ON source_minute (minute);
COMMENT ON COLUMN source_minute.minute IS 'Since 1970';

-- Of one statement: so many records took effect, so many were rejected, as much longer is the line of those that wait.
CREATE FUNCTION source_count(
    the_source text, more bigint, more_rejected bigint, more_waiting bigint, the_lag bigint, newest bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO source_progress AS p VALUES (the_source, more, more_waiting, the_lag, newest, now_ms)
        ON CONFLICT (source) DO UPDATE SET records = p.records + more, rejected = p.rejected + more_waiting,
            lag_ms = coalesce(the_lag, p.lag_ms), newest_ms = greatest(p.newest_ms, newest), received_ms = now_ms;
    UPDATE source_minute SET records = records + more, rejected = rejected + more_rejected, lag_ms = greatest(lag_ms, the_lag)
        WHERE source = the_source AND minute = now_ms / 60000;
    IF NOT FOUND THEN
        INSERT INTO source_minute VALUES (the_source, now_ms / 60000, more, more_rejected, the_lag);
        DELETE FROM source_minute WHERE source = the_source AND minute < now_ms / 60000 - 1440;
    END IF;
END $$;

CREATE FUNCTION source_took() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM source_count(t.source, t.records, 0, 0, t.lag, t.newest)
        FROM (SELECT source, count(*) AS records, max(recorded_ms) AS newest,
                     greatest(0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - min(recorded_ms)) AS lag
              FROM taken WHERE corrected_by IS NULL GROUP BY source) AS t;
    RETURN NULL;
END $$;
CREATE TRIGGER inbox_is_counted AFTER INSERT ON inbox REFERENCING NEW TABLE AS taken
    FOR EACH STATEMENT EXECUTE FUNCTION source_took();

-- Two records under one number are no matter of correction: the source is flagged for them.
CREATE FUNCTION source_rejected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM source_count(NEW.source, 0, 1, (NEW.reason <> 'equivocation')::int, NULL, NULL);
    ELSIF OLD.corrected_by IS NULL AND NEW.corrected_by IS NOT NULL AND NEW.reason <> 'equivocation' THEN
        PERFORM source_count(NEW.source, 0, 0, -1, NULL, NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rejection_is_counted AFTER INSERT OR UPDATE OF corrected_by ON rejection
    FOR EACH ROW EXECUTE FUNCTION source_rejected();

-- What was there before anybody counted.
INSERT INTO source_progress
    SELECT o.code, coalesce(i.records, 0), coalesce(r.rejected, 0), NULL, i.newest, c.received_ms
    FROM organisation o
    LEFT JOIN (SELECT source, count(*) AS records, max(recorded_ms) AS newest FROM inbox WHERE corrected_by IS NULL
               GROUP BY source) AS i ON i.source = o.code
    LEFT JOIN (SELECT source, count(*) AS rejected FROM rejection WHERE corrected_by IS NULL AND reason <> 'equivocation'
               GROUP BY source) AS r ON r.source = o.code
    LEFT JOIN (SELECT source, max(received_ms) AS received_ms FROM receipt GROUP BY source) AS c ON c.source = o.code
    WHERE c.received_ms IS NOT NULL;
