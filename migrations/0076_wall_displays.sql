-- Why: a screen on the wall of a control room shows alerts and calls without the session of a user, which would be locked (ADR 54).
-- Locks: nothing that is in use.
-- Previous release: still runs; it neither reads nor writes them.

-- A screen that was opened, for 12 hours at most. Its cookie reads one endpoint and changes nothing.
create table wall_displays (
  scheme_id  text not null references schemes on delete cascade,
  id         uuid not null,
  -- SHA-256 of what its cookie holds.
  token_hash text not null,
  opened_at  timestamptz not null,
  -- The name of the account.
  opened_by  text not null,
  expires_at timestamptz not null check (expires_at > opened_at),
  closed_at  timestamptz,
  primary key (scheme_id, id),
  constraint wall_displays_token unique (scheme_id, token_hash)
);
grant select, insert, update, delete on wall_displays to tocsin_app;
alter table wall_displays enable row level security;
alter table wall_displays force row level security;
create policy wall_displays_own on wall_displays to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on wall_displays to tocsin_service;
create policy wall_displays_across on wall_displays to tocsin_service using (true);
