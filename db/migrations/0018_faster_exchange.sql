-- The exchange, faster. Nothing here means anything else than before.
--
-- A function in SQL that calls what is not immutable to PostgreSQL (convert_to, an interval) is not inlined, but parsed at each
-- call; in PL/pgSQL it is compiled once. A plan over all partitions of a table is made once and pruned when it runs
-- (force_generic_plan), instead of being made at each call.

CREATE OR REPLACE FUNCTION exchange_hash(
    prev_hash bytea, seq bigint, change_id uuid, op integer, schema_version integer, recorded_ms bigint, case_key text,
    record_type text, payload_hash bytea, context bytea
) RETURNS bytea IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN sha256(prev_hash || int8send(seq) || uuid_send(change_id) || int4send(op) || int4send(schema_version) ||
                  int8send(recorded_ms) || sha256(convert_to(case_key, 'UTF8')) ||
                  sha256(convert_to(record_type, 'UTF8')) || payload_hash ||
                  CASE WHEN context = '' THEN '' ELSE sha256(context) END);
END $$;

CREATE OR REPLACE FUNCTION case_time(ms bigint, otherwise timestamptz) RETURNS timestamptz IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN coalesce(timestamptz '1970-01-01 00:00:00+00' + ms * interval '1 millisecond', otherwise);
END $$;

-- Each change of a case updates its row, so pages leave room for the new version beside the old.
ALTER TABLE court_case SET (fillfactor = 70);

-- As before; of what nothing is known yet, nothing is closed.
CREATE OR REPLACE FUNCTION case_put(
    the_source text, the_case text, the_kind text, the_entity uuid, the_seq bigint, the_change uuid, the_op integer,
    the_valid tstzrange
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    latest timestamptz;
BEGIN
    SELECT max(lower(known)) INTO latest
        FROM case_record WHERE source = the_source AND case_key = the_case AND entity = the_entity;
    IF latest IS NOT NULL THEN
        moment := greatest(moment, latest + interval '1 microsecond');
        WITH closed AS (
            UPDATE case_record SET known = tstzrange(lower(known), moment)
                WHERE source = the_source AND case_key = the_case AND entity = the_entity AND upper_inf(known)
                  AND valid && the_valid
                RETURNING *
        )
        INSERT INTO case_record
            SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
            FROM closed, case_outside(valid, the_valid) AS rest;
    END IF;
    IF the_op <> 3 THEN
        INSERT INTO case_record VALUES (the_source, the_case, the_kind, the_entity, the_seq, the_change, the_valid,
                                        tstzrange(moment, NULL));
    END IF;
END $$;

-- The parts of one span, before and after, that another does not cover.
CREATE FUNCTION case_outside(span tstzrange, taken tstzrange) RETURNS SETOF tstzrange IMMUTABLE LANGUAGE sql AS $$
    SELECT rest FROM (VALUES
        (CASE WHEN lower_inf(taken) THEN 'empty' ELSE span * tstzrange(NULL, lower(taken)) END),
        (CASE WHEN upper_inf(taken) THEN 'empty' ELSE span * tstzrange(upper(taken), NULL) END)
    ) AS outside (rest)
    WHERE NOT isempty(rest)
$$;

-- Takes in the records of cases in which nothing is out of the ordinary, all at once: each follows the one before it, none
-- is faulty, none waits. The arrays are columns of the batch. Of the things they describe, each that comes once is written
-- with all others (case_put for many); what comes again in the same batch takes its turn.
CREATE OR REPLACE FUNCTION exchange_apply_plain(
    the_source text, the_receipt uuid, keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[],
    kinds text[], versions integer[], times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], entities uuid[],
    froms bigint[], tos bigint[], ids text[], statuses text[], odd text[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    r record;
BEGIN
    INSERT INTO inbox
        SELECT the_source, a.key, a.seq, a.prev, a.change, a.op, a.kind, a.version, a.at, a.payload, a.context, a.hash,
               the_receipt, NULL
        FROM unnest(keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes)
             AS a (key, seq, prev, change, op, kind, version, at, payload, context, hash)
        WHERE a.key <> ALL (odd);
    INSERT INTO case_head AS head
        SELECT the_source, a.key, max(a.seq), (array_agg(a.hash ORDER BY a.seq DESC))[1],
               coalesce((array_agg(a.status ORDER BY a.seq DESC) FILTER (WHERE a.status IS NOT NULL))[1], ''), NULL
        FROM unnest(keys, seqs, hashes, statuses) AS a (key, seq, hash, status)
        WHERE a.key <> ALL (odd) GROUP BY a.key
        ON CONFLICT (source, case_key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            status = coalesce(nullif(excluded.status, ''), head.status);
    WITH said AS MATERIALIZED (
        SELECT a.key, a.seq, a.change, a.op, a.kind, a.entity,
               case_span(a.op, a.valid_from, a.valid_to, a.at) AS valid,
               count(*) OVER (PARTITION BY a.key, a.entity) AS said_times,
               (SELECT max(lower(old.known)) FROM case_record old
                WHERE old.source = the_source AND old.case_key = a.key AND old.entity = a.entity) AS latest
        FROM unnest(keys, seqs, change_ids, ops, kinds, times, entities, froms, tos)
             AS a (key, seq, change, op, kind, at, entity, valid_from, valid_to)
        WHERE a.entity IS NOT NULL AND a.key <> ALL (odd)
    ), closed AS (
        UPDATE case_record old SET known = tstzrange(lower(old.known), greatest(moment, s.latest + interval '1 microsecond'))
            FROM said s
            WHERE s.said_times = 1 AND s.latest IS NOT NULL AND old.source = the_source AND old.case_key = s.key
              AND old.entity = s.entity AND upper_inf(old.known) AND old.valid && s.valid
            RETURNING old.*, s.valid AS taken
    )
    INSERT INTO case_record
        SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(upper(known), NULL)
            FROM closed, case_outside(valid, taken) AS rest
        UNION ALL
        SELECT the_source, key, kind, entity, seq, change, valid,
               tstzrange(greatest(moment, latest + interval '1 microsecond'), NULL)
            FROM said WHERE said_times = 1 AND op <> 3;
    FOR r IN
        SELECT * FROM (
            SELECT a.*, count(*) OVER (PARTITION BY a.key, a.entity) AS said_times
            FROM unnest(keys, seqs, change_ids, ops, kinds, times, entities, froms, tos)
                 AS a (key, seq, change, op, kind, at, entity, valid_from, valid_to)
            WHERE a.entity IS NOT NULL AND a.key <> ALL (odd)
        ) AS each WHERE said_times > 1 ORDER BY each.key, each.seq
    LOOP
        PERFORM case_put(the_source, r.key, r.kind, r.entity, r.seq, r.change, r.op,
                         case_span(r.op, r.valid_from, r.valid_to, r.at));
    END LOOP;
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(keys, seqs, ops, ids, statuses) AS a (key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND a.key <> ALL (odd) ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
END $$;
