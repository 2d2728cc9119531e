-- Courts, their cases, and the people in them. Names of people stand only here: everything that is append-only refers
-- to them by id, so that a name can be erased and the record still stands.

CREATE TABLE court (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name    text NOT NULL UNIQUE
            CHECK (name IS NFC NORMALIZED AND octet_length(name) BETWEEN 1 AND 255)
);
COMMENT ON TABLE court IS 'A people''s court (toà án nhân dân)';

CREATE TABLE court_case (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    court   uuid NOT NULL REFERENCES court,
    number  text NOT NULL CHECK (octet_length(number) BETWEEN 1 AND 255),
    title   text NOT NULL CHECK (title IS NFC NORMALIZED AND octet_length(title) BETWEEN 1 AND 255),
    demo    boolean NOT NULL DEFAULT false,
    UNIQUE (court, number)
);
COMMENT ON COLUMN court_case.number IS 'Acceptance number, for example 12/2026/TLST-HS';
COMMENT ON COLUMN court_case.demo IS 'Made by `assize demo seed`: everyone in it is fictional';

CREATE TABLE person (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    full_name text NOT NULL
              CHECK (full_name IS NFC NORMALIZED AND octet_length(full_name) BETWEEN 1 AND 255)
);
COMMENT ON COLUMN person.full_name IS 'In Unicode NFC, as in the person''s papers';
