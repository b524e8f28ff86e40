-- What the tenant said of the account's licences, and the slot of that call; used and allowed are null where
-- it doesn't tell.
CREATE TABLE licences (
    number      INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    measured_at TEXT NOT NULL,
    slot        INTEGER NOT NULL,
    used        INTEGER,
    allowed     INTEGER
);
CREATE INDEX licences_by_account ON licences (account);
-- The measurements before the first call and after the last one, where there are any.
ALTER TABLE runs ADD COLUMN licences_before INTEGER REFERENCES licences (number);
ALTER TABLE runs ADD COLUMN licences_after INTEGER REFERENCES licences (number);
-- What each complete fetch counted, one row a fetch. The counts by value are JSON objects.
CREATE TABLE fetch_totals (
    number      INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL REFERENCES accounts (id),
    profile     TEXT NOT NULL,
    fetched_at  TEXT NOT NULL,                  -- when the fetch began
    list_hash   TEXT NOT NULL,                  -- SHA-256 of the list
    devices     INTEGER NOT NULL,
    unseen_90   INTEGER NOT NULL,               -- not seen for more than 90 days
    by_status   TEXT NOT NULL,
    by_type     TEXT NOT NULL,
    by_age      TEXT NOT NULL,
    licences    INTEGER REFERENCES licences (number)
);
CREATE INDEX fetch_totals_by_account ON fetch_totals (account);
