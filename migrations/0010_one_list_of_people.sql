-- Why: the people who are called and the magistrates whose authorisation is recorded are one list, so that a magistrate has one
-- number, can be on call, and is changed in one place.
-- Locks: on_call_people and authorisations, for an instant.
-- Previous release: unaffected; 0.2.0 knows neither list. A program between the two ends first: it reads the removed table.

-- The prosecutor's office of a magistrate: "Parquet de Clermont-Ferrand"; null: that of the account.
alter table on_call_people add column service text;

-- A contact who is in the rota already becomes that person.
create temporary table same_magistrates on commit drop as
  select m.scheme_id, m.id as contact_id, (
    select p.id from on_call_people p
    where p.scheme_id = m.scheme_id and p.role = 'magistrate' and p.removed_at is null and lower(p.name) = lower(m.name)
    order by p.created_at, p.id limit 1) as person_id
  from magistrates m where m.removed_at is null;
update on_call_people p set service = m.service, phone = coalesce(p.phone, m.phone), mail = coalesce(p.mail, m.mail)
  from same_magistrates s join magistrates m on m.scheme_id = s.scheme_id and m.id = s.contact_id
  where p.scheme_id = s.scheme_id and p.id = s.person_id;
update authorisations u set magistrate_id = s.person_id::text
  from same_magistrates s
  where s.person_id is not null and u.scheme_id = s.scheme_id and u.magistrate_id = s.contact_id::text;
insert into on_call_people (scheme_id, id, role, name, service, phone, mail, created_at, removed_at)
  select m.scheme_id, m.id, 'magistrate', m.name, m.service, m.phone, m.mail, m.created_at, m.removed_at
  from magistrates m
  where not exists (
    select from same_magistrates s
    where s.scheme_id = m.scheme_id and s.contact_id = m.id and s.person_id is not null);
drop table magistrates;
