-- Why: a change of what governs the two-person rule, money or recipients is proposed by one account and put in force by another.
-- Locks: nothing that exists.
-- Previous release: still runs; it changes these settings at once, and leaves waiting changes alone.

create table setting_changes (
  scheme_id       text not null references schemes,
  id              uuid not null,
  -- What is changed (src/settings/rules.ts): doctrine, observers, dues…
  subject         text not null check (subject <> ''),
  -- [{setting, before, after}]; put in force only while `before` still holds.
  parts           jsonb not null,
  reason          text not null check (reason <> ''),
  -- No other active account had a role that puts it in force: declared in writing by the reason.
  alone           boolean not null default false,
  -- In the format of the audit log: `user:<id>`.
  proposed_by     text not null,
  proposed_name   text not null,
  proposed_at     timestamptz not null,
  -- End of the cooling time; the same as proposed_at without one.
  ready_at        timestamptz not null,
  -- A change that is still proposed then has expired; no row is written for it.
  expires_at      timestamptz not null,
  state           text not null default 'proposed'
    check (state in ('proposed', 'in_force', 'rejected', 'withdrawn', 'overtaken')),
  decided_by      text,
  decided_name    text,
  decided_at      timestamptz,
  decision_reason text,
  primary key (scheme_id, id),
  check ((state = 'proposed') = (decided_at is null)),
  check (alone or state <> 'in_force' or decided_by <> proposed_by)
);
create index setting_changes_latest on setting_changes (scheme_id, proposed_at);
alter table setting_changes enable row level security;
create policy setting_changes_own on setting_changes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on setting_changes to tocsin_app;
