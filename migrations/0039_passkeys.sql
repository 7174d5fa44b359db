-- Why: merchants sign in to the portal with a passkey.
-- Locks: nothing; both tables are new.
-- Previous release: goes on running.

-- Over all schemes, as sessions are: the owner alone sees these tables.
create table contact_passkeys (
  -- The id of the credential, base64url.
  id           text primary key,
  -- Whose it is: whoever held this phone, or this mailbox, when it was added.
  phone        text,
  mail         text,
  -- The contacts that this was then. Where none of them holds it any more, somebody else does.
  contact_ids  uuid[] not null check (cardinality(contact_ids) > 0),
  -- COSE
  public_key   bytea not null,
  sign_count   bigint not null,
  transports   text[] not null,
  name         text not null check (name <> ''),
  created_at   timestamptz not null,
  used_at      timestamptz,
  check ((phone is null) <> (mail is null))
);
create index contact_passkeys_phone on contact_passkeys (phone) where phone is not null;
create index contact_passkeys_mail on contact_passkeys (mail) where mail is not null;

-- What an authenticator is given to sign: once, for some minutes.
create table passkey_challenges (
  challenge  text primary key,
  -- The session that adds a passkey; null: somebody signs in.
  session_id uuid,
  expires_at timestamptz not null
);
create index passkey_challenges_expires on passkey_challenges (expires_at);
