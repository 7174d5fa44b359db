-- Why: a statement of which only lines without a link to dues are left is finished, and the list of statements says so without
-- matching its lines with all members again.
-- Locks: dues_statement_entries, for a moment.
-- Previous release: still runs; the lines that it reads count as open until something is decided in their statement.

alter table dues_statement_entries
  -- Of an open line: nothing said that it is about dues when the statement was last matched.
  add column unrelated boolean not null default false;
