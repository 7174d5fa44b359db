-- Why: people name a merged commune by its old name, and contours of an older vintage have its old code. A report keeps
-- the name that the caller gave, so that the text says it too.
-- Locks: reports, for an instant.
-- Previous release: goes on running; it searches no old name and keeps none. The table is filled when the new one starts.

-- Communes that were merged into one of today, by the code that they had; one that gave its code to the whole has its
-- name here all the same.
create table former_communes (
  code         text primary key,
  commune_code text not null references communes on delete cascade,
  -- Null, both: the data knows the code alone, or the whole has that name today.
  name         text,
  search_name  text,
  check ((name is null) = (search_name is null))
);
create index former_communes_commune on former_communes (commune_code);
create index former_communes_search_name on former_communes (search_name text_pattern_ops);
grant select on former_communes to tocsin_app;

-- The name of a former commune by which the caller called it; null: by that of today.
alter table reports add former_name text;
