-- Why: an account is opened by an invitation with a link of one use, so that nobody else knows its first password; the
-- administrator of the platform has a role outside the schemes.
-- Locks: grants, for an instant.
-- Previous release: still runs; it gives first passwords, and an administrator of the platform sees nothing there.

-- A link by which the holder of an account sets its password: its first one, or a new one after it was lost. Owner only: the
-- holder is not signed in yet.
create table invitations (
  id           uuid primary key,
  user_id      text not null references "user" on delete cascade,
  purpose      text not null check (purpose in ('invite', 'recover')),
  -- SHA-256 of the token in the link. Null: the mail that carries it has not been sent yet.
  token_hash   text unique,
  created_at   timestamptz not null,
  created_by   text not null,
  expires_at   timestamptz not null,
  used_at      timestamptz,
  -- Withdrawn by a person, or replaced by a later link.
  withdrawn_at timestamptz
);
create index invitations_user on invitations (user_id, created_at);

-- The administrator of the platform: a role outside the schemes, with the empty id.
alter table grants drop constraint grants_role_check;
alter table grants add constraint grants_role_check
  check (role in ('operator', 'chief', 'magistrate', 'chamber', 'trade_chamber', 'admin'));
alter table grants drop constraint grants_scheme_id_fkey;
alter table grants add column scheme_ref text generated always as (nullif(scheme_id, '')) stored references schemes;
alter table grants add constraint grants_platform check ((role = 'admin') = (scheme_id = ''));
