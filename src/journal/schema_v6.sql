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
-- The wall clock minus the boot time when a slot was taken, in milliseconds: a clock that was restored
-- or set differs.
ALTER TABLE slots ADD COLUMN clock_offset INTEGER;
-- When a boot first saw a slot, its completion, a cap or another boot, in its own boot time: what
-- another boot stored can't be placed in time otherwise.
CREATE TABLE first_seen (
    observer TEXT NOT NULL,                     -- the boot that saw it
    kind     TEXT NOT NULL CHECK (kind IN ('slot', 'completion', 'cap', 'boot')),
    name     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (observer, kind, name)
) WITHOUT ROWID;
-- Each boot has its own caps, so that none replaces another's. wait is how long it was to hold.
CREATE TABLE boot_caps (
    account    INTEGER NOT NULL REFERENCES accounts (id),
    boot       TEXT NOT NULL,
    source     TEXT NOT NULL,
    left       INTEGER NOT NULL,
    after_slot INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    wait       INTEGER NOT NULL,
    PRIMARY KEY (account, boot, source)
) WITHOUT ROWID;
INSERT INTO boot_caps SELECT account, boot, source, left, after_slot, until, 3600000 FROM caps
    WHERE source <> 'unknown';
DROP TABLE caps;
ALTER TABLE boot_caps RENAME TO caps;
