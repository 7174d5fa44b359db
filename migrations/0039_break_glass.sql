-- Why: somebody must be able to let people in again when every administrator and chief is locked out: a sealed account of the
-- installation, which two codes open together.
-- Locks: grants and session, for an instant.
-- Previous release: still runs; it refuses the sessions of an open break-glass account, and shows nobody that it is open.

-- The codes of two envelopes. Owner only, as all tables of accounts: nobody is signed in yet.
create table break_glass_seals (
  no          integer primary key check (no > 0),
  sealed_at   timestamptz not null,
  sealed_by   text not null,
  -- The name of the account, or the one given on the command line.
  sealed_name text not null,
  -- Salted hashes of the codes; erased when the seal is broken or replaced, so that no code is of use twice.
  first_hash  text,
  second_hash text,
  broken_at   timestamptz,
  replaced_at timestamptz,
  -- When administrators were last reminded that it is broken.
  reminded_at timestamptz
);
create unique index break_glass_seals_current on break_glass_seals ((replaced_at is null)) where replaced_at is null;

-- Each opening has an account of its own, which the audit log names.
create table break_glass_openings (
  id          uuid primary key,
  seal_no     integer not null references break_glass_seals,
  user_id     text not null references "user" on delete cascade,
  -- The names that the two persons typed.
  first_name  text not null,
  second_name text not null,
  reason      text not null,
  drill       boolean not null,
  opened_at   timestamptz not null,
  ends_at     timestamptz not null,
  closed_at   timestamptz,
  closed_by   text,
  closed_name text,
  -- How many acts of it are in the audit log, known when it is closed.
  acts        integer,
  -- session: its session ended otherwise, such as by signing out; replaced: another opening came.
  closed_why  text check (closed_why in ('person', 'time', 'session', 'replaced')),
  check ((closed_at is null) = (closed_why is null))
);
create unique index break_glass_openings_open on break_glass_openings ((closed_at is null)) where closed_at is null;

alter table grants drop constraint grants_role_check;
alter table grants add constraint grants_role_check
  check (role in ('operator', 'chief', 'magistrate', 'chamber', 'trade_chamber', 'admin', 'break_glass'));
alter table grants drop constraint grants_platform;
alter table grants add constraint grants_platform check ((role in ('admin', 'break_glass')) = (scheme_id = ''));

-- break_glass: the codes of both envelopes.
alter table session drop constraint session_factor_check;
alter table session add constraint session_factor_check
  check (factor in ('password', 'code', 'passkey', 'demo', 'provider', 'provider_mfa', 'break_glass'));
