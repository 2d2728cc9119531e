-- One person may be named in hundreds of thousands of records. A hash index keeps all of them in one chain of pages that each
-- new one is carried along; a B-tree keeps one key with a list, and finds the end of it at once.
DROP INDEX person_ident_search;
CREATE INDEX person_ident_search ON person_ident (value_hmac);

-- What is written of cases is found by the case. Identifiers that rise with time keep the pages of the indexes that are worked
-- on few, where random ones touch all of them: beyond the database's memory that doubled what a record costs.
ALTER TABLE court_case ALTER id SET DEFAULT uuid_at((extract(epoch FROM clock_timestamp()) * 1000)::bigint);
