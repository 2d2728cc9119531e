-- What a clerk looks for and at: the court's own cases, found by number, name or person; and how far each change of them is on
-- its way to the centre.

-- ---- cases by their number, the newest first ----

-- 12/2026/TLST-HS: by year, then by number; what has another form comes last.
CREATE FUNCTION case_rank(number text) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN number ~ '^[0-9]{1,7}/[0-9]{4}/'
                THEN split_part(number, '/', 2)::bigint * 10000000 + split_part(number, '/', 1)::bigint ELSE 0 END
$$;
CREATE INDEX court_case_newest ON court_case (case_rank(number) DESC, id DESC);
CREATE INDEX court_case_begins ON court_case (number COLLATE "C");

-- ---- parties by their name ----

-- Without marks and capitals, so that whoever types "nguyen van" finds Nguyễn Văn.
CREATE FUNCTION name_words(name text) RETURNS text[] IMMUTABLE LANGUAGE sql AS $$
    SELECT array_remove(regexp_split_to_array(
        lower(translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'Đđ', 'dd')),
        '[[:space:][:punct:]]+'), '')
$$;
-- All of these words, of which the last may not be whole; null for none.
CREATE FUNCTION name_wanted(name text) RETURNS tsquery IMMUTABLE LANGUAGE sql AS $$
    SELECT nullif('''' || array_to_string(name_words(name), ''' & ''') || ''':*', ''''':*')::tsquery
$$;

CREATE TABLE party_name (
    source     text NOT NULL,
    case_key   text NOT NULL,
    entity     uuid NOT NULL,
    change_id  uuid NOT NULL,
    words      tsvector NOT NULL,
    PRIMARY KEY (source, case_key, change_id)
);
COMMENT ON TABLE party_name IS 'At a court: by which words a party of one of its cases is found; one row a record';
CREATE INDEX party_name_words ON party_name USING gin (words);

-- With the record, in its transaction.
CREATE FUNCTION party_named(the_source text, the_case text, the_entity uuid, the_change uuid, the_name text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO party_name
        SELECT the_source, the_case, the_entity, the_change, array_to_tsvector(name_words(the_name)) WHERE the_name IS NOT NULL
$$;

-- Cases in which somebody of this name is known now to be a party.
CREATE FUNCTION party_known(the_source text, the_name text) RETURNS TABLE (case_key text) STABLE LANGUAGE sql AS $$
    SELECT DISTINCT n.case_key
    FROM party_name n
    JOIN case_record r ON r.source = n.source AND r.case_key = n.case_key AND r.entity = n.entity
                      AND r.change_id = n.change_id AND upper_inf(r.known)
    WHERE n.source = the_source AND n.words @@ name_wanted(the_name)
$$;

-- The cases of the caller's own court, newest first, also those of which nothing but a hearing is known. What is not given is
-- not asked for. After the case that is named.
CREATE FUNCTION case_list(
    c access_caller, the_person bytea, the_name text, begins text, the_status text, after_case uuid, most bigint, most_bytes bigint
) RETURNS TABLE (
    refusal text, source text, case_key text, public_id text, status text, recorded_ms bigint, payload bytea, left_over bigint,
    number text, title text
) LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    keys text[];
    after_rank bigint := (SELECT case_rank(number) FROM court_case WHERE id = after_case);
    found_in uuid[];
BEGIN
    IF c.account IS NULL THEN
        refusal := 'access_no_right';
        RETURN NEXT;
        RETURN;
    END IF;
    IF the_person IS NOT NULL THEN
        keys := ARRAY(SELECT p.case_key FROM person_known(the_person) p WHERE p.source = c.organisation);
    ELSIF the_name IS NOT NULL THEN
        keys := ARRAY(SELECT p.case_key FROM party_known(c.organisation, the_name) p);
    END IF;
    found_in := ARRAY(
        SELECT k.id FROM court_case k
        WHERE (keys IS NULL OR k.id = ANY (keys::uuid[])) AND (begins IS NULL OR k.number COLLATE "C" ^@ begins)
          AND (the_status IS NULL OR k.status = the_status)
          AND (after_case IS NULL OR (case_rank(k.number), k.id) < (after_rank, after_case))
        ORDER BY case_rank(k.number) DESC, k.id DESC LIMIT most + 1);
    PERFORM access_note(c, 'case', 'Search', ARRAY(SELECT c.organisation FROM unnest(found_in[:most])),
                        found_in[:most]::text[],
                        array_remove(ARRAY[the_person], NULL));
    RETURN QUERY
        SELECT NULL, c.organisation, one.id::text, one.public_id, one.status, one.recorded_ms, one.payload,
               cardinality(found_in)::bigint, one.number, one.title
        FROM (
            SELECT k.id, k.number, k.title, coalesce(f.status, k.status) AS status, f.public_id, o.recorded_ms, o.payload,
                   k.place, sum(coalesce(octet_length(o.payload), 0)) OVER (ORDER BY k.place) AS bytes
            FROM (SELECT court_case.*, place FROM unnest(found_in[:most]) WITH ORDINALITY AS told (id, place)
                  JOIN court_case USING (id)) AS k
            LEFT JOIN case_file f ON f.source = c.organisation AND f.case_key = k.id::text
            LEFT JOIN outbox o ON o.target = '' AND o.case_key = f.case_key AND o.seq = f.seq
        ) AS one
        WHERE one.bytes <= most_bytes OR one.place = 1 ORDER BY one.place;
END $$;

-- ---- changes on their way ----

-- The first value of a field of a packed message, when it is a number; null when it is not there.
CREATE FUNCTION unpack_number(message bytea, field integer) RETURNS bigint IMMUTABLE LANGUAGE plpgsql AS $$
DECLARE
    place integer := 0;
    tag bigint := 0;
    value bigint;
    shift integer;
    byte integer;
BEGIN
    WHILE place < octet_length(message) LOOP
        FOR round IN 1..2 LOOP
            value := 0;
            shift := 0;
            LOOP
                IF place >= octet_length(message) OR shift > 56 THEN
                    RETURN NULL;
                END IF;
                byte := get_byte(message, place);
                value := value | ((byte & 127)::bigint << shift);
                place := place + 1;
                shift := shift + 7;
                EXIT WHEN byte < 128;
            END LOOP;
            IF round = 1 THEN
                tag := value;
            END IF;
        END LOOP;
        IF tag = field * 8 THEN
            RETURN value;
        END IF;
        IF tag & 7 = 2 THEN
            place := place + value::integer;
        ELSIF tag & 7 <> 0 THEN
            RETURN NULL;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Each change of a case of this court, and how far it is: the one place that knows how the outbox says so.
CREATE VIEW case_change AS
    SELECT o.case_key, o.seq, o.op, o.record_type, o.recorded_ms, o.batch_no, o.received_ms, o.receipt_id,
           o.refused AS reason,
           CASE WHEN o.refused IS NOT NULL THEN 'returned' WHEN o.receipt_id IS NOT NULL THEN 'received'
                WHEN o.batch_no IS NOT NULL THEN 'sent' ELSE 'waiting' END AS state,
           CASE WHEN o.op IN (2, 3) THEN unpack_number(o.context, 3) END AS corrects
    FROM outbox_state o WHERE o.target = '';

-- The newest change that is to stand in the place of one that was returned, and how far that is.
CREATE FUNCTION case_correction(the_case text, the_seq bigint) RETURNS TABLE (seq bigint, state text) STABLE LANGUAGE sql AS $$
    SELECT seq, state FROM case_change WHERE case_key = the_case AND seq > the_seq AND op IN (2, 3) AND corrects = the_seq
        ORDER BY seq DESC LIMIT 1
$$;

-- Returned, without a correction that has arrived: what comes after them in their case is held at the centre. Newest first.
CREATE FUNCTION case_returned(most bigint) RETURNS TABLE (case_key text, seq bigint) STABLE LANGUAGE sql AS $$
    SELECT o.case_key, o.seq FROM outbox_refused r JOIN outbox o USING (number)
    WHERE o.target = '' AND NOT EXISTS (SELECT FROM case_correction(o.case_key, o.seq) WHERE state = 'received')
    ORDER BY number DESC LIMIT most
$$;

-- Of the whole court. Counted up to a limit, which is cheap however long the line is.
CREATE FUNCTION case_change_totals(most bigint) RETURNS TABLE (waiting bigint, sent bigint, returned bigint)
STABLE LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM outbox_waiting WHERE target = '' LIMIT most) AS w),
           (SELECT least(most, coalesce(sum(upper(part) - lower(part)), 0)::bigint)
            FROM outbox_batch b, unnest(b.numbers) AS part
            WHERE b.target = ''
              AND b.batch_no > coalesce((SELECT max(batch_no) FROM outbox_batch WHERE target = '' AND root IS NOT NULL), 0)),
           (SELECT count(*) FROM case_returned(most))
$$;

-- Of these cases, each by its newest changes; those of which there are none are left out. open: returned and not corrected.
CREATE FUNCTION case_states(keys text[], most bigint) RETURNS TABLE (
    case_key text, number text, waiting bigint, sent bigint, received bigint, returned bigint, held bigint, recorded_ms bigint
) STABLE LANGUAGE sql AS $$
    SELECT k.key, c.number, count(*) FILTER (WHERE n.state = 'waiting'), count(*) FILTER (WHERE n.state = 'sent'),
           count(*) FILTER (WHERE n.state = 'received'), count(*) FILTER (WHERE n.open),
           count(*) FILTER (WHERE n.state = 'received' AND n.seq > n.first), max(n.recorded_ms)
    FROM unnest(keys) AS k (key)
    JOIN court_case c ON c.id = k.key::uuid
    CROSS JOIN LATERAL (
        SELECT m.*, min(m.seq) FILTER (WHERE m.open AND m.reason <> 'equivocation') OVER () AS first FROM (
            SELECT x.seq, x.state, x.recorded_ms, x.reason,
                   x.state = 'returned' AND NOT EXISTS (
                       SELECT FROM case_correction(x.case_key, x.seq) f WHERE f.state = 'received') AS open
            FROM case_change x WHERE x.case_key = k.key ORDER BY x.seq DESC LIMIT most
        ) AS m
    ) AS n
    GROUP BY k.key, c.number
$$;

-- Of one case, newest first. returned_ms is the centre's word, by its clock; it comes after the receipt.
CREATE FUNCTION case_changes(the_source text, the_case text, most bigint) RETURNS TABLE (
    seq bigint, op integer, record_type text, entity uuid, state text, recorded_ms bigint, batch_no bigint, receipt_id uuid,
    received_ms bigint, reason text, returned_ms bigint, corrects bigint, corrected_by bigint, correction text, held boolean
) STABLE LANGUAGE sql AS $$
    SELECT x.seq, x.op, x.record_type,
           (SELECT r.entity FROM case_record r
            WHERE r.source = the_source AND r.case_key = the_case AND r.seq = x.seq LIMIT 1),
           x.state, x.recorded_ms, x.batch_no, x.receipt_id, x.received_ms, x.reason,
           CASE WHEN x.state = 'returned' THEN
               (SELECT i.recorded_ms FROM inbox i JOIN organisation g ON g.code = i.source AND g.center
                WHERE i.case_key = the_case AND i.record_type = 'rejection' AND unpack_number(i.payload, 2) = x.seq
                ORDER BY i.seq LIMIT 1) END,
           x.corrects, f.seq, f.state,
           x.state = 'received' AND EXISTS (
               SELECT FROM case_change b
               WHERE b.case_key = the_case AND b.seq < x.seq AND b.state = 'returned' AND b.reason <> 'equivocation'
                 AND NOT EXISTS (SELECT FROM case_correction(the_case, b.seq) g WHERE g.state = 'received'))
    FROM case_change x
    LEFT JOIN LATERAL case_correction(the_case, x.seq) f ON x.state = 'returned'
    WHERE x.case_key = the_case ORDER BY x.seq DESC LIMIT most
$$;
