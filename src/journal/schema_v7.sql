-- The device's own status, as the list had it; empty for runs of earlier versions.
ALTER TABLE run_devices ADD COLUMN status TEXT NOT NULL DEFAULT '';
-- Who asked the holder of a run to stop it; null where nobody did.
ALTER TABLE runs ADD COLUMN stop_requested_by TEXT;
