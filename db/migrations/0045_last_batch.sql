-- A court goes on behind the last batch that its centre took in, also when there was nothing in that but what it had before.

-- At a centre: all that an organisation sent in batches after this one, and what became of it; and the last of them, of which
-- nothing may be in it.
CREATE OR REPLACE FUNCTION exchange_returns(the_source text, the_batch bigint) RETURNS jsonb STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_object('source', the_source, 'after', the_batch,
        'cursor', (SELECT cursor FROM organisation WHERE code = the_source),
        'root', (SELECT encode(root, 'hex') FROM organisation WHERE code = the_source), 'records', coalesce(jsonb_agg(jsonb_build_object(
        'case_key', case_key, 'seq', seq, 'prev_hash', encode(prev_hash, 'hex'), 'change_id', change_id, 'op', op,
        'record_type', record_type, 'schema_version', schema_version, 'recorded_ms', recorded_ms,
        'payload', encode(payload, 'hex'), 'context', encode(context, 'hex'), 'hash', encode(hash, 'hex'), 'kept', encode(kept, 'hex'),
        'receipt', r.id, 'received_ms', received_ms, 'batch_no', batch_no, 'batch_hash', encode(batch_hash, 'hex'),
        'root', encode(root, 'hex'), 'reason', reason) ORDER BY case_key, seq), '[]'))
    FROM (
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, NULL AS reason FROM inbox WHERE source = the_source
        UNION ALL
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, NULL FROM held WHERE source = the_source
        UNION ALL
        SELECT case_key, seq, prev_hash, change_id, op, record_type, schema_version, recorded_ms, payload, context, hash,
               kept, receipt, reason FROM rejection WHERE source = the_source AND reason <> 'equivocation'
    ) AS had JOIN receipt r ON r.id = had.receipt AND r.batch_no > the_batch
$$;

-- What a court sent is in its outbox again, with its answers. What was written here since under the same numbers, and never
-- sent, follows it with numbers of its own. unknown: records of cases that the backup does not have; they stay with the centre. The next
-- batch follows the last that the centre took in, by its number and root, whatever was in it.
DROP FUNCTION outbox_take_back(jsonb);
CREATE FUNCTION outbox_take_back(the_records jsonb, the_cursor bigint, the_root bytea, OUT taken bigint, OUT renumbered bigint, OUT unknown bigint)
LANGUAGE plpgsql AS $$
DECLARE
    the_case text;
    first_seq bigint;
    mine outbox[];
    m outbox;
    last outbox;
    n bigint;
