-- Where a case stands, as whoever searches reads it, follows what its hearings say of it as well as its case_file.

-- The way a hearing changes its case. Every case_file of a court's own database is its own.
CREATE OR REPLACE FUNCTION case_change(
    the_case uuid, the_hearing uuid, new_status text, the_change uuid, the_payload bytea
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_seq bigint;
BEGIN
    UPDATE court_case SET status = new_status, outbox_seq = outbox_seq + 1 WHERE id = the_case
        RETURNING outbox_seq INTO STRICT the_seq;
    UPDATE case_file SET status = new_status
        WHERE source = (SELECT source FROM case_file LIMIT 1) AND case_key = the_case::text;
    PERFORM outbox_add(the_case, the_hearing, the_seq, the_change, 1, 'case', the_payload, '',
                       (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
END $$;

-- What a record does that is not of the case's own file: a rejection marks what was sent; a notice is kept, or goes on to its
-- court with the name of who sent it. What a hearing says of where its case stands is how
-- the case is found.
CREATE OR REPLACE FUNCTION exchange_heed(said held) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF said.record_type = 'case' THEN
        UPDATE case_file SET status = said.status WHERE source = said.source AND case_key = said.case_key;
    ELSIF said.record_type = 'rejection' THEN
        PERFORM outbox_reject('', said.case_key, said.about, said.reason);
    ELSIF said.record_type = 'notice' AND said.addressee IS NULL THEN
        INSERT INTO notice (source, case_key, seq, public_id)
            VALUES (said.source, said.case_key, said.seq, said.public_id);
    ELSIF said.record_type = 'notice' THEN
        PERFORM outbox_tell(said.addressee, said.public_id, 'notice',
                            said.payload || pack_text(15, said.source) || pack_text(16, said.change_id::text));
    END IF;
END $$;

-- Takes in the records of cases in which nothing is out of the ordinary, all at once: each follows the one before it, none
-- is faulty, none waits. The arrays are columns of the batch, those of its cases first; the place of a record is that of its
-- case. A thing that several records of the batch describe (again) takes its turns. Of a batch there are few rows, so each
-- looks by index for what it needs: a plan from when the tables were empty would read all of what there is by now.
CREATE OR REPLACE FUNCTION exchange_apply_plain(
    the_source text, the_receipt uuid, moment timestamptz, odd boolean[], cases text[], lasts bigint[], ends bytea[],
    standing text[], places integer[], keys text[], seqs bigint[], prev_hashes bytea[], change_ids uuid[], ops integer[],
    kinds text[], versions integer[], times bigint[], payloads bytea[], contexts bytea[], hashes bytea[], entities uuid[],
    again integer[], froms bigint[], tos bigint[], ids text[], statuses text[], people bytea[]
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off SET enable_bitmapscan = off AS $$
DECLARE
    now_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    r record;
BEGIN
    INSERT INTO inbox
        SELECT the_source, a.key, a.seq, a.prev, a.change, a.op, a.kind, a.version, a.at, a.payload, a.context, a.hash,
               the_receipt, NULL
        FROM unnest(places, keys, seqs, prev_hashes, change_ids, ops, kinds, versions, times, payloads, contexts, hashes)
             AS a (place, key, seq, prev, change, op, kind, version, at, payload, context, hash)
        WHERE NOT odd[a.place];
    INSERT INTO case_head AS head
        SELECT the_source, c.key, c.seq, c.hash, coalesce(c.status, ''), NULL
        FROM unnest(odd, cases, lasts, ends, standing) AS c (odd, key, seq, hash, status) WHERE NOT c.odd
        ON CONFLICT (source, case_key) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
            status = coalesce(nullif(excluded.status, ''), head.status);
    WITH said AS MATERIALIZED (
        SELECT a.key, a.seq, a.change, a.op, a.kind, a.entity, case_span(a.op, a.valid_from, a.valid_to, a.at) AS valid
        FROM unnest(places, keys, seqs, change_ids, ops, kinds, times, entities, again, froms, tos)
             AS a (place, key, seq, change, op, kind, at, entity, again, valid_from, valid_to)
        WHERE a.entity IS NOT NULL AND a.again = 0 AND NOT odd[a.place]
    ), closed AS (
        UPDATE case_record old SET known = tstzrange(lower(old.known), moment)
            FROM said s
            WHERE old.source = the_source AND old.case_key = s.key AND old.entity = s.entity AND upper_inf(old.known)
              AND old.valid && s.valid
            RETURNING old.*, s.valid AS taken
    )
    INSERT INTO case_record
        SELECT source, case_key, kind, entity, seq, change_id, rest, tstzrange(moment, NULL)
            FROM closed, case_outside(valid, taken) AS rest
        UNION ALL
        SELECT the_source, key, kind, entity, seq, change, valid, tstzrange(moment, NULL) FROM said WHERE op <> 3;
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
    INSERT INTO person_ident
        SELECT the_source, a.key, a.seq, a.entity, 'personal_number', substr(a.person, 1, 32), substr(a.person, 33)
        FROM unnest(places, keys, seqs, entities, people) AS a (place, key, seq, entity, person)
        WHERE a.person IS NOT NULL AND a.entity IS NOT NULL AND NOT odd[a.place];
    INSERT INTO case_file
        SELECT DISTINCT ON (a.key) the_source, a.key, a.id, a.status, a.seq
        FROM unnest(places, keys, seqs, ops, ids, statuses) AS a (place, key, seq, op, id, status)
        WHERE a.id IS NOT NULL AND a.op <> 3 AND NOT odd[a.place] ORDER BY a.key, a.seq DESC
        ON CONFLICT (source, case_key) DO UPDATE SET public_id = excluded.public_id, status = excluded.status,
            seq = excluded.seq;
    IF 'case' = ANY (kinds) THEN
        UPDATE case_file f SET status = c.status FROM unnest(odd, cases, standing) AS c (odd, key, status)
            WHERE NOT c.odd AND f.source = the_source AND f.case_key = c.key AND f.status <> c.status;
    END IF;
    PERFORM source_count(the_source, count(*), 0, 0, greatest(0, now_ms - min(a.at)), max(a.at))
        FROM unnest(places, times) AS a (place, at) WHERE NOT odd[a.place] HAVING count(*) > 0;
END $$;

UPDATE case_file f SET status = h.status FROM case_head h
    WHERE h.source = f.source AND h.case_key = f.case_key AND h.status <> f.status;
UPDATE case_file f SET status = k.status FROM court_case k WHERE k.id::text = f.case_key AND k.status <> f.status;
