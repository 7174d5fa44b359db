-- Why: an answer for a cell of a list names its author, and that of a trade chamber counts for its own lists only; a business
-- that joins keeps the postal code that the State's register gives.
-- Locks: import_answers, for the time of a new primary key on a few hundred rows; enrolments, for a column without default.
-- Previous release: still runs; its requests have no postal code, and it does not know import_answers.

alter table import_answers
  -- An actor, as in the audit log; null for answers stored before.
  add column answered_by text,
  -- The trades, sorted, of the trade chambers whose lists it is for; empty: all lists of the scheme.
  add column trades text[] not null default '{}',
  drop constraint import_answers_pkey,
  add primary key (scheme_id, kind, written, trades);

alter table enrolments add column postal_code text;
