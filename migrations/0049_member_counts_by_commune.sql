-- Why: statistics of a sector divide by the members of that sector, not of the whole scheme.
-- Locks: member_counts for a moment; it is read by statistics alone.
-- Previous release: goes on running; it notes no members until it ends.

-- '': noted before this release, of the whole scheme.
alter table member_counts add column commune_code text not null default '';
alter table member_counts drop constraint member_counts_pkey;
alter table member_counts add primary key (scheme_id, day, trade, commune_code);
