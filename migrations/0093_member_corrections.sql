-- Why: a business asks the chamber, in its portal, to correct its SIRET, its trade or its commune.
-- Locks: nothing that is in use.
-- Previous release: still runs; it neither reads nor writes them.

-- What a business asked to correct, once at most; a later request replaces it. The name has a table of its own (member_renames).
create table member_corrections (
  scheme_id    text not null references schemes,
  member_id    uuid not null,
  -- Null: this is not asked.
  siret        text,
  trade        text,
  -- With another commune, the whole address is asked.
  commune_code text references communes,
  address      text,
  postal_code  text,
  asked_at     timestamptz not null,
  -- contact:ID
  asked_by     text not null,
  -- Null: it waits. A declined one stays, so that the business reads of it.
  declined_at  timestamptz,
  reason       text check (length(reason) between 1 and 200),
  primary key (scheme_id, member_id),
  foreign key (scheme_id, member_id) references members on delete cascade,
  check (siret is not null or trade is not null or commune_code is not null)
);
create index member_corrections_waiting on member_corrections (scheme_id, asked_at) where declined_at is null;
grant select, insert, update, delete on member_corrections to tocsin_app;
alter table member_corrections enable row level security;
alter table member_corrections force row level security;
create policy member_corrections_own on member_corrections to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on member_corrections to tocsin_service;
create policy member_corrections_across on member_corrections to tocsin_service using (true);
