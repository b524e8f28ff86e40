-- The recheck of a plan after its confirmation: the plan that was confirmed had as many devices as the run,
-- or more.
CREATE TABLE rechecks (
    run             INTEGER PRIMARY KEY REFERENCES runs (number),
    checked_at      TEXT NOT NULL,
    list_name       TEXT NOT NULL,
    list_hash       TEXT NOT NULL,
    list_time       TEXT,
    planned_devices INTEGER NOT NULL,
    planned_hash    TEXT NOT NULL,              -- of the plan that was confirmed and signed
    dropped_why     TEXT NOT NULL               -- as [kind, reason, devices], a JSON list
);
-- The devices that it dropped, which the run doesn't have.
CREATE TABLE dropped_devices (
    run         INTEGER NOT NULL REFERENCES runs (number),
    ordinal     INTEGER NOT NULL,               -- in the plan that was confirmed
    kind        TEXT NOT NULL CHECK (kind IN ('hwid', 'mac')),
    identifier  TEXT NOT NULL,
    hwid        TEXT,
    macs        TEXT NOT NULL,                  -- separated by spaces
    hostname    TEXT NOT NULL,
    reason_kind TEXT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (run, ordinal)
) WITHOUT ROWID;
