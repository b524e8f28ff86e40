-- Who replaced the names of devices and users by hashes, when, of what, and how many.
CREATE TABLE forgets (
    number       INTEGER PRIMARY KEY,
    forgotten_at TEXT NOT NULL,
    before_day   TEXT NOT NULL,                 -- runs and holds that were over before it, in UTC
    runs         INTEGER NOT NULL,
    devices      INTEGER NOT NULL,
    holds        INTEGER NOT NULL,
    os_user      TEXT NOT NULL,
    login_uid    INTEGER,
    sudo_user    TEXT,
    ssh_connection TEXT,
    host         TEXT NOT NULL
);
-- The number of the one that replaced the names of this run or hold; null while it has them.
ALTER TABLE runs ADD COLUMN forgotten INTEGER;
ALTER TABLE holds ADD COLUMN forgotten INTEGER;