BEGIN
    IF outbox_restored() IS NULL THEN
        RAISE EXCEPTION 'nothing was restored here that waits for this';
    END IF;
    taken := 0;
    renumbered := 0;
    CREATE TEMP TABLE given ON COMMIT DROP AS
        SELECT DISTINCT ON (case_key, seq) case_key, seq, decode(prev_hash, 'hex') AS prev_hash, change_id, op, record_type,
               schema_version, recorded_ms, decode(payload, 'hex') AS payload, decode(context, 'hex') AS context,
               decode(hash, 'hex') AS hash, decode(kept, 'hex') AS kept, receipt, received_ms, batch_no, decode(batch_hash, 'hex') AS batch_hash,
               decode(root, 'hex') AS root, reason
        FROM jsonb_to_recordset(the_records) AS r (
            case_key text, seq bigint, prev_hash text, change_id uuid, op integer, record_type text, schema_version integer,
            recorded_ms bigint, payload text, context text, hash text, kept text, receipt uuid, received_ms bigint, batch_no bigint,
            batch_hash text, root text, reason text)
        ORDER BY case_key, seq, reason NULLS FIRST;
    unknown := (SELECT count(*) FROM given WHERE case_key NOT IN (SELECT id::text FROM court_case));
    -- What was on its way waits again, until it is found among what the centre has.
    DELETE FROM outbox_batch WHERE target = '' AND root IS NULL;
    ALTER TABLE outbox DISABLE TRIGGER outbox_is_append_only;
    FOR the_case IN SELECT DISTINCT case_key FROM given WHERE case_key IN (SELECT id::text FROM court_case) ORDER BY 1 LOOP
        PERFORM FROM court_case WHERE id = the_case::uuid FOR UPDATE;
        first_seq := (SELECT min(seq) FROM given g WHERE case_key = the_case AND NOT EXISTS (
            SELECT FROM outbox o WHERE o.case_key = the_case AND o.target = '' AND o.seq = g.seq AND o.hash = g.hash));
        CONTINUE WHEN first_seq IS NULL;
        mine := ARRAY(SELECT o FROM outbox o WHERE case_key = the_case AND target = '' AND seq >= first_seq ORDER BY seq);
        DELETE FROM outbox WHERE case_key = the_case AND target = '' AND seq >= first_seq;
        INSERT INTO outbox (court_case, change_id, case_key, seq, prev_hash, op, record_type, schema_version, recorded_ms,
                            payload, context, kept)
            SELECT case_key::uuid, change_id, case_key, seq, prev_hash, op, record_type, schema_version, recorded_ms, payload,
                   context, kept
            FROM given WHERE case_key = the_case AND seq >= first_seq ORDER BY seq;
        GET DIAGNOSTICS n = ROW_COUNT;
        taken := taken + n;
        FOREACH m IN ARRAY mine LOOP
            SELECT * INTO last FROM outbox WHERE case_key = the_case AND target = '' ORDER BY seq DESC LIMIT 1;
            INSERT INTO outbox (court_case, hearing, change_id, case_key, seq, prev_hash, op, record_type, schema_version,
                                recorded_ms, payload, context, kept)
                VALUES (m.court_case, m.hearing, m.change_id, the_case, last.seq + 1, last.hash, m.op, m.record_type,
                        m.schema_version, m.recorded_ms, m.payload, m.context, m.kept);
            UPDATE case_record SET seq = last.seq + 1 WHERE case_key = the_case AND change_id = m.change_id;
            renumbered := renumbered + 1;
        END LOOP;
        IF EXISTS (SELECT FROM (SELECT seq, prev_hash, lag(hash) OVER w AS before, lag(seq) OVER w AS seq_before
                                FROM outbox WHERE case_key = the_case AND target = '' WINDOW w AS (ORDER BY seq)) AS one
                   WHERE seq <> coalesce(seq_before, 0) + 1 OR prev_hash <> coalesce(before, decode(repeat('00', 32), 'hex')))
           OR EXISTS (SELECT FROM given g WHERE case_key = the_case AND NOT EXISTS (
                          SELECT FROM outbox o WHERE o.case_key = the_case AND o.target = '' AND o.seq = g.seq AND o.hash = g.hash))
        THEN
            RAISE EXCEPTION 'these are not the records that follow those of case %', the_case;
        END IF;
        UPDATE court_case SET outbox_seq = (SELECT max(seq) FROM outbox WHERE case_key = the_case AND target = '')
            WHERE id = the_case::uuid;
    END LOOP;
    ALTER TABLE outbox ENABLE TRIGGER outbox_is_append_only;
    INSERT INTO outbox_batch
        SELECT '', g.batch_no, range_agg(int8range(o.number, o.number, '[]')),
               (array_agg(g.root ORDER BY g.received_ms DESC))[1], (array_agg(g.receipt ORDER BY g.received_ms DESC))[1],
               (array_agg(g.batch_hash ORDER BY g.received_ms DESC))[1], max(g.received_ms)
        FROM given g JOIN outbox o ON o.target = '' AND o.case_key = g.case_key AND o.seq = g.seq
        GROUP BY g.batch_no;
    INSERT INTO outbox_batch (target, batch_no, numbers, root)
        SELECT DISTINCT ON (batch_no) '', batch_no, '{}'::int8multirange, root FROM given WHERE root IS NOT NULL
        ON CONFLICT DO NOTHING;
    INSERT INTO outbox_batch (target, batch_no, numbers, root)
        SELECT '', the_cursor, '{}'::int8multirange, the_root WHERE the_cursor > 0 ON CONFLICT DO NOTHING;
    INSERT INTO outbox_refused
        SELECT o.number, g.reason FROM given g JOIN outbox o ON o.target = '' AND o.case_key = g.case_key AND o.seq = g.seq
        WHERE g.reason IS NOT NULL ON CONFLICT DO NOTHING;
    -- What was redacted after the backup is in it: it goes again.
    PERFORM change_redact((SELECT source FROM case_record WHERE case_key = g.case_key LIMIT 1), g.case_key,
                          unpack_number(g.context, 7), g.payload, g.seq, g.recorded_ms, unpack_text(g.context, 4))
        FROM given g WHERE g.op = 4 AND g.case_key IN (SELECT id::text FROM court_case);
    DELETE FROM outbox_waiting WHERE target = '';
    INSERT INTO outbox_waiting
        SELECT '', o.number, octet_length(o.payload) + octet_length(o.context) + 512 FROM outbox_state s
        JOIN outbox o USING (number) WHERE s.target = '' AND s.batch_no IS NULL;
    UPDATE restored SET taken_back_at = now() WHERE taken_back_at IS NULL;
    NOTIFY outbox;
END $$;
