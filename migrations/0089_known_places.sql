-- Why: strangers who fail to sign in must not keep out an operator who signs in from where they always do.
-- Locks: nothing that exists.
-- Previous release: goes on running; it neither writes nor reads these rows.

-- Devices and networks from which an account signed in: what others do elsewhere does not count against it there.
-- Belongs to no scheme: read before anybody is known. Read and written by the owner alone.
create table sign_in_places (
  -- HMAC of the account with the device or the network: neither can be read from it.
  place   text primary key,
  user_id text not null references "user" on delete cascade,
  seen_at timestamptz not null
);
create index sign_in_places_user on sign_in_places (user_id);
create index sign_in_places_seen on sign_in_places (seen_at);
