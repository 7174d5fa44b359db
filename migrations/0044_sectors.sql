-- Why: the chamber draws sectors and the zones of police and gendarmerie in the console.
-- Locks: sectors and agencies for an instant.
-- Previous release: goes on running; only its load of a scheme's definition fails, until it is replaced.

alter table sectors
  -- Counts up with every change: above 1, a load of the scheme's definition leaves it as the chamber drew it.
  add column version integer not null default 1,
  -- Removed sectors stay, so that alerts that went to one still say to which communes.
  add column removed_at timestamptz,
  drop constraint sectors_scheme_id_name_key;
create unique index sectors_name on sectors (scheme_id, name) where removed_at is null;

alter table agencies add column zone_version integer not null default 1;
