-- Why: what somebody writes to say why it did something may name people, and the audit record is never erased: such words are
-- kept beside it, shown with it, and leave by their time.
-- Locks: nothing; the table is new.
-- Previous release: goes on running; it writes reasons of withdrawn campaigns and of traced copies into the record still.

create table audit_reasons (
  scheme_id text not null,
  -- Of the entry that it belongs to.
  seq       bigint not null,
  at        timestamptz not null,
  reason    text not null,
  primary key (scheme_id, seq)
);
alter table audit_reasons enable row level security;
create policy audit_reasons_own on audit_reasons to tocsin_app using (scheme_id = current_scheme());
-- Whoever writes one does not change it.
grant select, insert on audit_reasons to tocsin_app;
