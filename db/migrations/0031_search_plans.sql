-- What reads cases is planned once a connection: over eight partitions of each table the plan took most of the time of a search. A
-- plan from when the tables were still empty must do later, too, so each goes by the indexes.
DO $$
DECLARE
    reader regprocedure;
BEGIN
    FOR reader IN SELECT oid FROM pg_proc WHERE proname IN ('case_search', 'case_read', 'case_prefill', 'access_who') LOOP
        EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', reader);
        EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', reader);
        EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off', reader);
    END LOOP;
END $$;
