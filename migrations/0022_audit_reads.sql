-- Why: readings of reports, of texts with precise elements and of recipients are on the record.
-- Locks: none.
-- Previous release: still runs; it records no reading.

-- The last recorded reading of an object by a person: the next hour of the same is not recorded again.
create table audit_reads (
  scheme_id text not null,
  actor     text not null,
  subject   text not null,
  action    text not null,
  at        timestamptz not null,
  primary key (scheme_id, actor, subject, action)
);
create index audit_reads_at on audit_reads (at);
grant select, insert, update on audit_reads to tocsin_app;
alter table audit_reads enable row level security;
create policy audit_reads_own on audit_reads to tocsin_app using (scheme_id = current_scheme());
