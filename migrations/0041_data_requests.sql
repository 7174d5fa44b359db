-- Why: what people ask of their data (GDPR articles 15 to 21) is answered within a month, and shown to have been.
-- Locks: nothing; the table is new.
-- Previous release: goes on running.

create table data_requests (
  scheme_id   text not null references schemes,
  id          uuid not null,
  kind        text not null check (kind in ('access', 'rectification', 'erasure', 'objection')),
  -- Null: of nobody who is a member.
  member_id   uuid,
  -- Who asks, as they were entered; empty once they were erased.
  person      text not null,
  via         text not null check (via in ('letter', 'mail', 'phone', 'desk')),
  received_on date not null,
  -- A month later (article 12.3).
  due_on      date not null,
  state       text not null default 'open' check (state in ('open', 'done', 'refused')),
  -- What was answered, or why it was refused.
  answer      text not null default '',
  created_at  timestamptz not null,
  created_by  text not null,
  decided_at  timestamptz,
  decided_by  text,
  primary key (scheme_id, id),
  foreign key (scheme_id, member_id) references members,
  check ((state = 'open') = (decided_at is null)),
  check (state <> 'refused' or answer <> '')
);
create index data_requests_open on data_requests (scheme_id, due_on) where state = 'open';
alter table data_requests enable row level security;
create policy data_requests_own on data_requests to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on data_requests to tocsin_app;
