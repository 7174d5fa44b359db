-- Why: the answer to an erasure says what was erased of a person, and what is kept.
-- Locks: data_requests, for a moment.
-- Previous release: refuses this migration, as every one of 0.5.0.

-- What an erasure of people, and not of a whole member, erased and kept: the number of records by section of the file of a person.
-- Null for other requests.
alter table data_requests add column traces jsonb;
