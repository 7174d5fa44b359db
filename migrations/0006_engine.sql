-- Why: several workers and several routes: who is alive and may send how much, in which lane a broadcast goes, and
-- what was tried for a delivery before what its row says.
-- Locks: broadcasts shortly; deliveries while it is written anew.
-- Previous release: no longer runs (it writes broadcasts.priority).

-- In place of SMPP's priority: the order in which what waits is sent.
alter table broadcasts add column lane text not null default 'alert'
  check (lane in ('reminder', 'service', 'follow_up', 'alert', 'vital'));
update broadcasts set lane = case priority when 3 then 'vital' when 2 then 'alert' else 'service' end;
alter table broadcasts alter column lane drop default;
alter table broadcasts drop column priority;
-- A follow-up goes to each recipient after the message of this broadcast, under the same number.
alter table broadcasts add column after_broadcast_id uuid;
alter table broadcasts add constraint broadcasts_after
  foreign key (scheme_id, after_broadcast_id) references broadcasts;

-- Ids parted by spaces: 24 octets less a version of a row than an array. Two more versions of each row then fit on its
-- page, so that every change of state is HOT: measured, half the processor time of the database a recipient.
alter table deliveries alter column message_ids type text using array_to_string(message_ids, ' ');
alter table deliveries set (fillfactor = 40);

-- Processes that send. A row is the heartbeat: who does not renew it is held for dead, and settled by another.
create table workers (
  id          bigint primary key,
  -- Who came later has a higher place: nobody before it moves down when it comes.
  place       bigint not null generated always as identity,
  -- Machine and process, for people.
  name        text not null,
  started_at  timestamptz not null,
  -- By the clock of the database, which all workers share.
  beat_at     timestamptz not null default clock_timestamp(),
  -- Among how many workers this one divides each provider's contract. A worker sends nothing before every other
  -- living one counts it, so that their sum never exceeds the contract.
  dividing_by integer not null check (dividing_by > 0),
  -- State and counts of its gateways, as deliveries/contract.ts describes them.
  gateways    jsonb not null default '[]'
) with (fillfactor = 50);

-- Heartbeats go one after the other, so that each sees what all others announced. As functions: the lock lasts for one
-- call, whatever becomes of the process that made it in the meantime.
create function register_worker(worker bigint, called text, reports jsonb) returns integer language plpgsql as $$
declare
  alive integer;
begin
  perform pg_advisory_xact_lock(7390494);
  select count(*) + 1 into alive from workers;
  insert into workers (id, name, started_at, dividing_by, gateways)
    values (worker, called, clock_timestamp(), alive, reports);
  return alive;
end $$;

-- No row: the others have held this worker for dead. Fewer workers than announced: said before it is used, so now. More:
-- used before it is said, so at the next call.
create function beat_worker(worker bigint, announced integer, reports jsonb)
returns table (alive integer, rank integer, least_of_others integer) language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7390494);
  return query
    with seen as (
      select count(*)::integer as n, (min(o.dividing_by) filter (where o.id <> worker))::integer as fewest,
        (count(*) filter (where o.place < (select m.place from workers m where m.id = worker)))::integer as before
      from workers o
    )
    update workers w
    set beat_at = clock_timestamp(), dividing_by = least(announced, seen.n), gateways = reports
    from seen where w.id = worker
    returning seen.n, seen.before, seen.fewest;
end $$;

-- What was tried for a delivery and did not settle it: refused, not answered, answered after another took over.
-- The delivery's own row tells its last attempt, so that a message accepted at once costs no row here.
create table delivery_attempts (
  scheme_id    text not null,
  broadcast_id uuid not null,
  no           integer not null,
  at           timestamptz not null,
  outcome      text not null check (outcome in ('refused', 'unknown', 'accepted_late')),
  gateway      text,
  error_code   integer,
  message_ids  text
  -- No foreign key to deliveries: it would be looked at on each change of state of each delivery.
);
create index delivery_attempts_of on delivery_attempts (scheme_id, broadcast_id, no);
alter table delivery_attempts enable row level security;
create policy delivery_attempts_own on delivery_attempts to tocsin_app using (scheme_id = current_scheme());
grant select on delivery_attempts to tocsin_app;
