-- A court tells its people what an organisation is called that its centre passes a notice on from.

ALTER TABLE organisation ADD name text NOT NULL DEFAULT '';
COMMENT ON COLUMN organisation.name IS 'At a centre: what people call it; empty: nobody has said';

-- As 0048 has it; a notice goes on with the name of who sent it as well, where the centre knows one.
CREATE OR REPLACE FUNCTION exchange_heed(said held) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF said.record_type = 'case' THEN
        UPDATE case_file SET status = said.status WHERE source = said.source AND case_key = said.case_key;
    ELSIF said.record_type = 'rejection' THEN
        PERFORM outbox_reject('', said.case_key, said.about, said.reason);
    ELSIF said.record_type = 'notice' AND said.addressee IS NULL THEN
        INSERT INTO notice (source, case_key, seq, public_id, of_case)
            VALUES (said.source, said.case_key, said.seq, said.public_id, notice_only_case(said.public_id));
    ELSIF said.record_type = 'notice' THEN
        PERFORM outbox_tell(said.addressee, said.public_id, 'notice',
                            said.payload || pack_text(15, said.source) || pack_text(16, said.change_id::text) || coalesce(
                                (SELECT pack_text(17, name) FROM organisation WHERE code = said.source AND name <> ''), ''));
    END IF;
END $$;
