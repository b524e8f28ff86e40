-- How many devices the list had; null for runs of earlier versions.
ALTER TABLE runs ADD COLUMN list_devices INTEGER;
