-- The manufacturer's serial number, as the list had it; empty for runs of earlier versions.
ALTER TABLE run_devices ADD COLUMN serial TEXT NOT NULL DEFAULT '';
-- Looks at the tenant that say what became of accepted devices. Rows are added and never changed.
CREATE TABLE verifications (
    number      INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    run         INTEGER REFERENCES runs (number),   -- null: all runs of the account
    source      TEXT NOT NULL CHECK (source IN ('inventory', 'lookup')),
    seen_at     TEXT NOT NULL,                  -- when the inventory was begun, or the last lookup answered
    inventory_hash TEXT,                        -- SHA-256 of the list's text; null for lookups
    devices     INTEGER NOT NULL,               -- of the inventory, or that were looked up
    verified_at TEXT NOT NULL,
    os_user     TEXT NOT NULL,
    login_uid   INTEGER,
    sudo_user   TEXT,
    ssh_connection TEXT,
    host        TEXT NOT NULL
);
CREATE INDEX verifications_by_account ON verifications (account);
-- The counts of a run, where a verification changed them. Devices that were accepted by a call up to
-- through_call and have no row in verified_devices are gone.
CREATE TABLE verified_runs (
    run          INTEGER NOT NULL REFERENCES runs (number),
    verification INTEGER NOT NULL REFERENCES verifications (number),
    through_call INTEGER NOT NULL,
    gone         INTEGER NOT NULL,
    still_there  INTEGER NOT NULL,
    returned     INTEGER NOT NULL,
    unknown      INTEGER NOT NULL,              -- of the calls up to through_call, and of those looked up
    PRIMARY KEY (run, verification)
) WITHOUT ROWID;
-- The state of a device, where a verification changed it, and the tenant's record by which it was found.
CREATE TABLE verified_devices (
    run           INTEGER NOT NULL REFERENCES runs (number),
    ordinal       INTEGER NOT NULL,
    verification  INTEGER NOT NULL REFERENCES verifications (number),
    state         TEXT NOT NULL CHECK (state IN ('gone', 'still_there', 'returned', 'unknown')),
    recognised_by TEXT,
    hwid          TEXT,
    macs          TEXT NOT NULL,                -- of a record without a HWID, separated by spaces
    hostname      TEXT NOT NULL,
    last_seen     TEXT,
    enrolled      TEXT,
    PRIMARY KEY (run, ordinal, verification)
) WITHOUT ROWID;
