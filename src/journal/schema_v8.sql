-- How many devices of a run have each outcome; those without one are the rest. The trigger counts, so
-- that the numbers change in the transaction that stores the outcome, whichever version stores it.
CREATE TABLE outcome_counts (
    run     INTEGER NOT NULL REFERENCES runs (number),
    outcome TEXT NOT NULL,
    devices INTEGER NOT NULL,
    PRIMARY KEY (run, outcome)
) WITHOUT ROWID;
INSERT INTO outcome_counts SELECT run, outcome, count(*) FROM run_devices
    WHERE outcome IS NOT NULL GROUP BY run, outcome;
DROP INDEX run_devices_by_outcome;
CREATE TRIGGER count_outcomes AFTER UPDATE OF outcome ON run_devices WHEN old.outcome IS NOT new.outcome BEGIN
    UPDATE outcome_counts SET devices = devices - 1 WHERE run = old.run AND outcome = old.outcome;
    INSERT INTO outcome_counts SELECT new.run, new.outcome, 1 WHERE new.outcome IS NOT NULL
        ON CONFLICT (run, outcome) DO UPDATE SET devices = devices + 1;
END;
-- Open runs are looked up at each start.
CREATE INDEX runs_by_state ON runs (state);
-- The names and identifiers of devices in lower case, which a search looks through: a block has
-- consecutive devices of a run and fits in a page. Rows are in the order of runs and devices.
CREATE TABLE search_blocks (
    number        INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES runs (number),
    first_ordinal INTEGER NOT NULL,
    last_ordinal  INTEGER NOT NULL,
    text          TEXT NOT NULL
);
CREATE INDEX search_blocks_by_run ON search_blocks (run);
