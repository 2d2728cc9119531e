-- The officer console: who looks after a hearing, and what somebody has to look at.

ALTER TABLE hearing ADD officer uuid REFERENCES account;
COMMENT ON COLUMN hearing.officer IS 'Who looks after its people and lines, or null';

CREATE TABLE alert (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hearing      uuid NOT NULL REFERENCES hearing,
    kind         text NOT NULL CHECK (kind IN ('help', 'link_lost', 'paused', 'record', 'programme', 'deadline')),
    participant  integer NOT NULL DEFAULT 0 CHECK (participant >= 0),
    site         integer NOT NULL DEFAULT 0 CHECK (site >= 0),
    words        text NOT NULL DEFAULT '' CHECK (words IS NFC NORMALIZED AND octet_length(words) <= 1024),
    raised_at    timestamptz NOT NULL DEFAULT now(),
    last_at      timestamptz NOT NULL DEFAULT now(),
    times        integer NOT NULL DEFAULT 1 CHECK (times > 0),
    over_at      timestamptz,
    taken_by     uuid REFERENCES account,
    taken_at     timestamptz,
    done_by      uuid REFERENCES account,
    done_at      timestamptz,
    done_words   text CHECK (done_words IS NFC NORMALIZED AND octet_length(done_words) <= 1024),
    CONSTRAINT alert_is_taken_by_someone CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
    CONSTRAINT alert_is_done_by_someone CHECK ((done_by IS NULL) = (done_at IS NULL))
);
CREATE UNIQUE INDEX alert_once ON alert (hearing, kind, participant, site) WHERE done_at IS NULL;
CREATE INDEX alert_open ON alert (raised_at) WHERE done_at IS NULL;
CREATE INDEX ON alert (hearing);
COMMENT ON TABLE alert IS 'Words of people stand here, so that they can be erased; nothing else depends on it';
COMMENT ON COLUMN alert.over_at IS 'When its cause went away by itself; somebody still ticks it off';

-- Raised again while it is open, it counts up, but for a trouble that merely goes on; its newest words stand.
CREATE FUNCTION alert_raise(the_hearing uuid, the_kind text, the_participant integer, the_site integer, the_words text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO alert AS a (hearing, kind, participant, site, words)
        VALUES (the_hearing, the_kind, the_participant, the_site, normalize(the_words, NFC))
        ON CONFLICT (hearing, kind, participant, site) WHERE done_at IS NULL DO UPDATE
            SET times = a.times + CASE WHEN a.kind = 'help' OR a.over_at IS NOT NULL THEN 1 ELSE 0 END, last_at = now(), over_at = NULL,
                words = CASE WHEN excluded.words = '' THEN a.words ELSE excluded.words END
$$;

CREATE FUNCTION alert_over(the_hearing uuid, the_kind text, the_participant integer, the_site integer)
RETURNS void LANGUAGE sql AS $$
    UPDATE alert SET over_at = now()
        WHERE hearing = the_hearing AND kind = the_kind AND participant = the_participant AND site = the_site
          AND done_at IS NULL AND over_at IS NULL
$$;

-- When the server starts anew: what still is wrong is raised again.
CREATE FUNCTION alert_all_over() RETURNS void LANGUAGE sql AS $$
    UPDATE alert SET over_at = now() WHERE done_at IS NULL AND over_at IS NULL AND kind <> 'help'
$$;

-- These three: a code of the table of refusals, or null. Twice is as once.
CREATE FUNCTION alert_take(the_alert uuid, the_account uuid, release boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    it alert;
BEGIN
    SELECT * INTO it FROM alert WHERE id = the_alert FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'alert_unknown';
    ELSIF it.done_at IS NOT NULL THEN
        RETURN 'alert_done';
    ELSIF release AND it.taken_by <> the_account THEN
        RETURN 'alert_of_another';
    ELSIF release THEN
        UPDATE alert SET taken_by = NULL, taken_at = NULL WHERE id = the_alert;
    ELSIF it.taken_by IS DISTINCT FROM the_account THEN
        UPDATE alert SET taken_by = the_account, taken_at = now() WHERE id = the_alert;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION alert_tick_off(the_alert uuid, the_account uuid, the_words text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    it alert;
BEGIN
    SELECT * INTO it FROM alert WHERE id = the_alert FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'alert_unknown';
    ELSIF it.done_at IS NULL AND it.taken_by IS DISTINCT FROM the_account THEN
        RETURN 'alert_of_another';
    ELSIF it.done_at IS NULL THEN
        UPDATE alert SET done_by = the_account, done_at = now(), done_words = normalize(the_words, NFC) WHERE id = the_alert;
    ELSIF it.done_by <> the_account THEN
        RETURN 'alert_done';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION hearing_allocate(the_hearing uuid, the_account uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF the_account IS NOT NULL AND NOT EXISTS (
        SELECT FROM account WHERE id = the_account AND role IN ('officer', 'clerk') AND disabled_at IS NULL) THEN
        RETURN 'officer_unknown';
    END IF;
    UPDATE hearing SET officer = the_account WHERE id = the_hearing;
    RETURN CASE WHEN NOT FOUND THEN 'hearing_unknown' END;
END $$;

CREATE VIEW console_alert AS
    SELECT a.id, a.hearing, a.kind, a.participant, a.site, a.words,
           (extract(epoch FROM a.raised_at) * 1000)::bigint AS raised_ms,
           (extract(epoch FROM a.last_at) * 1000)::bigint AS last_ms, a.times,
           (extract(epoch FROM a.over_at) * 1000)::bigint AS over_ms,
           a.taken_by, taker.full_name AS taker, (extract(epoch FROM a.taken_at) * 1000)::bigint AS taken_ms,
           doer.full_name AS doer, (extract(epoch FROM a.done_at) * 1000)::bigint AS done_ms, a.done_words,
           c.number, person.full_name, site.name AS site_name, a.raised_at, a.done_at
    FROM alert a
    JOIN hearing h ON h.id = a.hearing
    JOIN court_case c ON c.id = h.court_case
    LEFT JOIN account ta ON ta.id = a.taken_by
    LEFT JOIN person taker ON taker.id = ta.person
    LEFT JOIN account da ON da.id = a.done_by
    LEFT JOIN person doer ON doer.id = da.person
    LEFT JOIN hearing_participant p ON p.hearing = a.hearing AND p.id = a.participant
    LEFT JOIN person ON person.id = p.person
    LEFT JOIN hearing_site site ON site.hearing = a.hearing AND site.id = a.site;

CREATE VIEW console_hearing AS
    SELECT d.id, d.number, d.title, d.scheduled_ms, d.scheduled_at, d.status, d.status_since_ms, d.people,
           judge.full_name AS judge, h.officer, officer.full_name AS officer_name,
           (SELECT count(*) FROM alert a WHERE a.hearing = h.id AND a.done_at IS NULL) AS open_alerts
    FROM desk_hearing d
    JOIN hearing h ON h.id = d.id
    LEFT JOIN hearing_participant p ON p.hearing = h.id AND p.role = 'presiding_judge'
    LEFT JOIN person judge ON judge.id = p.person
    LEFT JOIN account o ON o.id = h.officer
    LEFT JOIN person officer ON officer.id = o.person
    WHERE h.cancelled_at IS NULL;
