-- Why: an account is closed and opened again without losing its history, and a password given by an administrator is
-- changed at its first use.
-- Locks: "user", for an instant: a column without a value and one with a constant.
-- Previous release: goes on running; it lets disabled accounts in, and asks nobody for a new password.

alter table "user"
  -- Since when nobody signs in to the account; null: it is open.
  add column disabled_at timestamptz,
  -- The password was given by an administrator: until it is changed, the account does nothing else.
  add column password_due boolean not null default false;
