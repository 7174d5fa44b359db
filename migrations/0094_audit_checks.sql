-- Why: reading a record of 100,000 entries and computing their hashes takes more than half a second of the processor, each time
-- that its screen is opened. The last check of each chain is kept here: one a day is made in the background, others when asked for.
-- Locks: none, it is a new table.
-- Previous release: goes on running.

create table audit_checks (
  scheme_id     text primary key,
  checked_at    timestamptz not null,
  -- Whole up to here.
  entries       bigint not null check (entries >= 0),
  -- The first entry that is not what was written.
  broken_seq    bigint,
  broken_reason text check (broken_reason in ('changed', 'missing', 'cut', 'unexpected')),
  check ((broken_seq is null) = (broken_reason is null))
);
alter table audit_checks enable row level security;
create policy audit_checks_own on audit_checks to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on audit_checks to tocsin_app;
