
-- What a batch changes is looked for one by one, and then changed at its place. As a join it was for the planner to choose, and
-- where the tables had been analyzed while they were empty it chose to walk over all of the source for each record: 0.6 ms a
-- record after 20,000, and 3 s a batch soon after.

-- Ends at these places (all of a source is in one partition) what was known of each for the time that is said anew; what is
-- outside of that goes on. By place only, whatever the planner takes the tables for.
CREATE FUNCTION case_close(the_source text, moment timestamptz, olds tid[], anew tstzrange[])
RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_indexscan = off
SET enable_indexonlyscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    WITH closed AS (
        UPDATE case_record old SET known = tstzrange(lower(old.known), moment)
            FROM unnest(olds, anew) AS at (place, valid)
            WHERE old.source = the_source AND old.ctid = at.place
            RETURNING old.*, at.valid AS taken
    )
    INSERT INTO case_record
        SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
        FROM closed, case_outside(valid, taken) AS rest;
END $$;

-- As before, but for that.
CREATE OR REPLACE FUNCTION exchange_apply_plain(
    the_source text, moment timestamptz, odd boolean[], cases text[], lasts bigint[], ends bytea[], standing text[],
    places integer[], keys text[], seqs bigint[], change_ids uuid[], ops integer[], kinds text[], times bigint[],
    entities uuid[], again integer[], froms bigint[], tos bigint[], ids text[], statuses text[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
    olds tid[];
    anew tstzrange[];
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    r record;
BEGIN
    INSERT INTO case_head AS head
        SELECT the_source, c.key, c.seq, c.hash, coalesce(c.status, ''), NULL
        FROM unnest(odd, cases, lasts, ends, standing) AS c (odd, key, seq, hash, status) WHERE NOT c.odd
        ON CONFLICT (source, case_key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            status = coalesce(nullif(excluded.status, ''), head.status);
    SELECT array_agg(old.place), array_agg(s.valid) INTO olds, anew
        FROM (
            SELECT a.key, a.entity, case_span(a.op, a.valid_from, a.valid_to, a.at) AS valid
            FROM unnest(places, keys, ops, times, entities, again, froms, tos)
                 AS a (place, key, op, at, entity, again, valid_from, valid_to)
            WHERE a.entity IS NOT NULL AND a.again = 0 AND NOT odd[a.place]
        ) AS s, LATERAL (
            SELECT ctid AS place FROM case_record
            WHERE source = the_source AND case_key = s.key AND entity = s.entity AND upper_inf(known) AND valid && s.valid
            OFFSET 0
        ) AS old;
    IF olds IS NOT NULL THEN
        PERFORM case_close(the_source, moment, olds, anew);
    END IF;
    INSERT INTO case_record
        SELECT the_source, a.key, a.kind, a.entity, a.seq, a.change, case_span(a.op, a.valid_from, a.valid_to, a.at),
               tstzrange(moment, NULL)
        FROM unnest(places, keys, seqs, change_ids, ops, kinds, times, entities, again, froms, tos)
             AS a (place, key, seq, change, op, kind, at, entity, again, valid_from, valid_to)
        WHERE a.entity IS NOT NULL AND a.again = 0 AND a.op <> 3 AND NOT odd[a.place];
    IF 1 = ANY (again) THEN
        FOR r IN
            SELECT a.* FROM unnest(places, keys, seqs, change_ids, ops, kinds, times, entities, again, froms, tos)
                 WITH ORDINALITY AS a (place, key, seq, change, op, kind, at, entity, again, valid_from, valid_to, turn)
            WHERE a.again = 1 AND NOT odd[a.place] ORDER BY a.turn
        LOOP
            PERFORM case_put(the_source, r.key, r.kind, r.entity, r.seq, r.change, r.op,
                             case_span(r.op, r.valid_from, r.valid_to, r.at));
        END LOOP;
    END IF;
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(places, keys, seqs, ops, ids, statuses) AS a (place, key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND NOT odd[a.place] ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
    IF 'case' = ANY (kinds) THEN
        FOR r IN SELECT * FROM unnest(odd, cases, standing) AS c (odd, key, status) WHERE NOT c.odd LOOP
            UPDATE case_file SET status = r.status WHERE source = the_source AND case_key = r.key AND status <> r.status;
        END LOOP;
    END IF;
    PERFORM source_count(the_source, count(*), 0, 0, greatest(0, now_ms - min(a.at)), max(a.at))
        FROM unnest(places, times) AS a (place, at) WHERE NOT odd[a.place] HAVING count(*) > 0;
END $$;
