-- How many devices the list had; null for runs of earlier versions.
ALTER TABLE runs ADD COLUMN list_devices INTEGER;
-- Devices that nobody may send until a date. Rows are added and never changed: a hold that was ended early
-- has a row in hold_ends.
CREATE TABLE holds (
    number      INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    hwid        TEXT,
    macs        TEXT NOT NULL,                  -- separated by spaces
    hostname    TEXT NOT NULL,
    until       TEXT NOT NULL,                  -- the last day, in UTC
    reason      TEXT NOT NULL,
    owner       TEXT,
    added_at    TEXT NOT NULL,
    boot        TEXT NOT NULL,
    added_boot  INTEGER NOT NULL,
    os_user     TEXT NOT NULL,
    login_uid   INTEGER,
    sudo_user   TEXT,
    ssh_connection TEXT,
    host        TEXT NOT NULL
);
CREATE INDEX holds_by_account ON holds (account);
CREATE TABLE hold_identifiers (
    account    INTEGER NOT NULL REFERENCES accounts (id),
    identifier TEXT NOT NULL,                   -- in normal form
    kind       TEXT NOT NULL CHECK (kind IN ('hwid', 'mac')),
    hold       INTEGER NOT NULL REFERENCES holds (number),
    PRIMARY KEY (account, identifier, kind, hold)
) WITHOUT ROWID;
CREATE TABLE hold_ends (
    hold        INTEGER PRIMARY KEY REFERENCES holds (number),
    ended_at    TEXT NOT NULL,
    os_user     TEXT NOT NULL,
    login_uid   INTEGER,
    sudo_user   TEXT,
    ssh_connection TEXT,
    host        TEXT NOT NULL
);
-- The newest time by the server's clock, for each boot, and its boot time: what confirms that a hold has
-- ended.
CREATE TABLE server_times (
    account INTEGER NOT NULL REFERENCES accounts (id),
    boot    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    server  TEXT NOT NULL,
    PRIMARY KEY (account, boot)
) WITHOUT ROWID;
