-- What a centre gives back to an organisation that was restored is a reading like any other.

INSERT INTO access_purpose VALUES ('restore', 'Khôi phục dữ liệu', 'Restoring data');

-- As exchange_returns, once it is written down, with the cases that it is of. Null: there is no such organisation.
CREATE FUNCTION exchange_give_back(the_center text, the_source text, the_batch bigint, the_basis text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    cases text[];
BEGIN
    PERFORM FROM organisation WHERE code = the_source;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    told := exchange_returns(the_source, the_batch);
    SELECT coalesce(array_agg(DISTINCT record ->> 'case_key'), '{}') INTO cases
        FROM jsonb_array_elements(told -> 'records') AS record;
    PERFORM access_note(ROW(the_center, NULL, NULL, 'restore', the_basis, NULL)::access_caller, 'exchange', 'Returns',
                        array_fill(the_source, ARRAY[cardinality(cases)]), cases);
    RETURN told;
END $$;
