-- Why: what became of broadcasts is kept as counts, which stay when who received what is forgotten, and which years of
-- are read at once; how many members there were, likewise.
-- Locks: broadcasts and schemes, for an instant: columns without a default to write.
-- Previous release: goes on running; its pruning forgets what is not counted yet, so end its workers first.

-- When its deliveries were counted (delivery_tallies); null: not over yet, or no message of an alert.
alter table broadcasts add column tallied_at timestamptz;
create index broadcasts_to_tally on broadcasts (done_at)
  where state = 'done' and tallied_at is null and kind not in ('copy', 'answer', 'code', 'service');

-- Deliveries of a broadcast that is over, by trade and by the gateway that they went through last, '' for none.
create table delivery_tallies (
  scheme_id    text not null,
  broadcast_id uuid not null,
  trade        text not null,
  gateway      text not null,
  planned      integer not null check (planned > 0),
  delivered    integer not null,
  failed       integer not null,
  expired      integer not null,
  withdrawn    integer not null,
  primary key (scheme_id, broadcast_id, trade, gateway),
  foreign key (scheme_id, broadcast_id) references broadcasts,
  check (planned = delivered + failed + expired + withdrawn)
);
alter table delivery_tallies enable row level security;
create policy delivery_tallies_own on delivery_tallies to tocsin_app using (scheme_id = current_scheme());
grant select on delivery_tallies to tocsin_app;

-- Members by trade at the end of a day in France; today so far.
create table member_counts (
  scheme_id text not null references schemes,
  day       date not null,
  trade     text not null,
  active    integer not null,
  primary key (scheme_id, day, trade)
);
alter table member_counts enable row level security;
create policy member_counts_own on member_counts to tocsin_app using (scheme_id = current_scheme());
grant select on member_counts to tocsin_app;
-- The months before this release, from those who are members still.
insert into member_counts (scheme_id, day, trade, active)
select m.scheme_id, e.day, m.trade, count(*)
from (
  select (date_trunc('month', now() at time zone 'Europe/Paris') - make_interval(months => n) - interval '1 day')::date as day
  from generate_series(0, 35) n
) e join members m on (m.created_at at time zone 'Europe/Paris')::date <= e.day and m.status = 'active'
group by 1, 2, 3;

-- Whether the public page of the scheme shows its times and volumes.
alter table schemes add column figures_published boolean not null default false;
