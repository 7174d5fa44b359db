-- Why: an import records the dues that its list says are paid, as payments that are undone with it.
-- Locks: dues_payment_batches and member_import_jobs, for an instant.
-- Previous release: still runs; it shows these payments as typed together, and continues a stored import without them.

-- The file name of the list that these payments come from; null for payments that were typed. The batch of an import has the id
-- of its change.
alter table dues_payment_batches add column list text;

-- How the payments of the list are recorded: { way, receivedOn }; null if they are not.
alter table member_import_jobs add column payments jsonb;
