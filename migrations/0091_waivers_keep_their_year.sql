-- Why: a fee that a merge waived is waived for its year, as one that the chamber waives: what is paid or returned later must not
-- settle or open another year in its place. Waivers of a merge are still told from those of the chamber, which only it undoes.
-- Locks: dues, for the time of an update of the few waived ones.
-- Previous release: still runs; it notes no waivers of new merges.

alter table dues
  -- The part of waived_cents that merges waived, because both members were billed for the year.
  add column merged_cents integer not null default 0,
  add constraint dues_merged_within check (merged_cents between 0 and waived_cents);
grant update (merged_cents) on dues to tocsin_app;

-- Until now waived_cents was what the chamber waived alone; the other waivers of a year are of merges.
with waivers as (
  select e.scheme_id, e.member_id, e.year, e.no, l.credit_cents - coalesce((
    select sum(b.debit_cents) from ledger_entries c
    join ledger_lines b on b.scheme_id = c.scheme_id and b.no = c.no and b.line = 1
    where c.scheme_id = e.scheme_id and c.member_id = e.member_id and c.kind = 'cancellation' and c.piece = 'OD-' || e.no
  ), 0) as cents
  from ledger_entries e
  join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no and l.line = 1
  where e.kind = 'waiver' and e.year is not null
), known as (
  select d.scheme_id, d.member_id, d.year, least(d.amount_cents, sum(w.cents)) as cents from dues d
  join waivers w on w.scheme_id = d.scheme_id and w.member_id = d.member_id and w.year = d.year
  where w.no > coalesce((
    select max(k.no) from ledger_entries k
    where k.scheme_id = d.scheme_id and k.member_id = d.member_id and k.kind = 'call' and k.piece = d.year::text
  ), 0)
  group by d.scheme_id, d.member_id, d.year, d.amount_cents
)
update dues d set waived_cents = k.cents, merged_cents = k.cents - d.waived_cents
from known k
where d.scheme_id = k.scheme_id and d.member_id = k.member_id and d.year = k.year and k.cents > d.waived_cents;
