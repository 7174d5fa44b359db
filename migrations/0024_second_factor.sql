-- Why: accounts of the console can have a second factor beside the password: codes of an application, and recovery codes.
-- Locks: "user" and session, for an instant.
-- Previous release: still runs, but asks for no code.

alter table "user" add column two_factor_enabled boolean not null default false;

-- The secret of an application for codes (TOTP) and the recovery codes of an account, both encrypted by better-auth. Read
-- before a scheme is known (at sign-in): the restricted roles have no right on it.
create table two_factor (
  id                        text primary key,
  user_id                   text not null unique references "user" on delete cascade,
  secret                    text not null,
  backup_codes              text not null,
  -- False until a first code proved that the application has the secret.
  verified                  boolean not null default false,
  -- Columns of better-auth, whose own count of failures is off: failure_counts has them.
  failed_verification_count integer,
  locked_until              timestamptz,
  created_at                timestamptz not null default now()
);

-- The strongest factor that the user of the session gave; demo: none, by a button.
alter table session add column factor text not null default 'password'
  check (factor in ('password', 'code', 'passkey', 'demo'));
