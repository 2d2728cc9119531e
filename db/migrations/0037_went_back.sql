-- A court whose database went back by other tools than `assize restore` finds it out by itself: the centre has a batch that is not
-- even begun here. It waits to take back what it sent, as one that was restored.

-- The batch to send next to a receiver that has taken all up to its cursor, those up to the_sent being on their way (0: none):
-- the first it has not, or whose answer is not here; else what waits becomes one. One caller at a time, so that batches keep
-- their order. Once for each record, with the root that its batch is to name.
CREATE OR REPLACE FUNCTION outbox_take(the_target text, the_cursor bigint, the_sent bigint, most_records integer, most_bytes bigint)
RETURNS TABLE (
    batch_no bigint, change_id uuid, case_key text, seq bigint, prev_hash bytea, op integer, record_type text,
    schema_version integer, recorded_ms bigint, payload bytea, payload_hash bytea, hash bytea, context bytea, prev_root bytea,
    kept bytea
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
    wanted bigint;
    the_batch bigint;
    taken int8multirange;
BEGIN
    IF the_target = '' AND outbox_restored() IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('outbox_take'), hashtext(the_target));
    IF the_target = '' AND the_cursor > (SELECT coalesce(max(b.batch_no), 0) FROM outbox_batch b WHERE b.target = '') THEN
        INSERT INTO restored (last_batch)
            SELECT coalesce(max(b.batch_no), 0) FROM outbox_batch b WHERE b.target = '' AND b.root IS NOT NULL;
        RETURN;
    END IF;
    SELECT greatest(least(the_cursor, coalesce(max(b.batch_no), 0)), the_sent) + 1 INTO wanted
        FROM outbox_batch b WHERE b.target = the_target AND b.root IS NOT NULL;
    SELECT b.batch_no, b.numbers INTO the_batch, taken FROM outbox_batch b
        WHERE b.target = the_target AND b.batch_no >= wanted ORDER BY b.batch_no LIMIT 1;
    IF NOT FOUND THEN
        WITH gone AS (
            DELETE FROM outbox_waiting w USING (
                SELECT one.number FROM (
                    SELECT q.number, sum(q.bytes) OVER (ORDER BY q.number) AS bytes FROM (
                        SELECT number, bytes FROM outbox_waiting WHERE target = the_target ORDER BY number LIMIT most_records
                    ) AS q
                ) AS one WHERE one.bytes <= most_bytes
            ) AS next WHERE w.target = the_target AND w.number = next.number RETURNING w.number
        ) SELECT range_agg(int8range(number, number, '[]')) INTO taken FROM gone;
        IF taken IS NULL THEN
            RETURN;
        END IF;
        SELECT greatest(wanted, coalesce(max(b.batch_no), 0) + 1) INTO the_batch FROM outbox_batch b WHERE b.target = the_target;
        INSERT INTO outbox_batch (target, batch_no, numbers) VALUES (the_target, the_batch, taken);
    END IF;
    RETURN QUERY
        SELECT the_batch, o.change_id, o.case_key, o.seq, o.prev_hash, o.op, o.record_type, o.schema_version, o.recorded_ms,
               o.payload, o.payload_hash, o.hash, o.context,
               (SELECT b.root FROM outbox_batch b WHERE b.target = the_target AND b.batch_no = the_batch - 1), o.kept
        FROM unnest(taken) AS part
        CROSS JOIN LATERAL (SELECT * FROM outbox WHERE number >= lower(part) AND number < upper(part) OFFSET 0) AS o
        ORDER BY o.number;
END $$;
