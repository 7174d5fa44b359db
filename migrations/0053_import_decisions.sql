-- Why: a row of a list that shares a number with a member, and little else, waits until somebody says whether they are one.
-- Locks: the rows of lists that are being imported, for an instant.
-- Previous release: goes on running.

-- What was answered, and to which question: {"is": "same" | "other", "remark": …}; null: nothing.
alter table member_import_rows add column decision jsonb;
create index member_import_rows_decided on member_import_rows (scheme_id, import_id, line) where decision is not null;
