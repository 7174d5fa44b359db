-- Why: one transfer may pay for several shops. Each share of it is a movement with a payment of its own, and undoing makes them
-- one movement again.
-- Locks: dues_statement_entries, for a moment.
-- Previous release: still runs; it shows shares as movements of their own, and leaves them apart when it undoes a statement.

alter table dues_statement_entries
  -- Of a share: the movement of the file, which keeps the first share as its amount until they are one again. Null otherwise.
  add column split_of uuid,
  add foreign key (scheme_id, split_of) references dues_statement_entries (scheme_id, id) on delete cascade;
create index dues_statement_entries_shares on dues_statement_entries (scheme_id, split_of) where split_of is not null;
