-- Join links and the sessions they open. Only the SHA-256 of a token is kept: who reads this table cannot sign in.

CREATE TABLE join_link (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    hearing      uuid NOT NULL,
    participant  integer NOT NULL,
    endpoint     integer NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('single', 'multi')),
    max_uses     integer NOT NULL CHECK (max_uses > 0),
    used         integer NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND max_uses),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    CONSTRAINT join_link_single_is_used_once CHECK (kind = 'multi' OR max_uses = 1),
    FOREIGN KEY (hearing, participant) REFERENCES hearing_participant,
    FOREIGN KEY (hearing, endpoint) REFERENCES hearing_endpoint
);
CREATE INDEX ON join_link (hearing, participant);
COMMENT ON COLUMN join_link.endpoint IS 'Where the link seats the person: their endpoint or their companion';
COMMENT ON COLUMN join_link.used IS 'How many sessions it has opened; renewing one''s own does not count';

CREATE TABLE web_session (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    link        uuid NOT NULL REFERENCES join_link,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX ON web_session (link);
COMMENT ON COLUMN web_session.id IS 'For logs; says nothing to a stranger';

-- Who a live session is: not ended, not expired, its link not revoked.
CREATE VIEW live_session AS
    SELECT s.token_hash, s.id, s.link, l.hearing, l.participant, l.endpoint, p.role, e.kind AS endpoint_kind,
           person.full_name, site.name AS site, c.number AS case_number, c.title, court.name AS court,
           (extract(epoch FROM h.scheduled_at) * 1000)::bigint AS scheduled_ms,
           (extract(epoch FROM s.expires_at) * 1000)::bigint AS expires_ms
    FROM web_session s
    JOIN join_link l ON l.id = s.link
    JOIN hearing_participant p ON p.hearing = l.hearing AND p.id = l.participant
    JOIN hearing_endpoint e ON e.hearing = l.hearing AND e.id = l.endpoint
    JOIN hearing_site site ON site.hearing = e.hearing AND site.id = e.site
    JOIN person ON person.id = p.person
    JOIN hearing h ON h.id = l.hearing
    JOIN court_case c ON c.id = h.court_case
    JOIN court ON court.id = c.court
    WHERE s.ended_at IS NULL AND s.expires_at > now() AND l.revoked_at IS NULL;

-- Opens a session by a link, or renews the one the browser already holds of the same link (which counts no use). One row:
-- a code of the table of refusals, or the session.
CREATE FUNCTION session_open(link_hash bytea, new_hash bytea, old_hash bytea, hours integer)
RETURNS TABLE (refusal text, session live_session) LANGUAGE plpgsql AS $$
DECLARE
    the_link join_link;
    until timestamptz := now() + make_interval(hours => hours);
BEGIN
    SELECT * INTO the_link FROM join_link WHERE token_hash = link_hash FOR UPDATE;
    refusal := CASE
        WHEN NOT FOUND THEN 'link_unknown'
        WHEN the_link.revoked_at IS NOT NULL THEN 'link_revoked'
        WHEN the_link.expires_at <= now() THEN 'link_expired'
    END;
    IF refusal IS NULL THEN
        UPDATE web_session SET token_hash = new_hash, expires_at = until
            WHERE token_hash = old_hash AND link = the_link.id AND ended_at IS NULL AND expires_at > now();
        IF NOT FOUND AND the_link.used >= the_link.max_uses THEN
            refusal := 'link_used';
        ELSIF NOT FOUND THEN
            UPDATE join_link SET used = used + 1 WHERE id = the_link.id;
            INSERT INTO web_session (token_hash, link, expires_at) VALUES (new_hash, the_link.id, until);
        END IF;
    END IF;
    IF refusal IS NULL THEN
        SELECT * INTO session FROM live_session WHERE token_hash = new_hash;
    END IF;
    RETURN NEXT;
END $$;
