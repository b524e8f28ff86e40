-- The journal of offboard, version 1. Times are RFC 3339 in UTC; boot times are milliseconds since
-- the boot named beside them. Nothing is ever deleted but slots and caps.

-- What budget, overlap and resume are keyed by.
CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY,
    tenant  TEXT NOT NULL,
    account TEXT NOT NULL,
    UNIQUE (tenant, account)
);

CREATE TABLE runs (
    number       INTEGER PRIMARY KEY,           -- order of arrival on this host
    id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    short        TEXT NOT NULL UNIQUE,
    account      INTEGER NOT NULL REFERENCES accounts (id),
    profile      TEXT NOT NULL,
    action       TEXT NOT NULL CHECK (action IN ('uninstall', 'archive', 'remove')),
    identify_by  TEXT NOT NULL,
    devices      INTEGER NOT NULL,
    left_out     INTEGER NOT NULL,
    repeated     INTEGER NOT NULL,
    batch        INTEGER NOT NULL,
    canary       INTEGER NOT NULL,
    hash         TEXT NOT NULL,
    list_name    TEXT NOT NULL,
    list_hash    TEXT NOT NULL,
    list_time    TEXT,
    query        TEXT,
    note         TEXT,
    os_user      TEXT NOT NULL,
    login_uid    INTEGER,
    sudo_user    TEXT,
    ssh_connection TEXT,
    host         TEXT NOT NULL,
    version      TEXT NOT NULL,
    planned_at   TEXT NOT NULL,
    confirmed_at TEXT,                          -- null: never confirmed, never sent
    started_at   TEXT,
    ended_at     TEXT,
    state        TEXT NOT NULL,
    reason       TEXT,                          -- why it is paused
    stop_requested INTEGER NOT NULL DEFAULT 0   -- another process asks its holder to stop
);

-- Each time a run was taken up again, with the number of devices that was told.
CREATE TABLE resumes (
    run        INTEGER NOT NULL REFERENCES runs (number),
    resumed_at TEXT NOT NULL,
    devices    INTEGER NOT NULL,
    os_user    TEXT NOT NULL,
    login_uid  INTEGER,
    sudo_user  TEXT,
    ssh_connection TEXT,
    host       TEXT NOT NULL,
    PRIMARY KEY (run, resumed_at)
) WITHOUT ROWID;

-- What the plan showed of each device, and how it ended.
CREATE TABLE run_devices (
    run         INTEGER NOT NULL REFERENCES runs (number),
    ordinal     INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('hwid', 'mac')),
    identifier  TEXT NOT NULL,
    hwid        TEXT,
    macs        TEXT NOT NULL,                  -- separated by spaces
    hostname    TEXT NOT NULL,
    nickname    TEXT NOT NULL,
    user_name   TEXT NOT NULL,
    device_type TEXT NOT NULL,
    group_name  TEXT NOT NULL,
    last_seen   TEXT,
    outcome     TEXT CHECK (outcome IN ('accepted', 'failed', 'gone', 'in_doubt')),  -- null: planned
    reason      TEXT,
    call        INTEGER,                        -- the call that decided
    decided_at  TEXT,
    PRIMARY KEY (run, ordinal)
) WITHOUT ROWID;

CREATE INDEX run_devices_by_outcome ON run_devices (run, outcome);

-- All identifiers of all devices, for overlap and "removed earlier".
CREATE TABLE identifiers (
    account    INTEGER NOT NULL REFERENCES accounts (id),
    identifier TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('hwid', 'mac')),
    run        INTEGER NOT NULL,
    ordinal    INTEGER NOT NULL,
    PRIMARY KEY (account, identifier, kind, run, ordinal)
) WITHOUT ROWID;

-- An intent is a row without ended_at: from then on the call may have been applied.
CREATE TABLE calls (
    run        INTEGER NOT NULL REFERENCES runs (number),
    call       INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('hwid', 'mac')),
    origin     TEXT NOT NULL CHECK (origin IN ('fresh', 'half', 'resend')),
    ordinals   TEXT NOT NULL,                   -- a JSON list, in the order sent
    body_hash  TEXT NOT NULL,                   -- SHA-256 of the request's body
    slot       INTEGER NOT NULL,
    intent_at  TEXT NOT NULL,
    ended_at   TEXT,
    verdict    TEXT CHECK (verdict IN ('answered', 'not_sent', 'refused', 'in_doubt')),
    status     INTEGER,
    words      TEXT,                            -- the server's or the network's, made safe to show
    result     TEXT,                            -- the answer's elements, a JSON list; null: unreadable
    PRIMARY KEY (run, call)
) WITHOUT ROWID;

-- What Device Details said of a run's devices.
CREATE TABLE lookups (
    number      INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES runs (number),
    ordinal     INTEGER NOT NULL,
    looked_at   TEXT NOT NULL,
    present     INTEGER NOT NULL,
    hwid        TEXT,
    hostname    TEXT,
    last_seen   TEXT,
    enrolled_at TEXT
);

CREATE INDEX lookups_by_run ON lookups (run);

-- The budget's ledger: one row a call, of the last windows only.
CREATE TABLE slots (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    account   INTEGER NOT NULL REFERENCES accounts (id),
    boot      TEXT NOT NULL,
    taken     INTEGER NOT NULL,
    deadline  INTEGER NOT NULL,
    completed INTEGER,
    purpose   TEXT NOT NULL
);

CREATE INDEX slots_by_account ON slots (account);

-- Limits that the server named.
CREATE TABLE caps (
    account    INTEGER NOT NULL REFERENCES accounts (id),
    source     TEXT NOT NULL,
    left       INTEGER NOT NULL,
    after_slot INTEGER NOT NULL,
    boot       TEXT NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (account, source)
) WITHOUT ROWID;
