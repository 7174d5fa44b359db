-- Why: all debits of a file whose mandates were revoked leave it at once: it is made again once, not once for each.
-- Locks: dues_debit_file_versions, for an instant.
-- Previous release: goes on running; it makes the file again for each.

alter table dues_debit_file_versions drop constraint dues_debit_file_versions_pkey,
  add primary key (scheme_id, file_id, version, debit_id);
