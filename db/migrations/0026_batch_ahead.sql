-- A backlog goes faster: the next batch is taken while one is on its way, and a row of the outbox says how far it is beside
-- itself, in a page that has room for it.

ALTER TABLE outbox SET (fillfactor = 50);
DROP INDEX outbox_hearing_idx;
CREATE INDEX outbox_hearing ON outbox (hearing) WHERE hearing IS NOT NULL;

-- As before; the batches up to the_sent are on their way (0: none), and what follows them is wanted.
DROP FUNCTION outbox_take(text, bigint, integer, bigint);
CREATE FUNCTION outbox_take(the_target text, the_cursor bigint, the_sent bigint, most_records integer, most_bytes bigint)
RETURNS SETOF outbox LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    the_batch bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox_take'), hashtext(the_target));
    SELECT greatest(least(the_cursor, coalesce(max(batch_no), 0)), the_sent) + 1 INTO wanted
        FROM sent_batch WHERE target = the_target;
    SELECT min(batch_no) INTO the_batch FROM outbox WHERE target = the_target AND batch_no >= wanted;
    IF the_batch IS NULL THEN
        SELECT greatest(wanted, max(batch_no) + 1) INTO the_batch FROM outbox WHERE target = the_target;
        UPDATE outbox SET batch_no = the_batch WHERE number IN (
            SELECT number FROM (
                SELECT number, sum(octet_length(payload) + 512) OVER (ORDER BY number) AS bytes FROM (
                    SELECT number, payload FROM outbox WHERE target = the_target AND batch_no IS NULL
                        ORDER BY number LIMIT most_records
                ) AS waiting
            ) AS sized WHERE bytes <= most_bytes);
    END IF;
    RETURN QUERY SELECT * FROM outbox WHERE target = the_target AND batch_no = the_batch ORDER BY number;
END $$;

-- A plan of a batch that was kept from when the tables were empty reads all of what there is by now. It is made for each batch;
-- that of a single record is kept, and looks by the index alone.
ALTER FUNCTION exchange_apply_plain(
    text, uuid, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[], bytea[], bytea[], bytea[], uuid[],
    bigint[], bigint[], text[], text[], text[]) SET plan_cache_mode = force_custom_plan;
ALTER FUNCTION case_put(text, text, text, uuid, bigint, uuid, integer, tstzrange) SET enable_seqscan = off;
ALTER FUNCTION case_put(text, text, text, uuid, bigint, uuid, integer, tstzrange) SET enable_bitmapscan = off;
