-- Staff of the court, who sign in with passwords; their sessions; and how long whoever guesses has to wait.

CREATE TABLE account (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login        text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$'),
    person       uuid NOT NULL REFERENCES person,
    role         text NOT NULL CHECK (role IN ('clerk', 'judge', 'officer', 'administrator')),
    password     text NOT NULL CHECK (password LIKE '$argon2id$%'),
    must_change  boolean NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    disabled_at  timestamptz
);
COMMENT ON COLUMN account.password IS 'Argon2id with its parameters and salt, as libsodium writes it';
COMMENT ON COLUMN account.must_change IS 'The password was given by someone else';

CREATE TABLE staff_session (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    account     uuid NOT NULL REFERENCES account,
    address     inet NOT NULL,
    agent       text NOT NULL CHECK (octet_length(agent) <= 255),
    created_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    idle_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX ON staff_session (account);
COMMENT ON COLUMN staff_session.idle_at IS 'When it ends unless it is used before';

-- Who a live session is: not ended, not expired, not idle for too long, its account not disabled.
CREATE VIEW live_staff AS
    SELECT s.token_hash, s.id, s.account, a.person, a.login, person.full_name, a.role, a.must_change,
           (extract(epoch FROM s.expires_at) * 1000)::bigint AS expires_ms
    FROM staff_session s
    JOIN account a ON a.id = s.account
    JOIN person ON person.id = a.person
    WHERE s.ended_at IS NULL AND s.expires_at > now() AND s.idle_at > now() AND a.disabled_at IS NULL;

-- The live session with this token, which is hereby used. It is written down once a minute at most.
CREATE FUNCTION staff_find(the_hash bytea, idle_s integer) RETURNS SETOF live_staff LANGUAGE sql AS $$
    UPDATE staff_session SET seen_at = now(), idle_at = now() + make_interval(secs => idle_s)
        WHERE token_hash = the_hash AND seen_at < now() - interval '1 minute' AND ended_at IS NULL
          AND expires_at > now() AND idle_at > now();
    SELECT * FROM live_staff WHERE token_hash = the_hash;
$$;

-- Failures that are not made good yet, of an account at an address, of an account anywhere (no address), of an address with
-- any account (no bucket). Unknown logins are counted like known ones. The bucket is 16 bits of a digest of the login: what
-- someone typed there by mistake cannot be read from it, and strangers cannot fill the table with names.
CREATE TABLE sign_in_failure (
    bucket    integer NOT NULL,
    address   text NOT NULL,
    failures  integer NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (bucket, address)
);
CREATE INDEX ON sign_in_failure (last_at);

CREATE FUNCTION sign_in_bucket(the_login text) RETURNS integer IMMUTABLE LANGUAGE sql AS $$
    SELECT get_byte(sha256(convert_to(the_login, 'UTF8')), 0) * 256 + get_byte(sha256(convert_to(the_login, 'UTF8')), 1)
$$;

-- Who counts as one: an IPv4 address, or an IPv6 network, of which one customer has all addresses.
CREATE FUNCTION sign_in_network(address inet) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT host(CASE WHEN family(address) = 6 THEN network(set_masklen(address, 64))::inet ELSE address END)
$$;

-- The seconds left to wait: none for the first failures, then 1, 2, 4 and so on after each further one, 15 minutes at most.
CREATE FUNCTION sign_in_wait(the_bucket integer, the_address text, free integer) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT coalesce(max(greatest(0, ceil(extract(epoch FROM
               last_at - clock_timestamp()) + least(900, 2 ^ least(failures - free, 10)))))::integer, 0)
    FROM sign_in_failure WHERE bucket = the_bucket AND address = the_address AND failures >= free
$$;

-- A try with a password begins. It counts as a failure until it is known to be none, so that tries made all at once are no
-- more than tries made one after another. One row: the seconds to wait, or 0 and the account, if there is one.
--
-- An address from which the account has been signed in lately is not held up by failures elsewhere: who guesses from all over
-- the world can keep a stranger's browser out, not the owner's.
CREATE FUNCTION sign_in_begin(the_login text, the_address inet)
RETURNS TABLE (wait_s integer, account uuid, password text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    the_network text := sign_in_network(the_address);
    the_bucket integer := sign_in_bucket(the_login);
    familiar boolean := EXISTS (
        SELECT FROM staff_session s JOIN account a ON a.id = s.account
        WHERE a.login = the_login AND sign_in_network(s.address) = the_network AND s.created_at > now() - interval '30 days');
BEGIN
    DELETE FROM sign_in_failure WHERE last_at < now() - interval '6 hours';
    wait_s := greatest(sign_in_wait(the_bucket, the_network, 3), sign_in_wait(-1, the_network, 20),
                       CASE WHEN NOT familiar THEN sign_in_wait(the_bucket, '', 20) END);
    IF wait_s = 0 THEN
        INSERT INTO sign_in_failure AS f (bucket, address, failures, last_at)
            VALUES (the_bucket, the_network, 1, clock_timestamp()), (-1, the_network, 1, clock_timestamp()),
                   (the_bucket, '', 1, clock_timestamp())
            ON CONFLICT (bucket, address) DO UPDATE SET failures = f.failures + 1, last_at = clock_timestamp();
        SELECT a.id, a.password INTO account, password FROM account a WHERE a.login = the_login;
    END IF;
    RETURN NEXT;
END $$;

-- A try was none of a guesser: the account's failures are forgotten, and of the address's those that were with this account.
CREATE FUNCTION sign_in_forgive(the_login text, the_address inet) RETURNS void LANGUAGE sql AS $$
    UPDATE sign_in_failure f SET failures = greatest(0, f.failures - own.failures) FROM sign_in_failure own
        WHERE f.bucket = -1 AND f.address = sign_in_network(the_address)
          AND own.bucket = sign_in_bucket(the_login) AND own.address = f.address;
    DELETE FROM sign_in_failure
        WHERE bucket = sign_in_bucket(the_login) AND address IN ('', sign_in_network(the_address));
$$;

-- A new session of an account. The oldest ones beyond the most an account may have end; those of a quarter ago are erased.
CREATE FUNCTION staff_session_make(
    the_account uuid, the_hash bytea, the_address inet, the_agent text, hours integer, idle_s integer, most integer
) RETURNS void LANGUAGE sql AS $$
    DELETE FROM staff_session WHERE account = the_account AND created_at < now() - interval '90 days';
    UPDATE staff_session SET ended_at = now() WHERE id IN (
        SELECT id FROM staff_session WHERE account = the_account AND ended_at IS NULL AND expires_at > now()
        ORDER BY seen_at DESC OFFSET most - 1);
    INSERT INTO staff_session (token_hash, account, address, agent, idle_at, expires_at)
        VALUES (the_hash, the_account, the_address, the_agent, now() + make_interval(secs => idle_s),
                now() + make_interval(hours => hours));
$$;

-- The password that was found right (the_old) opens a session, if it still is the account's and the account is not disabled.
-- the_new: the same password under the parameters of today, or a new one, or NULL; changed: it is a new one, so every session
-- ends. One row: the session; none: refused.
CREATE FUNCTION sign_in_done(
    the_account uuid, the_old text, the_new text, changed boolean, the_hash bytea, the_address inet, the_agent text,
    hours integer, idle_s integer, most integer
) RETURNS SETOF live_staff LANGUAGE plpgsql AS $$
DECLARE
    the_login text;
BEGIN
    UPDATE account SET password = coalesce(the_new, password), must_change = must_change AND NOT changed
        WHERE id = the_account AND password = the_old AND disabled_at IS NULL
        RETURNING login INTO the_login;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM sign_in_forgive(the_login, the_address);
    IF changed THEN
        UPDATE staff_session SET ended_at = now() WHERE account = the_account AND ended_at IS NULL;
    END IF;
    PERFORM staff_session_make(the_account, the_hash, the_address, the_agent, hours, idle_s, most);
    RETURN QUERY SELECT * FROM live_staff WHERE token_hash = the_hash;
END $$;
