-- Why: what an alert of a category begins with: how much its text may tell, and the kind of area it is for.
-- Locks: categories, for an instant.
-- Previous release: runs on; it begins every alert at established facts and with the commune.

alter table categories add column level text not null default 'established'
  check (level in ('prevention', 'established'));
-- Null: the commune.
alter table categories add column area text
  check (area in ('commune', 'neighbours', 'epci', 'arrondissement', 'departement', 'scheme'));
-- Those of the ready-made schemes.
update categories set level = 'prevention' where code = 'prevention';
update categories set area = 'epci' where code = 'counterfeit-notes';
