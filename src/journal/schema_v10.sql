-- The rows of a run's devices as the list held them, in blocks. Record N is of the device with ordinal N; a
-- device that was not in the list has one without rows. A run without blocks has no records: an earlier
-- version stored it.
CREATE TABLE run_records (
    run     INTEGER NOT NULL REFERENCES runs (number),
    first   INTEGER NOT NULL,                   -- the first record of the block
    records INTEGER NOT NULL,                   -- how many it has
    data    BLOB NOT NULL,                      -- JSON arrays of rows, one per record; Zstandard
    PRIMARY KEY (run, first)
);
