-- Identifiers are compared in normal form: HWIDs that differ only in case may be one device.
UPDATE identifiers SET identifier = lower(identifier) WHERE kind = 'hwid' AND identifier <> lower(identifier);
-- When the list says that a device was enrolled, and the run that removed it earlier, where the
-- operator saw that and marked it all the same.
ALTER TABLE run_devices ADD COLUMN enrolled TEXT;
ALTER TABLE run_devices ADD COLUMN removed_by BLOB;
-- The newest slot when the plan was built; null for plans of earlier versions and other journals.
ALTER TABLE runs ADD COLUMN known_slot INTEGER;
-- Who approved the plan: [[name, key fingerprint], ...]; null where nobody had to.
ALTER TABLE runs ADD COLUMN approvals TEXT;
-- The plan files that were written with this journal. Only these are sent without a signature.
CREATE TABLE plan_files (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    digest     TEXT NOT NULL,                   -- SHA-256 of the file's values
    written_at TEXT NOT NULL,
    os_user    TEXT NOT NULL,
    host       TEXT NOT NULL
) WITHOUT ROWID;
-- The boot and the boot time of a call's intent, against which "long ago" is measured: the wall
-- clock may jump.
ALTER TABLE calls ADD COLUMN boot TEXT;
ALTER TABLE calls ADD COLUMN intent_boot INTEGER;
