-- Why: users of the console sign in with a passkey, and a session knows when its user last proved who they are.
-- Locks: session, for an instant.
-- Previous release: still runs; it knows no passkeys, and its sessions count as proved when they began.

-- A passkey of an account. Read before a scheme is known (at sign-in): the restricted roles have no right on it.
create table account_passkeys (
  -- The id of the credential, base64url.
  id         text primary key,
  user_id    text not null references "user" on delete cascade,
  -- COSE
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  -- As its holder calls it.
  name       text not null check (name <> ''),
  created_at timestamptz not null,
  used_at    timestamptz
);
create index account_passkeys_user on account_passkeys (user_id);

-- When the user of the session last gave a factor: at sign-in, or later.
alter table session add column factor_at timestamptz not null default now();
update session set factor_at = created_at;
