-- Join links of the public gallery: they lead to a hearing and seat nobody in it.

ALTER TABLE join_link
    ALTER COLUMN participant DROP NOT NULL,
    ALTER COLUMN endpoint DROP NOT NULL,
    DROP CONSTRAINT join_link_kind_check,
    DROP CONSTRAINT join_link_single_is_used_once,
    ADD CONSTRAINT join_link_kind_check CHECK (kind IN ('single', 'multi', 'gallery')),
    ADD CONSTRAINT join_link_single_is_used_once CHECK (kind <> 'single' OR max_uses = 1),
    ADD CONSTRAINT join_link_gallery_seats_nobody
        CHECK ((kind = 'gallery') = (participant IS NULL) AND (kind = 'gallery') = (endpoint IS NULL)),
    ADD FOREIGN KEY (hearing) REFERENCES hearing;
COMMENT ON COLUMN join_link.participant IS 'Whose link it is; null for the gallery''s';

-- As before, and viewers of the gallery: without participant, endpoint, role, name and site.
CREATE OR REPLACE VIEW live_session AS
    SELECT s.token_hash, s.id, s.link, l.hearing, l.participant, l.endpoint, p.role, e.kind AS endpoint_kind,
           person.full_name, site.name AS site, c.number AS case_number, c.title, court.name AS court,
           (extract(epoch FROM h.scheduled_at) * 1000)::bigint AS scheduled_ms,
           (extract(epoch FROM s.expires_at) * 1000)::bigint AS expires_ms
    FROM web_session s
    JOIN join_link l ON l.id = s.link
    JOIN hearing h ON h.id = l.hearing
    JOIN court_case c ON c.id = h.court_case
    JOIN court ON court.id = c.court
    LEFT JOIN hearing_participant p ON p.hearing = l.hearing AND p.id = l.participant
    LEFT JOIN hearing_endpoint e ON e.hearing = l.hearing AND e.id = l.endpoint
    LEFT JOIN hearing_site site ON site.hearing = e.hearing AND site.id = e.site
    LEFT JOIN person ON person.id = p.person
    WHERE s.ended_at IS NULL AND s.expires_at > now() AND l.revoked_at IS NULL;
