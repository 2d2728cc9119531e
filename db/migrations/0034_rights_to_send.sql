-- Who may send what. A court has the duty to send the records of its own cases, and needs no right; a notice for a court, and
-- whatever an organisation sends that is no court, needs one. A grant is for one purpose; which, a record does not say, so that any
-- that is in force will do.

CREATE OR REPLACE FUNCTION access_kinds(the_service text) RETURNS text[] IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE the_service
        WHEN 'case' THEN ARRAY['case_file', 'party', 'counsel', 'charge', 'claim', 'event', 'document', 'hearing', 'decision',
                               'appeal', 'enforcement']
        WHEN 'access' THEN ARRAY['access']
        WHEN 'exchange' THEN ARRAY['notice']
    END
$$;

-- Why a source may not send a record of this type, a code of the table of refusals; null: it may. The centre tells its courts
-- what it will.
CREATE FUNCTION push_fault(org organisation, the_kind text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN org.center OR (org.kind = 'court' AND the_kind <> 'notice') THEN NULL
                WHEN NOT EXISTS (SELECT FROM grant_right
                                 WHERE client = org.code AND service = 'exchange' AND record_type = the_kind
                                   AND withdrawn_at IS NULL AND until > now())
                THEN 'access_no_right' END
$$;
