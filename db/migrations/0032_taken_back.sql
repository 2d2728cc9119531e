-- A court that goes on from a backup may have sent records since that it does not have any more. Until it has them back, nothing
-- of it is sent: the next record of a case would get a number that was given before, and say something else under it.

CREATE TABLE restored (
    number         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT now(),
    last_batch     bigint NOT NULL,
    taken_back_at  timestamptz
);
COMMENT ON COLUMN restored.last_batch IS 'Up to it the backup has the answers of the centre';

-- The last batch that is sure, while what was sent after it is still to be taken back; else null.
CREATE FUNCTION outbox_restored() RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT min(last_batch) FROM restored WHERE taken_back_at IS NULL
$$;
