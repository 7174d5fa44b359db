-- Why: what the receipts of the last messages say of each number: the chamber sees which ones are dead, and tells their
-- members.
-- Locks: broadcasts, for an instant.
-- Previous release: goes on running.

-- One row a number of the members that a message came to an end for. A number without a row is ok.
create table number_health (
  scheme_id    text not null references schemes,
  -- E.164
  phone        text not null,
  state        text not null default 'ok' check (state in ('ok', 'doubtful', 'dead')),
  -- Since when it is in that state.
  since        timestamptz not null,
  -- The last message that reached it; null: none did.
  delivered_at timestamptz,
  -- Failures since, in their order: the network did not know the number; its phone was away.
  unknown_at   timestamptz[] not null default '{}',
  absent_at    timestamptz[] not null default '{}',
  -- When its members were told by mail that it is dead; null: not told.
  told_at      timestamptz,
  primary key (scheme_id, phone)
) with (fillfactor = 80);
create index number_health_bad on number_health (scheme_id, state) where state <> 'ok';
alter table number_health enable row level security;
create policy number_health_own on number_health to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on number_health to tocsin_app;

-- How far its deliveries were read for the health of their numbers: all up to this one. Read once nothing of it is open,
-- so that sending is not touched.
alter table broadcasts add column health_no integer not null default 0;
create index broadcasts_health on broadcasts (done_at) where state = 'done' and health_no < planned;
