-- Why: who gets copies and whom a cheque is made out to may be named by the record of what was set, which is never erased: such
-- names are kept beside it, as reasons are, shown with it, and leave by their time.
-- Locks: audit_reasons, for an instant: a column with a constant.
-- Previous release: goes on running; it writes these names into the record still.

-- Details of the entry that may name people, by key.
alter table audit_reasons add column named jsonb not null default '{}';
