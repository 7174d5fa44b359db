-- Why: agents sign in by an identity provider (OpenID Connect, ProConnect), and a scheme says which sign-in each role needs.
-- Locks: schemes and session, for an instant.
-- Previous release: still runs, but requires of nobody what a scheme requires.

-- Which sign-in each role needs, and the organisations (SIRET) of its agencies (src/schemes/contract.ts, AccessSettings).
alter table schemes add column access jsonb not null default '{}';

-- provider: the identity provider, which did not say that a second factor was given; provider_mfa: it said so.
alter table session drop constraint session_factor_check;
alter table session add constraint session_factor_check
  check (factor in ('password', 'code', 'passkey', 'demo', 'provider', 'provider_mfa'));
-- Whether its user proved who they are at the identity provider.
alter table session add column provider boolean not null default false;

-- The identity of an account at the identity provider, linked at its first sign-in there. The tables below are read before a scheme
-- is known (at sign-in): the restricted roles have no right on them.
create table provider_links (
  issuer    text not null,
  -- The subject of its ID tokens.
  subject   text not null,
  user_id   text not null references "user" on delete cascade,
  -- The id of the person at their own organisation, which the provider passes on.
  uid       text,
  linked_at timestamptz not null,
  primary key (issuer, subject),
  unique (user_id, issuer)
);

-- A visit to the identity provider that began in a browser. It is deleted when the browser returns, so its state is of one use.
create table provider_visits (
  -- SHA-256 of the state.
  state_hash    text primary key,
  -- SHA-256 of the cookie of the browser.
  browser_hash  text not null,
  nonce         text not null,
  code_verifier text not null,
  purpose       text not null check (purpose in ('sign-in', 'factor')),
  -- The session in which a factor is given.
  session_id    text references session on delete cascade,
  -- The invitation that the visit accepts.
  invitation_id uuid references invitations on delete cascade,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  check ((purpose = 'factor') = (session_id is not null))
);
create index provider_visits_expires on provider_visits (expires_at);

-- A proven identity whose sign-in waits for a code of the account, since the provider reported no second factor.
create table provider_waiting (
  browser_hash text primary key,
  user_id      text not null references "user" on delete cascade,
  id_token     text not null,
  expires_at   timestamptz not null
);

-- The ID token of a session, which signs out at the provider too.
create table provider_sessions (
  session_id text primary key references session on delete cascade,
  id_token   text not null
);
