-- Why: a waiver can be for one year, also when an older year is owed: what was paid settles the oldest year first, and must not
-- settle a year in the place of the waiver.
-- Locks: dues, for an instant.
-- Previous release: still runs; it counts a waiver of one year for the oldest year that is owed.

alter table dues
  -- The part that the chamber waived for this year alone, by its ledger entries.
  add column waived_cents integer not null default 0,
  add constraint dues_waived_within check (waived_cents between 0 and amount_cents);
grant update (waived_cents) on dues to tocsin_app;
grant select (waived_cents) on dues to tocsin_contact;
