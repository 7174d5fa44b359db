-- Why: communes, EPCI, arrondissements, départements and regions of France, with contours when imported.
-- Locks: nothing; all tables are new.
-- Previous release: none.

-- Public reference data: the same for every scheme, read-only for the restricted role.
create table regions (code text primary key, name text not null);
-- liaison: how the name follows "de", as INSEE codes it (TNCC): 0 de, 1 d', 2 du, 3 de la, 4 des, 5 de l'.
create table departements (
  code        text primary key,
  name        text not null,
  liaison     smallint not null default 0,
  region_code text not null references regions
);
create table arrondissements (
  code             text primary key,
  name             text not null,
  liaison          smallint not null default 0,
  departement_code text not null references departements
);
create table epcis (
  code text primary key,
  name text not null,
  -- CA, CC, CU, METRO…: nature of the grouping, as the State codes it.
  kind text not null
);
create table communes (
  -- INSEE code (COG).
  code              text primary key,
  name              text not null,
  liaison           smallint not null default 0,
  -- Lower case, without accents, punctuation as spaces, saint written in full: what the search compares.
  search_name       text not null,
  departement_code  text not null references departements,
  region_code       text not null references regions,
  arrondissement_code text references arrondissements,
  epci_code         text references epcis,
  population        integer not null default 0,
  postal_codes      text[] not null default '{}',
  -- WGS 84 degrees; null: no known point. 'points' from GeoNames, 'contour' from the centroid of a contour.
  latitude          double precision,
  longitude         double precision,
  point_source      text check (point_source in ('points', 'contour')),
  -- GeoJSON geometry (Polygon or MultiPolygon), WGS 84, when imported.
  contour           jsonb,
  check ((latitude is null) = (longitude is null) and (latitude is null) = (point_source is null))
);
create index communes_departement on communes (departement_code);
create index communes_epci on communes (epci_code);
create index communes_arrondissement on communes (arrondissement_code);
create index communes_region on communes (region_code);
create index communes_search_name on communes (search_name text_pattern_ops);
-- The square around a circle is looked for here before any distance is computed.
create index communes_point on communes (latitude, longitude);

-- Which releases of the public data were loaded, so that a newer program loads its own once.
create table reference_loads (
  version   text primary key,
  loaded_at timestamptz not null
);

-- Pairs of communes whose contours touch, both ways.
create table commune_neighbours (
  code           text not null references communes on delete cascade,
  neighbour_code text not null references communes on delete cascade,
  primary key (code, neighbour_code)
);

-- Which départements have their contours, from where and what did not match.
create table contour_imports (
  departement_code text primary key references departements,
  imported_at      timestamptz not null,
  source           text not null,
  matched          integer not null,
  unmatched_codes  text[] not null,
  missing_codes    text[] not null
);

grant select on regions, departements, arrondissements, epcis, communes, commune_neighbours,
  contour_imports, reference_loads to tocsin_app;
