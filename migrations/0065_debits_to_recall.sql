-- Why: a debit whose mandate was revoked is taken out of its file by itself; of a file that was downloaded, the chamber is told
-- that the bank may have it.
-- Locks: dues_debit_file_versions, for an instant.
-- Previous release: goes on running; it takes none out by itself.

-- When it was downloaded, where nobody said that the bank does not have it: what was taken out is to be called back there.
alter table dues_debit_file_versions add column taken_at timestamptz;
grant update (taken_at) on dues_debit_file_versions to tocsin_app;
