-- Why: what one person decided alone stands on every export as long as it is in force, whatever else is changed or purged since.
-- Locks: nothing that exists.
-- Previous release: still runs; what it puts in force alone, or by two, changes no mark.

-- Settings in force that one person decided alone. The row goes once two persons decide on the same setting.
create table decided_alone (
  scheme_id  text not null references schemes,
  subject    text not null check (subject <> ''),
  -- The name of the setting; of observers, magistrates and roles, of which there are several: the id of the row or account.
  item       text not null check (item <> ''),
  decided_at timestamptz not null,
  primary key (scheme_id, subject, item)
);
grant select, insert, update, delete on decided_alone to tocsin_app;
alter table decided_alone enable row level security;
create policy decided_alone_own on decided_alone to tocsin_app using (scheme_id = current_scheme());
alter table decided_alone force row level security;
grant select, insert, update, delete, maintain on decided_alone to tocsin_service;
create policy decided_alone_across on decided_alone to tocsin_service using (true);

insert into decided_alone (scheme_id, subject, item, decided_at)
select scheme_id, subject, item, decided_at from (
  select distinct on (c.scheme_id, c.subject, of.item) c.scheme_id, c.subject, of.item, c.decided_at,
    c.alone and not (c.decided_by like 'user:%' and c.decided_by <> c.proposed_by) as alone
  from setting_changes c
  cross join lateral jsonb_array_elements(c.parts) p (part)
  cross join lateral (select p.part -> 'after' as value) v
  cross join lateral (
    select case
      when c.subject = 'observers' then (
        select o.id::text from observers o where o.scheme_id = c.scheme_id and o.phone = v.value ->> 'phone')
      when c.subject = 'magistrates' then coalesce(v.value ->> 'id', (
        select o.id::text from on_call_people o
        where o.scheme_id = c.scheme_id and o.role = 'magistrate' and o.name = v.value ->> 'name' and o.removed_at is null
        order by o.created_at desc limit 1))
      when c.subject like 'role\_%' then coalesce(v.value ->> 'userId', (
        select u.id from "user" u where lower(u.email) = lower(v.value ->> 'mail')))
      else p.part ->> 'setting'
    end as item) of
  where c.state = 'in_force' and of.item is not null
  order by c.scheme_id, c.subject, of.item, c.decided_at desc, alone) latest
where alone;
