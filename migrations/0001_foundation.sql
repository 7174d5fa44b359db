-- Why: accounts, schemes, rights and the audit record: what every other table stands on.
-- Locks: nothing; all tables are new.
-- Previous release: none.

-- The restricted role that every tenant transaction takes (SET LOCAL ROLE): row-level security binds it.
-- A role belongs to the whole server: another Tocsin database there may have made it already.
do $$ begin
  if not exists (select from pg_roles where rolname = 'tocsin_app') then
    create role tocsin_app nologin noinherit;
  end if;
  execute format('grant tocsin_app to %I', current_user);
end $$;

grant usage on schema public to tocsin_app;

-- The scheme of the current transaction; null outside one, so that every policy then hides every row.
create function current_scheme() returns text language sql stable parallel safe
  return nullif(current_setting('tocsin.scheme', true), '');

create table schemes (
  id               text primary key check (id ~ '^[a-z][a-z0-9-]{1,30}$'),
  name             text not null,
  -- The territory is a value of type Area (src/territory/contract.ts).
  territory        jsonb not null,
  -- First digits of its alert references: 63 in 63-26-0142.
  reference_prefix text not null,
  trades           text[] not null,
  sender           text not null check (sender ~ '^[A-Za-z0-9]{1,11}$' and sender !~ '^[0-9]+$'),
  closing_advice   text not null,
  fee_cents        integer not null check (fee_cents >= 0),
  sms_price_millicents integer not null default 4500 check (sms_price_millicents >= 0),
  -- Hours after which an alert expires when the operator says nothing else.
  alert_lifetime_hours integer not null default 12 check (alert_lifetime_hours between 1 and 72),
  created_at       timestamptz not null
);
alter table schemes enable row level security;
create policy schemes_own on schemes to tocsin_app using (id = current_scheme());
grant select, update on schemes to tocsin_app;

create table categories (
  scheme_id text not null references schemes,
  code      text not null,
  label_fr  text not null,
  label_en  text not null,
  severity  text not null check (severity in ('vital', 'alert', 'notice')),
  template  text not null,
  position  smallint not null,
  active    boolean not null default true,
  primary key (scheme_id, code)
);
alter table categories enable row level security;
create policy categories_own on categories to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on categories to tocsin_app;

create table agencies (
  scheme_id text not null references schemes,
  id        uuid not null,
  code      text not null,
  name      text not null,
  kind      text not null check (kind in ('police', 'gendarmerie', 'chamber', 'prosecutor', 'observer')),
  -- The zone it acts in, an Area; null: the whole territory of the scheme.
  zone      jsonb,
  primary key (scheme_id, id),
  unique (scheme_id, code)
);
alter table agencies enable row level security;
create policy agencies_own on agencies to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on agencies to tocsin_app;

create table sectors (
  scheme_id     text not null references schemes,
  id            uuid not null,
  name          text not null,
  commune_codes text[] not null,
  primary key (scheme_id, id),
  unique (scheme_id, name)
);
alter table sectors enable row level security;
create policy sectors_own on sectors to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on sectors to tocsin_app;

-- Accounts and sessions: the four tables that better-auth reads and writes (its core schema).
create table "user" (
  id             text primary key,
  name           text not null,
  email          text not null unique,
  email_verified boolean not null default false,
  image          text,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now()
);
create table session (
  id         text primary key,
  user_id    text not null references "user" on delete cascade,
  token      text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index session_user_id on session (user_id);
create table account (
  id                       text primary key,
  user_id                  text not null references "user" on delete cascade,
  account_id               text not null,
  provider_id              text not null,
  access_token             text,
  refresh_token            text,
  id_token                 text,
  access_token_expires_at  timestamptz,
  refresh_token_expires_at timestamptz,
  scope                    text,
  password                 text,
  created_at               timestamptz not null default now(),
  updated_at               timestamptz not null default now()
);
create index account_user_id on account (user_id);
create table verification (
  id         text primary key,
  identifier text not null,
  value      text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verification_identifier on verification (identifier);

-- Who holds which role in which scheme. Read before a scheme is known (at sign-in), so without row-level
-- security and without any right for the restricted role.
create table grants (
  user_id   text not null references "user" on delete cascade,
  scheme_id text not null references schemes,
  role      text not null check (role in ('operator', 'chief', 'magistrate', 'chamber', 'member')),
  agency_id uuid,
  member_id uuid,
  check ((role = 'member') = (member_id is not null)),
  primary key (user_id, scheme_id, role)
);

-- Append-only, hash-chained record of who did what, one chain a scheme ('' holds what belongs to none).
create table audit_entries (
  scheme_id text not null,
  seq       bigint not null,
  at        timestamptz not null,
  actor     text not null,
  action    text not null,
  subject   text not null,
  details   jsonb not null,
  prev_hash text not null,
  hash      text not null,
  primary key (scheme_id, seq)
);
alter table audit_entries enable row level security;
create policy audit_entries_own on audit_entries to tocsin_app using (scheme_id = current_scheme());
grant select, insert on audit_entries to tocsin_app;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_is_append_only();

-- The head of each chain: locked while an entry is added, so that entries have one order, and compared by
-- `tocsin audit verify`, so that a chain cut at its end is found.
create table audit_heads (
  scheme_id text primary key,
  seq       bigint not null,
  hash      text not null
);
alter table audit_heads enable row level security;
create policy audit_heads_own on audit_heads to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on audit_heads to tocsin_app;
