-- A batch takes effect with less work. The receiver counts out beforehand which of its records are of one case, so that the
-- database looks at each case once; and what is known of a source never runs backwards by its row, not by a search for each
-- thing.

ALTER TABLE organisation ADD moment timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN organisation.moment IS 'No `known` of its case records begins or ends later, whatever the clock does';
UPDATE organisation SET moment = latest FROM (
    SELECT source, greatest(max(lower(known)), max(upper(known))) AS latest FROM case_record GROUP BY source
) AS known WHERE known.source = code;

-- One index does for both: the rows of a thing, and that of those that hold no two begin together (upper(known) is null).
CREATE UNIQUE INDEX case_record_thing ON case_record (source, case_key, entity, lower(valid), upper(known))
    NULLS NOT DISTINCT;
DROP INDEX case_record_of_case, case_record_one_now;

-- The time a record speaks of. Stable, so that it is written into the query that calls it.
CREATE OR REPLACE FUNCTION case_span(the_op integer, from_ms bigint, to_ms bigint, recorded_ms bigint)
RETURNS tstzrange STABLE LANGUAGE sql AS $$
    SELECT tstzrange(timestamptz '1970-01-01 00:00:00+00'
                         + coalesce(from_ms, CASE WHEN the_op <> 3 THEN recorded_ms END) * interval '1 millisecond',
                     timestamptz '1970-01-01 00:00:00+00' + to_ms * interval '1 millisecond')
$$;

-- Counted by whoever writes to the inbox: a trigger has to keep a copy of every row to count them.
DROP TRIGGER inbox_is_counted ON inbox;
DROP FUNCTION source_took();

-- In their place are those of 0036 and 0038.
DROP FUNCTION exchange_apply(
    text, bytea, bigint, bytea, bytea, bytea, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[],
    bytea[], bytea[], bytea[], text[], uuid[], bigint[], bigint[], bigint[], text[], text[], text[], bigint[], text[],
    bytea[]);
DROP FUNCTION exchange_apply_plain(
    text, uuid, text[], bigint[], bytea[], uuid[], integer[], text[], integer[], bigint[], bytea[], bytea[], bytea[], uuid[],
    bigint[], bigint[], text[], text[], text[]);
