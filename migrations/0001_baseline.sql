-- The whole schema of release 0.2.0, room by room in the order of scripts/rooms.ts: what a row of each table is, and what its
-- keys, checks and indexes protect. from-0.1.0.sql brings a database of 0.1.0, with its 89 migrations, to the same, and a test
-- compares both. Later changes are migrations of their own, numbered from 0002.
--
-- Conventions: scheme_id is the tenant, first in every key; ids are UUIDs of version 7; phone numbers are in E.164 with the
-- plus sign; *_at is an instant, *_on a day in France; amounts are integer cents; *_by is an actor as the audit log names it,
-- unless it says otherwise.

-- ───────────── Roles, and the scheme and member of a transaction ─────────────

-- Row-level security binds the role that a transaction takes (SET LOCAL ROLE): tocsin_app for the users of a scheme,
-- tocsin_contact for a contact on the portal, who sees the rows of its own member only and, of these, some columns. Roles
-- belong to the whole server, so another Tocsin database there may have created them.
do $$
declare
  restricted text;
begin
  foreach restricted in array array['tocsin_app', 'tocsin_contact'] loop
    if not exists (select from pg_roles where rolname = restricted) then
      execute format('create role %I nologin noinherit', restricted);
    end if;
    execute format('grant %I to %I', restricted, current_user);
  end loop;
end $$;
grant usage on schema public to tocsin_app, tocsin_contact;

-- The scheme of the current transaction; null outside one, so that every policy then hides every row.
create function current_scheme() returns text language sql stable parallel safe
  return nullif(current_setting('tocsin.scheme', true), '');

-- The member whose contact the current transaction serves; null outside one of a contact, with the same effect.
create function current_member() returns uuid language sql stable parallel safe
  return nullif(current_setting('tocsin.member', true), '')::uuid;

-- ───────────── audit ─────────────

-- One entry of the audit log: who did what to what. Each scheme has one chain of hashes ('' is the chain of what belongs to no
-- scheme). Entries hold ids and figures, never names, because they are never erased.
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
create index audit_entries_subject on audit_entries (scheme_id, subject);
create index audit_entries_of_member on audit_entries (scheme_id, (details->>'member')) where details ? 'member';
create index audit_entries_actor on audit_entries (scheme_id, actor, seq);
grant select, insert on audit_entries to tocsin_app;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_is_append_only();

-- The last entry of each chain. It is locked while an entry is added, so that entries have one order, and it shows that a
-- chain was cut at its end.
create table audit_heads (
  scheme_id text primary key,
  seq       bigint not null,
  hash      text not null
);
grant select, insert, update on audit_heads to tocsin_app;

-- Words that belong to an entry but may name people: kept beside the chain, shown with the entry, deleted after their
-- retention period. The role that writes them cannot change them.
create table audit_reasons (
  scheme_id text not null,
  seq       bigint not null,
  at        timestamptz not null,
  reason    text not null,
  -- Details of the entry that may name people, by key.
  named     jsonb not null default '{}',
  primary key (scheme_id, seq)
);
grant select, insert on audit_reasons to tocsin_app;

-- The last verification of each chain: hashing 100,000 entries takes half a second of the processor, so a background check
-- runs once a day and others on request.
create table audit_checks (
  scheme_id     text primary key,
  checked_at    timestamptz not null,
  -- The number of entries found intact.
  entries       bigint not null check (entries >= 0),
  -- The first entry that is not as it was written, and why.
  broken_seq    bigint,
  broken_reason text check (broken_reason in ('changed', 'missing', 'cut', 'unexpected')),
  check ((broken_seq is null) = (broken_reason is null))
);
grant select, insert, update on audit_checks to tocsin_app;

-- ───────────── identity ─────────────

-- An account. This table and the three after it are the core schema of better-auth, which reads and writes them.
create table "user" (
  id             text primary key,
  name           text not null,
  email          text not null unique,
  email_verified boolean not null default false,
  image          text,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  -- When the account was closed; nobody signs in to it until it is opened again.
  disabled_at    timestamptz,
  -- An administrator gave the password: the account can do nothing else until it is changed.
  password_due   boolean not null default false
);

-- A signed-in browser of an account.
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

-- A way of an account to sign in: a password, or an account at a provider.
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

-- A short-lived value of better-auth, such as a token to reset a password.
create table verification (
  id         text primary key,
  identifier text not null,
  value      text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verification_identifier on verification (identifier);

-- Wrong passwords, and wrong texts of the public check, in a period. They are counted here so that every process of an
-- installation counts alike and a restart forgets nothing. Owner only: no scheme is known yet.
create table failure_counts (
  -- Kind and HMAC: neither an address, nor a mail, nor a text can be read from it.
  subject  text primary key,
  -- Start of the period that is counted.
  since    timestamptz not null,
  failures integer not null check (failures >= 0)
);
create index failure_counts_since on failure_counts (since);

-- A device or network from which an account signed in: failures of strangers elsewhere do not lock it out there. Owner only.
create table sign_in_places (
  -- HMAC of the account with the device or the network.
  place   text primary key,
  user_id text not null references "user" on delete cascade,
  seen_at timestamptz not null
);
create index sign_in_places_user on sign_in_places (user_id);
create index sign_in_places_seen on sign_in_places (seen_at);

-- A role of an account in a scheme. Read before a scheme is known (at sign-in), so it has no row-level security, and the
-- restricted roles have no right on it.
create table grants (
  user_id   text not null references "user" on delete cascade,
  scheme_id text not null,
  role      text not null check (role in ('operator', 'chief', 'magistrate', 'chamber', 'trade_chamber')),
  agency_id uuid,
  -- A trade chamber sees and approves the members of these trades only.
  trades    text[],
  constraint grants_trades check ((role = 'trade_chamber') = (trades is not null and cardinality(trades) > 0)),
  primary key (user_id, scheme_id, role)
);

-- A one-time code that somebody requested. Its six digits are derived from this id and the secret of the installation: they
-- are stored nowhere.
create table one_time_codes (
  scheme_id    text not null,
  id           uuid not null,
  purpose      text not null check (purpose in ('enrolment', 'sign_in', 'phone_change')),
  -- What the code confirms: the enrolment, or the attempt to sign in. Known to the requester alone.
  subject      uuid not null,
  -- HMAC of the number and of the requesting address, to count requests without knowing them.
  phone_hash   text not null,
  address_hash text not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  -- Null: not sent, or not yet; such a code opens nothing.
  sent_at      timestamptz,
  used_at      timestamptz,
  tries        smallint not null default 0 check (tries between 0 and 5),
  -- False: requested within a minute of another for its number, or after the last of the day. It is never sent.
  in_turn      boolean not null default true,
  -- When another code for this number could be requested, as of this request.
  next_at      timestamptz not null,
  primary key (scheme_id, id)
);
create index one_time_codes_subject on one_time_codes (scheme_id, subject);
-- Numbers and addresses are counted over all schemes: a count of each scheme would reveal which one knows the number.
create index one_time_codes_phone on one_time_codes (phone_hash, created_at);
create index one_time_codes_address on one_time_codes (address_hash, created_at);
create index one_time_codes_created on one_time_codes (created_at);
create index one_time_codes_sent on one_time_codes (scheme_id, sent_at) where sent_at is not null;
grant select, insert, update on one_time_codes to tocsin_app;

-- The counted codes of a number, the last first, over all schemes: instants only, nothing of whom or what they were for.
create function code_turns(hash text, since timestamptz) returns setof timestamptz language sql stable security definer
  set search_path = public, pg_temp as $$
  select created_at from one_time_codes where phone_hash = hash and in_turn and created_at > since order by created_at desc
$$;

-- A mail to one person, written in the transaction that causes it. The row goes once the mail server has the mail: its
-- content is kept nowhere.
create table mails (
  scheme_id   text not null,
  id          uuid not null,
  address     text not null,
  subject     text not null,
  body_text   text not null,
  body_html   text not null,
  -- [{"name": "attestation.pdf", "type": "application/pdf", "base64": "…"}]
  attachments jsonb not null,
  created_at  timestamptz not null,
  -- The mail is not sent after this instant.
  valid_until timestamptz not null,
  -- Record in handed_mails that the mail server accepted it.
  noted       boolean not null default false,
  -- The code whose digits replace the placeholder when the mail leaves.
  code_id     uuid,
  -- Since when a process has been handing it to the mail server: from then on it cannot be withdrawn.
  handing_at  timestamptz,
  -- The service message that it is part of.
  message_id  uuid,
  primary key (scheme_id, id),
  constraint mails_code foreign key (scheme_id, code_id) references one_time_codes on delete cascade
);
create index mails_valid on mails (valid_until);
create index mails_code_id on mails (scheme_id, code_id) where code_id is not null;
create index mails_of_message on mails (scheme_id, message_id) where message_id is not null;
grant select, insert, delete on mails to tocsin_app;

-- A mail that the mail server accepted and whose writer asked to know it.
create table handed_mails (
  scheme_id text not null,
  id        uuid not null,
  at        timestamptz not null,
  primary key (scheme_id, id)
);
create index handed_mails_at on handed_mails (at);
grant select, insert on handed_mails to tocsin_app;

-- An SMS to one person that is part of no alert, written in the transaction that causes it. The engine turns it into a
-- broadcast and deletes the row.
create table direct_messages (
  scheme_id   text not null,
  id          uuid not null,
  phone       text not null check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  -- With a placeholder for the code where there is one.
  text        text not null,
  code_id     uuid,
  -- The member whose contact gets it; null: no member.
  member_id   uuid,
  valid_until timestamptz not null,
  created_at  timestamptz not null,
  created_by  text not null,
  lane        text not null default 'service' check (lane in ('service', 'reminder')),
  primary key (scheme_id, id),
  foreign key (scheme_id, code_id) references one_time_codes on delete cascade
);
create index direct_messages_valid on direct_messages (valid_until);
create index direct_messages_code on direct_messages (scheme_id, code_id) where code_id is not null;
grant select, insert, delete on direct_messages to tocsin_app;

-- ───────────── territory ─────────────
-- Public reference data, the same for every scheme and read-only for the restricted roles. Filled when the program starts.
-- liaison: how a name follows "de", as INSEE codes it (TNCC): 0 de, 1 d', 2 du, 3 de la, 4 des, 5 de l'.

-- A region of France.
create table regions (code text primary key, name text not null);

-- A département.
create table departements (
  code        text primary key,
  name        text not null,
  liaison     smallint not null default 0,
  region_code text not null references regions
);

-- An arrondissement of a département.
create table arrondissements (
  code             text primary key,
  name             text not null,
  liaison          smallint not null default 0,
  departement_code text not null references departements
);

-- A grouping of communes.
create table epcis (
  code text primary key,
  name text not null,
  -- CA, CC, CU, METRO…: the nature of the grouping, as the State codes it.
  kind text not null
);

-- A commune of today.
create table communes (
  -- INSEE code (COG).
  code              text primary key,
  name              text not null,
  liaison           smallint not null default 0,
  -- Lower case, without accents, punctuation as spaces, "saint" in full: what a search compares.
  search_name       text not null,
  departement_code  text not null references departements,
  region_code       text not null references regions,
  arrondissement_code text references arrondissements,
  epci_code         text references epcis,
  population        integer not null default 0,
  postal_codes      text[] not null default '{}',
  -- WGS 84 degrees; null: no known point. 'points' comes from GeoNames, 'contour' from the centroid of a contour.
  latitude          double precision,
  longitude         double precision,
  point_source      text check (point_source in ('points', 'contour')),
  -- GeoJSON geometry (Polygon or MultiPolygon), WGS 84, once imported.
  contour           jsonb,
  check ((latitude is null) = (longitude is null) and (latitude is null) = (point_source is null))
);
create index communes_departement on communes (departement_code);
create index communes_epci on communes (epci_code);
create index communes_arrondissement on communes (arrondissement_code);
create index communes_region on communes (region_code);
create index communes_search_name on communes (search_name text_pattern_ops);
-- The square around a circle is looked up here before any distance is computed.
create index communes_point on communes (latitude, longitude);
-- The preview of a whole scheme names a hundred communes; without this it read all 35,000.
create index communes_named on communes (code) include (name);

-- A commune that was merged into one of today: people still use its name, and contours of an older vintage its code.
create table former_communes (
  code         text primary key,
  commune_code text not null references communes on delete cascade,
  -- Both null: the data knows the code alone, or the commune of today has that name.
  name         text,
  search_name  text,
  check ((name is null) = (search_name is null))
);
create index former_communes_commune on former_communes (commune_code);
create index former_communes_search_name on former_communes (search_name text_pattern_ops);

-- Two communes whose contours touch; each pair is stored both ways.
create table commune_neighbours (
  code           text not null references communes on delete cascade,
  neighbour_code text not null references communes on delete cascade,
  primary key (code, neighbour_code)
);

-- The import of the contours of a département: its source, and what did not match.
create table contour_imports (
  departement_code text primary key references departements,
  imported_at      timestamptz not null,
  source           text not null,
  matched          integer not null,
  unmatched_codes  text[] not null,
  missing_codes    text[] not null
);

-- A release of the public data that was loaded, so that a newer program loads its own once.
create table reference_loads (
  version   text primary key,
  loaded_at timestamptz not null
);

grant select on regions, departements, arrondissements, epcis, communes, former_communes, commune_neighbours,
  contour_imports, reference_loads to tocsin_app;
grant select on communes to tocsin_contact;

-- ───────────── schemes ─────────────

-- A scheme: one "Alerte commerces", the tenant. The jsonb settings hold only what the scheme sets otherwise than the program's
-- defaults; {}: nothing.
create table schemes (
  id               text primary key check (id ~ '^[a-z][a-z0-9-]{1,30}$'),
  name             text not null,
  -- A value of type Area (src/territory/contract.ts).
  territory        jsonb not null,
  -- The first digits of its alert references: 63 in 63-26-0142.
  reference_prefix text not null,
  trades           text[] not null,
  sender           text not null check (sender ~ '^[A-Za-z0-9]{1,11}$' and sender !~ '^[0-9]+$'),
  closing_advice   text not null,
  sms_price_millicents integer not null default 4500 check (sms_price_millicents >= 0),
  -- After how many hours an alert expires unless the operator chooses otherwise.
  alert_lifetime_hours integer not null default 12 check (alert_lifetime_hours between 1 and 72),
  created_at       timestamptz not null,
  -- What must be fulfilled before an alert may be sent (src/schemes/doctrine.ts).
  doctrine         jsonb not null default '{}',
  -- Counts every change of the doctrine, so that two people who change it at once do not overwrite each other unseen.
  doctrine_version integer not null default 1,
  -- Null: as loaded from the definition of the scheme. The name is that of the person.
  doctrine_set_at  timestamptz,
  doctrine_set_by  text,
  -- How businesses join, the yearly question about numbers, dues, and service messages (src/schemes/contract.ts).
  enrolment        jsonb not null default '{}',
  numbers          jsonb not null default '{}',
  dues             jsonb not null default '{}',
  messages         jsonb not null default '{}',
  -- The public page of the scheme shows its times and volumes.
  figures_published boolean not null default false
);
create policy schemes_own on schemes to tocsin_app using (id = current_scheme());
grant select, update on schemes to tocsin_app;
create policy schemes_contact on schemes for select to tocsin_contact using (id = current_scheme());
grant select (id, name, sender) on schemes to tocsin_contact;

-- The tables above are below this room; their rows name a scheme all the same.
alter table grants add foreign key (scheme_id) references schemes;
alter table one_time_codes add foreign key (scheme_id) references schemes;
alter table mails add foreign key (scheme_id) references schemes;
alter table handed_mails add foreign key (scheme_id) references schemes;
alter table direct_messages add foreign key (scheme_id) references schemes;

-- A kind of offence that a scheme alerts about, with the template of its text.
create table categories (
  scheme_id text not null references schemes,
  code      text not null,
  label_fr  text not null,
  label_en  text not null,
  severity  text not null check (severity in ('vital', 'alert', 'notice')),
  template  text not null,
  position  smallint not null,
  active    boolean not null default true,
  -- How much the text of its alerts may disclose at first, and the kind of area they go to; null: the commune.
  level     text not null default 'established' check (level in ('prevention', 'established')),
  area      text check (area in ('commune', 'neighbours', 'epci', 'arrondissement', 'departement', 'scheme')),
  primary key (scheme_id, code)
);
grant select, insert, update, delete on categories to tocsin_app;
create policy categories_contact on categories for select to tocsin_contact using (scheme_id = current_scheme());
grant select (scheme_id, code, label_fr, label_en, severity, position, active, level) on categories to tocsin_contact;

-- A service that takes part in a scheme: police, gendarmerie, chamber, prosecutor, observer.
create table agencies (
  scheme_id text not null references schemes,
  id        uuid not null,
  code      text not null,
  name      text not null,
  kind      text not null check (kind in ('police', 'gendarmerie', 'chamber', 'prosecutor', 'observer')),
  -- Where it acts, an Area; null: the whole territory of the scheme.
  zone      jsonb,
  zone_version    integer not null default 1,
  -- The communes of the zone that was removed last, so that it can be restored; null while the agency has a zone.
  removed_zone    text[],
  zone_removed_at timestamptz,
  zone_removed_by text,
  primary key (scheme_id, id),
  unique (scheme_id, code)
);
grant select, insert, update, delete on agencies to tocsin_app;

-- A named set of communes. A removed sector stays: alerts that went to it still list its communes, and it can be restored.
create table sectors (
  scheme_id     text not null references schemes,
  id            uuid not null,
  name          text not null,
  commune_codes text[] not null,
  -- Counts every change: above 1, loading the definition of the scheme leaves it as the chamber drew it.
  version       integer not null default 1,
  removed_at    timestamptz,
  removed_by    text,
  primary key (scheme_id, id)
);
create unique index sectors_name on sectors (scheme_id, name) where removed_at is null;
grant select, insert, update, delete on sectors to tocsin_app;

-- ───────────── members ─────────────

-- A business of a scheme.
create table members (
  scheme_id    text not null references schemes,
  id           uuid not null,
  name         text not null,
  search_name  text not null,
  siret        text check (siret ~ '^[0-9]{14}$'),
  naf          text,
  -- The trade that the NAF code leads to (src/schemes/trades.ts), or the one chosen by the chamber.
  trade        text not null check (trade <> ''),
  commune_code text not null references communes,
  address      text,
  latitude     double precision,
  longitude    double precision,
  status       text not null check (status in ('pending', 'active', 'suspended', 'left')),
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  -- The number of contacts reachable by SMS whose number no other member of the scheme shares, kept by triggers: the audience
  -- of a million members is counted exactly without reading the contacts.
  sms_contacts smallint not null default 0,
  -- Quiet hours in minutes after midnight of the scheme's time, from (included) to (excluded), over midnight when from is
  -- after to. Null: those of the scheme. From equal to to: none.
  quiet_from   smallint check (quiet_from between 0 and 1439),
  quiet_to     smallint check (quiet_to between 0 and 1439),
  -- The member that this one was merged into. It is a pointer then, never to another pointer: it receives and does nothing.
  merged_into  uuid,
  -- When a member that left was stripped of what identifies it.
  erased_at    timestamptz,
  check ((latitude is null) = (longitude is null)),
  constraint members_quiet_both check ((quiet_from is null) = (quiet_to is null)),
  constraint members_pointer check (merged_into is null or (status = 'left' and merged_into <> id)),
  primary key (scheme_id, id),
  constraint members_kept foreign key (scheme_id, merged_into) references members
);
-- A pointer keeps its SIRET, and so may the member that replaced it.
create unique index members_siret on members (scheme_id, siret) where siret is not null and merged_into is null;
-- An audience is counted from these three indexes alone: by commune and trade, inside a circle, and the members with quiet
-- hours of their own, which are corrected after all were counted with those of the scheme.
create index members_audience on members (scheme_id, commune_code, trade)
  include (id, sms_contacts, quiet_from, quiet_to) where status = 'active';
create index members_point on members (scheme_id, latitude, longitude)
  include (id, commune_code, trade, sms_contacts, quiet_from, quiet_to) where status = 'active' and latitude is not null;
create index members_quiet on members (scheme_id, commune_code, trade)
  include (id, sms_contacts, quiet_from, quiet_to) where status = 'active' and quiet_from is not null;
create index members_name on members (scheme_id, search_name, id);
create index members_merged on members (scheme_id, merged_into) where merged_into is not null;
create index members_left on members (updated_at) where status = 'left' and erased_at is null;
grant select, insert, update, delete on members to tocsin_app;
create policy members_contact on members for select to tocsin_contact
  using (scheme_id = current_scheme() and id = current_member());
grant select (scheme_id, id, name, siret, naf, trade, commune_code, address, status, created_at, updated_at, quiet_from, quiet_to)
  on members to tocsin_contact;

-- A person of a member, with the number and mail address at which they are reached.
create table contacts (
  scheme_id   text not null,
  id          uuid not null,
  member_id   uuid not null,
  person      text not null,
  mobile      text check (mobile ~ '^\+[1-9][0-9]{6,14}$'),
  mail        text,
  -- Receives alerts by SMS: has a mobile and did not opt out.
  sms         boolean not null,
  -- Another member of the scheme has the same mobile (an owner of two shops), so that an audience takes the number once. Kept
  -- by a trigger.
  shared      boolean not null default false,
  position    smallint not null default 0,
  -- When the number was entered, or last confirmed.
  mobile_at   timestamptz not null default now(),
  -- The member that it came from by a merge; null: it was always its member's own.
  merged_from uuid,
  check (not sms or mobile is not null),
  primary key (scheme_id, id),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create unique index contacts_member_mobile on contacts (scheme_id, member_id, mobile);
create index contacts_mobile on contacts (scheme_id, mobile);
create index contacts_mail on contacts (scheme_id, mail) where mail is not null;
create index contacts_shared on contacts (scheme_id, member_id) include (mobile, id) where shared and sms;
grant select, insert, update, delete on contacts to tocsin_app;
create policy contacts_contact on contacts for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, person, mobile, mail, sms, position) on contacts to tocsin_contact;

-- Writers of the members and contacts of one scheme run one at a time, from before the first row that they lock: rows that the
-- triggers below touch (shared numbers, counts of others, cells) can then not block another writer that waits for one of
-- theirs. Readers and alerts do not wait.
create function members_take_turns() returns trigger language plpgsql as $$
begin
  if current_scheme() is not null then
    perform pg_advisory_xact_lock(hashtextextended('contacts:' || current_scheme(), 0));
  end if;
  return null;
end $$;
create trigger members_turn before insert or update or delete on members
  for each statement execute function members_take_turns();
create trigger contacts_turn before insert or update or delete on contacts
  for each statement execute function members_take_turns();

-- Recounts what a change of numbers and members affects: which contacts share their number with another member, then how many
-- unshared ones each member has. The status of a member plays no part. Until a new scheme has statistics, the planner takes it
-- for empty and would read it once a row: only hash joins are allowed here, and the arrays narrow every table, so that each
-- statement costs what the change is worth.
create function contacts_recount(schemes text[], mobiles text[], member_ids uuid[]) returns void language plpgsql
  set enable_nestloop = off set enable_mergejoin = off as $$
begin
  -- Two writers that give one number to two members at once would each miss the other's: one at a time a scheme.
  -- What comes after the lock sees what the other committed.
  perform pg_advisory_xact_lock(hashtextextended('contacts:' || s.id, 0)) from (select unnest(schemes) as id order by 1) s;

  with numbers as (
    select scheme_id, mobile, count(distinct member_id) filter (where sms) > 1 as shared
    from contacts where scheme_id = any (schemes) and mobile = any (mobiles)
    group by scheme_id, mobile
  )
  update contacts c set shared = n.shared from numbers n
  where c.scheme_id = any (schemes) and c.mobile = any (mobiles)
    and c.scheme_id = n.scheme_id and c.mobile = n.mobile and c.shared <> n.shared;

  member_ids := array(
    select unnest(member_ids)
    union
    select member_id from contacts where scheme_id = any (schemes) and mobile = any (mobiles));

  with counts as (
    select m.scheme_id, m.id, count(c.id) as solo
    from members m left join contacts c
      on c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms and not c.shared
        and c.scheme_id = any (schemes) and c.member_id = any (member_ids)
    where m.scheme_id = any (schemes) and m.id = any (member_ids)
    group by m.scheme_id, m.id
  )
  update members m set sms_contacts = n.solo from counts n
  where m.scheme_id = any (schemes) and m.id = any (member_ids)
    and m.scheme_id = n.scheme_id and m.id = n.id and m.sms_contacts <> n.solo;
end $$;

-- Also fires inside the deletion of a member (the cascade is a trigger itself), since others may share its numbers.
create function contacts_changed() returns trigger language plpgsql as $$
declare
  schemes text[]; mobiles text[]; member_ids uuid[];
begin
  select array_agg(distinct scheme_id), array_agg(distinct mobile) filter (where mobile is not null),
    array_agg(distinct member_id)
  into schemes, mobiles, member_ids from changed;
  if schemes is not null then perform contacts_recount(schemes, coalesce(mobiles, '{}'), member_ids); end if;
  return null;
end $$;
create trigger contacts_inserted after insert on contacts referencing new table as changed
  for each statement execute function contacts_changed();
create trigger contacts_deleted after delete on contacts referencing old table as changed
  for each statement execute function contacts_changed();

-- Only rows whose number, consent or owner changed count; the update of "shared" above, which fires this again, ends here.
create function contacts_replaced() returns trigger language plpgsql as $$
declare
  schemes text[]; mobiles text[]; member_ids uuid[];
begin
  -- Set differences: a join of the two would keep the plan of the first, perhaps tiny, update of a connection.
  with changed as (
    (select scheme_id, id, mobile, sms, member_id from before except select scheme_id, id, mobile, sms, member_id from after)
    union all
    (select scheme_id, id, mobile, sms, member_id from after except select scheme_id, id, mobile, sms, member_id from before)
  )
  select array_agg(distinct scheme_id), array_agg(distinct mobile) filter (where mobile is not null),
    array_agg(distinct member_id)
  into schemes, mobiles, member_ids from changed;
  if schemes is not null then perform contacts_recount(schemes, coalesce(mobiles, '{}'), member_ids); end if;
  return null;
end $$;
create trigger contacts_updated after update on contacts referencing old table as before new table as after
  for each statement execute function contacts_replaced();

-- A number that changes is new from then on, whatever changed it.
create function contacts_mobile_dated() returns trigger language plpgsql as $$
begin
  new.mobile_at := statement_timestamp();
  return new;
end $$;
create trigger contacts_mobile_dated before update of mobile on contacts for each row
  when (new.mobile is distinct from old.mobile and new.mobile_at = old.mobile_at)
  execute function contacts_mobile_dated();

-- Whether a number is a landline by the French numbering plan (ARCEP, decision 2018-0881: 01 to 05 and 09, overseas 02 62,
-- 02 63, 02 69, 05 90, 05 94, 05 96 and 09), for statements over whole lists; isMobile (src/members/rules.ts) decides the same
-- for one number. Landlines of other countries are not recognised.
create function is_landline(phone text) returns boolean language sql immutable parallel safe as $$
  select phone ~ '^\+(33[1-59]|(262|590|594|596)(26|59|9))'
$$;

-- The active members of a commune and trade, counted; '' for the commune, or for the trade, sums up all of them (one of the
-- two). An audience by name is the sum of a few cells, however many members there are. Kept by triggers, which write as the
-- owner; an empty cell stays, at zero.
create table audience_cells (
  scheme_id    text not null,
  commune_code text not null,
  trade        text not null,
  -- The sum of members.sms_contacts; the members where it is not zero; all members.
  sms_contacts integer not null,
  reachable    integer not null,
  members      integer not null,
  primary key (scheme_id, commune_code, trade)
);
-- With the sums, so that those of 35,000 communes are read from the index alone.
create index audience_cells_communes on audience_cells (scheme_id, commune_code)
  include (sms_contacts, reachable, members) where trade = '';
create index audience_cells_trades on audience_cells (scheme_id) where commune_code = '';
grant select on audience_cells to tocsin_app;

-- Adds changes to the cells and to those that sum them up, in one order for all writers.
create function audience_add(changes audience_cells[]) returns void language sql as $$
  insert into audience_cells as cell
  select scheme_id, coalesce(commune_code, ''), coalesce(trade, ''), sum(sms_contacts), sum(reachable), sum(members)
  from unnest(changes)
  group by grouping sets ((scheme_id, commune_code, trade), (scheme_id, commune_code), (scheme_id, trade))
  having sum(sms_contacts) <> 0 or sum(reachable) <> 0 or sum(members) <> 0
  order by 1, 2, 3
  on conflict (scheme_id, commune_code, trade) do update set
    sms_contacts = cell.sms_contacts + excluded.sms_contacts,
    reachable = cell.reachable + excluded.reachable,
    members = cell.members + excluded.members
$$;
revoke all on function audience_add(audience_cells[]) from public;

create function members_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  sign integer := case tg_op when 'DELETE' then -1 else 1 end;
begin
  perform audience_add(array(
    select row (scheme_id, commune_code, trade, sign * sum(sms_contacts),
      sign * count(*) filter (where sms_contacts > 0), sign * count(*))::audience_cells
    from changed where status = 'active' group by scheme_id, commune_code, trade));
  return null;
end $$;
create trigger members_inserted after insert on members referencing new table as changed
  for each statement execute function members_changed();
create trigger members_deleted after delete on members referencing old table as changed
  for each statement execute function members_changed();

create function members_replaced() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform audience_add(array(
    select row (scheme_id, commune_code, trade, sum(sign * sms_contacts),
      coalesce(sum(sign) filter (where sms_contacts > 0), 0), sum(sign))::audience_cells
    from (
      select 1 as sign, scheme_id, commune_code, trade, status, sms_contacts from after
      union all
      select -1, scheme_id, commune_code, trade, status, sms_contacts from before
    ) both_sides
    where status = 'active' group by scheme_id, commune_code, trade));
  return null;
end $$;
create trigger members_updated after update on members referencing old table as before new table as after
  for each statement execute function members_replaced();

-- For writers of thousands of rows, between members and contacts: the check of a foreign key keeps the plan that it had when
-- the table was small (read it whole, once a contact) until new statistics replace it. Only the owner may analyze, hence its
-- rights; it reveals nothing of the content.
create function analyze_members() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  analyze members;
  analyze contacts;
  analyze audience_cells;
end $$;
revoke all on function analyze_members() from public;
grant execute on function analyze_members() to tocsin_app;

-- How many times names of members of a scheme came, changed or left: the guard reads them anew only when this grew, in place
-- of counting all members at every order. No row: never. Kept by triggers, which write as the owner.
create table member_names (
  scheme_id text primary key,
  changes   bigint not null
);
grant select on member_names to tocsin_app;

create function member_names_count(schemes text[]) returns void language sql as $$
  insert into member_names as counter
  select id, 1 from (select distinct unnest(schemes) as id order by 1) scheme
  on conflict (scheme_id) do update set changes = counter.changes + 1
$$;
revoke all on function member_names_count(text[]) from public;

create function member_names_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform member_names_count(array(select distinct scheme_id from changed));
  return null;
end $$;
create trigger member_names_inserted after insert on members referencing new table as changed
  for each statement execute function member_names_changed();
create trigger member_names_deleted after delete on members referencing old table as changed
  for each statement execute function member_names_changed();

create function member_names_replaced() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform member_names_count(array(
    (select scheme_id from (select scheme_id, id, name from before except select scheme_id, id, name from after) gone)
    union
    (select scheme_id from (select scheme_id, id, name from after except select scheme_id, id, name from before) come)));
  return null;
end $$;
create trigger member_names_updated after update on members referencing old table as before new table as after
  for each statement execute function member_names_replaced();

-- The active members by trade and commune at the end of a day in France; of today, so far. Statistics divide by them.
create table member_counts (
  scheme_id    text not null references schemes,
  day          date not null,
  trade        text not null,
  -- '': of the whole scheme, for days before the first start of the program.
  commune_code text not null default '',
  active       integer not null,
  -- The key holds the count, so that the 40,000 rows of a year are read from it alone.
  primary key (scheme_id, day, trade, commune_code) include (active)
);
grant select on member_counts to tocsin_app;

-- The consent of a number, withdrawn or given again: proof, added to and never changed.
create table opt_outs (
  scheme_id  text not null,
  id         uuid not null,
  member_id  uuid not null,
  contact_id uuid not null,
  -- The number at that time.
  phone      text not null,
  -- False: receives no SMS from then on; true: receives them again.
  takes      boolean not null,
  -- link: the link of the yearly question.
  how        text not null check (how in ('inbound', 'portal', 'chamber', 'link')),
  by         text not null,
  -- As written by the chamber.
  reason     text,
  -- The gateway that received the SMS.
  gateway    text,
  at         timestamptz not null,
  primary key (scheme_id, id),
  check ((how = 'inbound') = (gateway is not null)),
  -- An SMS cannot give consent again: that takes the chamber, the portal or an enrolment.
  check (not takes or how <> 'inbound'),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index opt_outs_member on opt_outs (scheme_id, member_id, at);
grant select, insert on opt_outs to tocsin_app;
-- A merge changes whose it is; the proof stays as written.
grant update (member_id) on opt_outs to tocsin_app;
create policy opt_outs_contact on opt_outs for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, contact_id, phone, takes, how, reason, at) on opt_outs to tocsin_contact;

-- What the last receipts say of a number of a member. No row: ok.
create table number_health (
  scheme_id    text not null references schemes,
  phone        text not null,
  state        text not null default 'ok' check (state in ('ok', 'doubtful', 'dead')),
  -- Since when it has been in that state.
  since        timestamptz not null,
  -- The last message that reached it; null: none did.
  delivered_at timestamptz,
  -- Failures since then, in order: the network did not know the number; the phone was absent.
  unknown_at   timestamptz[] not null default '{}',
  absent_at    timestamptz[] not null default '{}',
  -- When its members were notified by mail that it is out of service.
  told_at      timestamptz,
  primary key (scheme_id, phone)
) with (fillfactor = 80);
create index number_health_bad on number_health (scheme_id, state) where state <> 'ok';
grant select, insert, update, delete on number_health to tocsin_app;

-- The yearly question whether a number still belongs to its business: the last time that a contact was asked, and its answer.
create table reconfirmations (
  scheme_id   text not null,
  contact_id  uuid not null,
  -- The number that was asked; the row counts for nothing once the contact has another.
  phone       text not null,
  began_at    timestamptz not null,
  -- The messages of this year, and the last of them.
  asks        smallint not null check (asks between 1 and 3),
  asked_at    timestamptz not null,
  -- silent: asked three times without an answer.
  state       text not null check (state in ('open', 'mine', 'gone', 'silent')),
  answered_at timestamptz,
  -- SHA-256 of the token in the link.
  token_hash  text not null unique,
  check ((state in ('mine', 'gone')) = (answered_at is not null)),
  primary key (scheme_id, contact_id),
  foreign key (scheme_id, contact_id) references contacts on delete cascade
);
-- Which numbers are not to be asked yet, and how many were asked today.
create index reconfirmations_phone on reconfirmations (scheme_id, phone);
create index reconfirmations_asked on reconfirmations (scheme_id, asked_at);
grant select, insert, update, delete on reconfirmations to tocsin_app;

-- A saved filter of the list of members, private or shared.
create table member_views (
  scheme_id  text not null references schemes,
  id         uuid not null,
  owner      text not null,
  name       text not null check (name <> ''),
  shared     boolean not null,
  -- A MemberFilter (src/members/contract.ts).
  filter     jsonb not null,
  created_at timestamptz not null,
  -- What its author sees, since the name and the words of a view may name members: a shared one is shown to those who see as
  -- much. Null: members of every trade; numbers: phone numbers and addresses in full.
  trades     text[],
  numbers    boolean not null default true,
  primary key (scheme_id, id)
);
create unique index member_views_name on member_views (scheme_id, owner, name);
grant select, insert, update, delete on member_views to tocsin_app;

-- An access of an account to the personal data of a member; at most one in ten minutes, kept a year.
create table member_looks (
  scheme_id text not null,
  member_id uuid not null,
  user_id   text not null,
  -- The name and role of the account at that time.
  name      text not null,
  role      text not null,
  at        timestamptz not null,
  what      text not null default 'file'
    check (what in ('file', 'list', 'numbers', 'doubles', 'export', 'dues', 'receipt', 'paper', 'request', 'caller')),
  primary key (scheme_id, member_id, at, user_id, what),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index member_looks_old on member_looks (at);
grant select, insert on member_looks to tocsin_app;
-- The contact sees the role; the name is for the chamber alone.
create policy member_looks_contact on member_looks for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, member_id, role, what, at) on member_looks to tocsin_contact;

-- Another name under which lists may still call one of two merged members: it stands for the kept one.
create table member_aliases (
  scheme_id    text not null,
  merge_id     uuid not null,
  -- The name of the kept member, or of the other.
  of_kept      boolean not null,
  -- The pointer, which leads to the member that the name stands for now.
  member_id    uuid not null,
  siret        text,
  search_name  text not null,
  commune_code text not null,
  primary key (scheme_id, merge_id, of_kept)
);
create index member_aliases_member on member_aliases (scheme_id, member_id);
create index member_aliases_siret on member_aliases (scheme_id, siret) where siret is not null;
create index member_aliases_place on member_aliases (scheme_id, search_name, commune_code);
grant select, insert, delete on member_aliases to tocsin_app;

-- Two members that the chamber declared to be different, so that they are not proposed as duplicates again.
create table members_apart (
  scheme_id text not null,
  member_id uuid not null,
  other_id  uuid not null check (member_id < other_id),
  said_at   timestamptz not null,
  said_by   text not null,
  primary key (scheme_id, member_id, other_id),
  foreign key (scheme_id, member_id) references members on delete cascade,
  foreign key (scheme_id, other_id) references members on delete cascade
);
grant select, insert, delete on members_apart to tocsin_app;

-- The notice of a change of status to a member, one row a channel. The notice of its undoing belongs to the same change.
create table member_notices (
  scheme_id    text not null,
  -- The change or the merge that it is about.
  change_id    uuid not null,
  member_id    uuid not null,
  kind         text not null check (kind in ('suspend', 'resume', 'leave')),
  channel      text not null check (channel in ('sms', 'mail')),
  due_at       timestamptz not null,
  -- Null: it waits. Then the direct messages or mails that it was sent as; none: there was no number, or no address.
  sent_at      timestamptz,
  sent         uuid[] not null default '{}',
  -- When it first reached somebody.
  reached_at   timestamptz,
  -- When it was withdrawn, before anything of it was sent.
  withdrawn_at timestamptz,
  primary key (scheme_id, change_id, member_id, kind, channel)
);
create index member_notices_due on member_notices (due_at) where sent_at is null and withdrawn_at is null;
create index member_notices_open on member_notices (sent_at) where reached_at is null and sent <> '{}';
create index member_notices_member on member_notices (scheme_id, member_id, due_at);
grant select, insert, update on member_notices to tocsin_app;

-- ───────────── dues ─────────────
-- Money is recorded in a ledger in double entry that is added to and never changed, not even by the owner.

-- The fee of a year; one campaign a year and scheme.
create table dues_campaigns (
  scheme_id  text not null references schemes,
  year       smallint not null check (year between 2000 and 2100),
  fee_cents  integer not null check (fee_cents between 0 and 10000000),
  -- Cents by trade, where they differ.
  trade_fees jsonb not null default '{}',
  -- A member that joins during the year pays for the remaining months.
  pro_rata   boolean not null,
  due_on     date not null,
  opened_at  timestamptz not null,
  opened_by  text not null,
  primary key (scheme_id, year)
);
-- A campaign is withdrawn as long as nobody paid; the same holds for what it made members owe.
grant select, insert, delete on dues_campaigns to tocsin_app;

-- What a member owes for a year. The remainder is in the ledger: payments settle the oldest year first.
create table dues (
  scheme_id    text not null,
  year         smallint not null,
  member_id    uuid not null,
  -- 0: exempt.
  amount_cents integer not null check (amount_cents between 0 and 10000000),
  due_on       date not null,
  assessed_at  timestamptz not null,
  primary key (scheme_id, year, member_id),
  foreign key (scheme_id, year) references dues_campaigns,
  foreign key (scheme_id, member_id) references members
);
create index dues_member on dues (scheme_id, member_id);
grant select, insert, delete on dues to tocsin_app;
create policy dues_contact on dues for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, member_id, amount_cents, due_on) on dues to tocsin_contact;

-- The last number given of a sequence without gaps: the row is locked until the transaction ends, so that a failure loses none.
create table dues_counters (
  scheme_id text not null references schemes,
  -- `ledger`, or `receipts-YEAR`.
  name      text not null,
  last      integer not null check (last >= 0),
  primary key (scheme_id, name)
);
grant select, insert, update on dues_counters to tocsin_app;

-- An entry of the ledger; an error is reversed by another entry.
create table ledger_entries (
  scheme_id  text not null references schemes,
  -- From 1, without gaps.
  no         integer not null check (no > 0),
  -- The accounting day.
  entered_on date not null,
  kind       text not null check (kind in ('call', 'payment', 'cancellation', 'waiver', 'withdrawal', 'refund')),
  -- The member whose account it moves, and its name at that time; the name is emptied once the books are old enough.
  member_id  uuid not null,
  member     text not null,
  -- The supporting document: a receipt, a campaign.
  piece      text not null,
  written_at timestamptz not null,
  written_by text not null,
  -- The year that a waiver lets off, so that it is reversed with the campaign of that year alone; null: all that was owed.
  year       smallint,
  primary key (scheme_id, no)
);
create index ledger_entries_member on ledger_entries (scheme_id, member_id, no);
create index ledger_entries_named on ledger_entries (entered_on) where member <> '';
grant select, insert on ledger_entries to tocsin_app;

-- A line of an entry: an amount on one account.
create table ledger_lines (
  scheme_id    text not null,
  no           integer not null,
  line         smallint not null check (line > 0),
  -- The role of the account; src/dues/ledger/accounting.ts has the number that it is exported under.
  account      text not null check (account in ('receivable', 'income', 'bank', 'cheques', 'cash', 'cards')),
  -- The member whose account it is.
  member_id    uuid,
  debit_cents  integer not null check (debit_cents >= 0),
  credit_cents integer not null check (credit_cents >= 0),
  check ((debit_cents = 0) <> (credit_cents = 0)),
  check ((account = 'receivable') = (member_id is not null)),
  primary key (scheme_id, no, line),
  foreign key (scheme_id, no) references ledger_entries
);
create index ledger_lines_member on ledger_lines (scheme_id, member_id) include (debit_cents, credit_cents) where member_id is not null;
grant select, insert on ledger_lines to tocsin_app;
create policy ledger_lines_contact on ledger_lines for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, no, member_id, debit_cents, credit_cents) on ledger_lines to tocsin_contact;

-- Checked when the transaction ends: an entry has both sides, they are equal, and no number before it is missing.
create function ledger_holds() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (
    select from ledger_lines where scheme_id = new.scheme_id and no = new.no
    having sum(debit_cents) = sum(credit_cents) and sum(debit_cents) > 0) then
    raise exception 'entry % of the ledger of % does not balance', new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  if new.no > 1 and not exists (select from ledger_entries where scheme_id = new.scheme_id and no = new.no - 1) then
    raise exception 'entry % of the ledger of % leaves a hole', new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger ledger_entries_hold after insert on ledger_entries deferrable initially deferred
  for each row execute function ledger_holds();
create constraint trigger ledger_lines_hold after insert on ledger_lines deferrable initially deferred
  for each row execute function ledger_holds();

create function ledger_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
create trigger ledger_lines_kept before update or delete on ledger_lines for each row execute function ledger_is_kept();

-- The law keeps books for ten years after the end of their year (Code de commerce, L123-22), and what names people in them no
-- longer than that. So the purge (src/privacy/retention/purge.ts) may empty the name of an entry and the reason of a waiver
-- where the entry is older than the day that it sets. Amounts, which balances depend on, stay.
create function entries_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and old.entered_on < before and new.member = ''
    and new.piece = (case when old.kind = 'waiver' then '' else old.piece end)
    and to_jsonb(new) - 'member' - 'piece' = to_jsonb(old) - 'member' - 'piece' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
create trigger ledger_entries_kept before update or delete on ledger_entries for each row execute function entries_are_kept();

-- Money that came from a member.
create table dues_payments (
  scheme_id       text not null references schemes,
  id              uuid not null,
  member_id       uuid not null,
  way             text not null check (way in ('transfer', 'cheque', 'cash', 'card', 'debit')),
  amount_cents    integer not null check (amount_cents > 0),
  received_on     date not null,
  -- The number of the cheque, the label of the transfer; empty: none.
  reference       text not null,
  -- The id at the bank or provider that reported it: each is recorded once.
  outside_id      text,
  entry_no        integer not null,
  recorded_at     timestamptz not null,
  recorded_by     text not null,
  cancelled_at    timestamptz,
  cancelled_by    text,
  cancel_reason   text,
  cancel_entry_no integer,
  check ((cancelled_at is null) = (cancel_entry_no is null)),
  primary key (scheme_id, id),
  unique (scheme_id, way, outside_id),
  foreign key (scheme_id, entry_no) references ledger_entries,
  foreign key (scheme_id, cancel_entry_no) references ledger_entries,
  foreign key (scheme_id, member_id) references members
);
create index dues_payments_member on dues_payments (scheme_id, member_id, entry_no);
grant select, insert, update on dues_payments to tocsin_app;
create policy dues_payments_contact on dues_payments for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, way, amount_cents, received_on, reference, entry_no, cancelled_at, cancel_reason)
  on dues_payments to tocsin_contact;

-- Money that went back to a member.
create table dues_refunds (
  scheme_id       text not null references schemes,
  id              uuid not null,
  member_id       uuid not null,
  -- The payment of which a part went back; null: what was paid in advance.
  payment_id      uuid,
  way             text not null check (way in ('transfer', 'cheque', 'cash', 'card')),
  amount_cents    integer not null check (amount_cents > 0),
  paid_on         date not null,
  -- The number of the cheque, the label of the transfer; empty: none.
  reference       text not null,
  reason          text not null,
  entry_no        integer not null,
  recorded_at     timestamptz not null,
  recorded_by     text not null,
  cancelled_at    timestamptz,
  cancelled_by    text,
  cancel_reason   text,
  cancel_entry_no integer,
  check ((cancelled_at is null) = (cancel_entry_no is null)),
  primary key (scheme_id, id),
  foreign key (scheme_id, payment_id) references dues_payments,
  foreign key (scheme_id, entry_no) references ledger_entries,
  foreign key (scheme_id, cancel_entry_no) references ledger_entries,
  foreign key (scheme_id, member_id) references members
);
create index dues_refunds_member on dues_refunds (scheme_id, member_id, entry_no);
grant select, insert, update on dues_refunds to tocsin_app;
create policy dues_refunds_contact on dues_refunds for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, payment_id, way, amount_cents, paid_on, reference, reason, entry_no, cancelled_at,
  cancel_reason) on dues_refunds to tocsin_contact;

-- A receipt of a payment, or the credit note of a refund; numbered together by year, without gaps. It is kept as issued, so
-- that it reads the same in ten years.
create table dues_receipts (
  scheme_id  text not null,
  year       smallint not null,
  no         integer not null check (no > 0),
  payment_id uuid,
  member_id  uuid not null,
  -- Cancels the other receipt of its payment or refund.
  cancels    boolean not null,
  facts      jsonb not null,
  issued_at  timestamptz not null,
  refund_id  uuid,
  check ((payment_id is null) <> (refund_id is null)),
  primary key (scheme_id, year, no),
  unique (scheme_id, payment_id, cancels),
  unique (scheme_id, refund_id, cancels),
  foreign key (scheme_id, payment_id) references dues_payments,
  foreign key (scheme_id, refund_id) references dues_refunds
);
create index dues_receipts_member on dues_receipts (scheme_id, member_id);
create index dues_receipts_named on dues_receipts (year) where facts->'member' <> 'null'::jsonb;
grant select, insert on dues_receipts to tocsin_app;
create policy dues_receipts_contact on dues_receipts for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, no, payment_id, member_id, cancels, facts, issued_at, refund_id) on dues_receipts to tocsin_contact;

create function receipts_hold() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.no > 1 and not exists (
    select from dues_receipts where scheme_id = new.scheme_id and year = new.year and no = new.no - 1) then
    raise exception 'receipt %-% of % leaves a hole', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger dues_receipts_hold after insert on dues_receipts deferrable initially deferred
  for each row execute function receipts_hold();

-- As for entries: the purge may empty the member, the reference and the reasons of old receipts.
create function receipts_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and make_date(old.year, 1, 1) < before and new.facts->'member' = 'null'::jsonb
    and to_jsonb(new) - 'facts' = to_jsonb(old) - 'facts'
    and new.facts - 'member' - 'reference' - 'cancels' - 'refund'
      = old.facts - 'member' - 'reference' - 'cancels' - 'refund' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
create trigger dues_receipts_kept before update or delete on dues_receipts for each row execute function receipts_are_kept();

-- A notice to a member about its dues, and how it was given.
create table dues_notices (
  scheme_id   text not null,
  id          uuid not null,
  year        smallint not null,
  member_id   uuid not null,
  kind        text not null
    check (kind in ('call', 'reminder', 'warning', 'suspended', 'restored', 'debit', 'debit_dropped', 'withdrawn')),
  -- How many days after the due date a reminder is sent.
  step        smallint not null default 0,
  at          timestamptz not null,
  by          text not null,
  -- The contacts that an SMS went to, and how many mails went out.
  contacts    uuid[] not null default '{}',
  mails       smallint not null default 0,
  -- How the chamber notified the member in person; null: the program did.
  told        text check (told in ('phone', 'letter', 'visit')),
  note        text not null default '',
  -- The mails and direct messages that it was sent as, and when the first reached somebody: the rule suspends no member whom
  -- no warning reached.
  mail_ids    uuid[] not null default '{}',
  message_ids uuid[] not null default '{}',
  reached_at  timestamptz,
  primary key (scheme_id, id),
  -- Not to dues: a notice stays when what was owed is withdrawn.
  foreign key (scheme_id, member_id) references members
);
create index dues_notices_member on dues_notices (scheme_id, member_id, at);
create index dues_notices_unsettled on dues_notices (scheme_id, at)
  where kind = 'warning' and told is null and reached_at is null;
create index dues_notices_old on dues_notices (at);
-- Notices that were never sent are deleted with their campaign.
grant select, insert, delete on dues_notices to tocsin_app;
grant update (reached_at) on dues_notices to tocsin_app;
create policy dues_notices_contact on dues_notices for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, member_id, kind, at, told) on dues_notices to tocsin_contact;

-- A suspension by the rule of the scheme, and its end; at most one of a member is open.
create table dues_suspensions (
  scheme_id    text not null,
  member_id    uuid not null,
  suspended_at timestamptz not null,
  restored_at  timestamptz,
  primary key (scheme_id, member_id, suspended_at),
  foreign key (scheme_id, member_id) references members
);
create unique index dues_suspensions_open on dues_suspensions (scheme_id, member_id) where restored_at is null;
grant select, insert, update on dues_suspensions to tocsin_app;
create policy dues_suspensions_contact on dues_suspensions for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select on dues_suspensions to tocsin_contact;

-- A member that was notified of a campaign since withdrawn, until it is notified of that too.
create table dues_withdrawn (
  scheme_id    text not null,
  year         smallint not null,
  member_id    uuid not null,
  -- The amount that it had been asked for.
  amount_cents integer not null,
  due_on       date not null,
  withdrawn_at timestamptz not null,
  primary key (scheme_id, year, member_id),
  foreign key (scheme_id, member_id) references members
);
grant select, insert, update, delete on dues_withdrawn to tocsin_app;

-- A SEPA mandate that a member signed online; at most one of a member is in force.
create table dues_mandates (
  scheme_id   text not null,
  id          uuid not null,
  member_id   uuid not null,
  -- RUM: unique for the creditor.
  reference   text not null,
  iban        text not null,
  -- Its last four characters: all of it that people see again.
  iban_end    text not null,
  holder      text not null,
  -- The proof: what was signed, by whom, when.
  text        text not null,
  signed_name text not null,
  signed_by   text not null,
  signed_at   timestamptz not null,
  -- The first debit of a mandate is marked differently from those that follow.
  used_at     timestamptz,
  revoked_at  timestamptz,
  revoked_by  text,
  primary key (scheme_id, id),
  unique (scheme_id, reference),
  foreign key (scheme_id, member_id) references members
);
create unique index dues_mandates_open on dues_mandates (scheme_id, member_id) where revoked_at is null;
grant select, insert, update on dues_mandates to tocsin_app;
create policy dues_mandates_contact on dues_mandates for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, reference, iban_end, holder, signed_at, revoked_at) on dues_mandates to tocsin_contact;

-- A file of direct debits for the bank (pain.008), as it stands.
create table dues_debit_files (
  scheme_id     text not null references schemes,
  id            uuid not null,
  -- From 1, without gaps.
  no            integer not null check (no > 0),
  collect_on    date not null,
  xml           text not null,
  state         text not null check (state in ('created', 'collected', 'dropped')),
  created_at    timestamptz not null,
  created_by    text not null,
  settled_at    timestamptz,
  settled_by    text,
  -- How many times the file was made, and when this version was last downloaded.
  version       smallint not null default 1,
  downloaded_at timestamptz,
  -- The chamber says that the bank has it: no debit is removed from it any more.
  handed_at     timestamptz,
  handed_by     text,
  primary key (scheme_id, id),
  unique (scheme_id, no)
);
grant select, insert, update on dues_debit_files to tocsin_app;

-- A debit removed from a file, with the file as it was before.
create table dues_debit_file_versions (
  scheme_id   text not null,
  file_id     uuid not null,
  version     smallint not null,
  xml         text not null,
  -- When, by whom and why it was replaced; the removed debit.
  replaced_at timestamptz not null,
  replaced_by text not null,
  debit_id    uuid not null,
  -- When this version was downloaded, unless somebody said that the bank does not have it: the debit must be recalled there.
  taken_at    timestamptz,
  primary key (scheme_id, file_id, version, debit_id),
  foreign key (scheme_id, file_id) references dues_debit_files
);
grant select, insert on dues_debit_file_versions to tocsin_app;
grant update (taken_at) on dues_debit_file_versions to tocsin_app;

-- A debit of a file.
create table dues_debits (
  scheme_id    text not null,
  id           uuid not null,
  file_id      uuid not null,
  member_id    uuid not null,
  mandate_id   uuid not null,
  amount_cents integer not null check (amount_cents > 0),
  end_to_end   text not null,
  -- returned: the bank did not collect it, or reversed it.
  state        text not null check (state in ('pending', 'collected', 'returned', 'dropped')),
  -- The ISO 20022 reason of the return, such as AM04.
  return_code  text,
  payment_id   uuid,
  -- Cents by year, oldest first: [{"year": 2026, "amountCents": 1000}].
  years        jsonb not null default '[]',
  primary key (scheme_id, id),
  unique (scheme_id, end_to_end),
  foreign key (scheme_id, file_id) references dues_debit_files,
  foreign key (scheme_id, mandate_id) references dues_mandates,
  foreign key (scheme_id, payment_id) references dues_payments
);
create index dues_debits_file on dues_debits (scheme_id, file_id);
-- What a member owes is collected once.
create unique index dues_debits_pending on dues_debits (scheme_id, member_id) where state = 'pending';
grant select, insert, update on dues_debits to tocsin_app;

-- ───────────── enrolment ─────────────

-- A version of the charter as it was published. Added to and never changed, since signatures name a version.
create table charters (
  scheme_id    text not null references schemes,
  version      integer not null check (version > 0),
  text         text not null,
  sha256       text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  published_at timestamptz not null,
  -- The name of the person; null: it came with the program.
  published_by text,
  primary key (scheme_id, version)
);
grant select, insert on charters to tocsin_app;
create policy charters_contact on charters for select to tocsin_contact using (scheme_id = current_scheme());
grant select (scheme_id, version, text, sha256, published_at) on charters to tocsin_contact;

-- A request of a business to join.
create table enrolments (
  scheme_id    text not null references schemes,
  id           uuid not null,
  state        text not null check (state in ('draft', 'submitted', 'approved', 'refused')),
  -- SHA-256 of the token of the browser that began it: no other browser continues it.
  token_hash   text not null,
  name         text not null,
  search_name  text not null,
  siret        text check (siret ~ '^[0-9]{14}$'),
  naf          text,
  trade        text not null check (trade <> ''),
  commune_code text not null references communes,
  address      text,
  latitude     double precision,
  longitude    double precision,
  -- The State's register has it as open and in this commune.
  verified     boolean not null,
  person       text,
  mobile       text check (mobile ~ '^\+[1-9][0-9]{6,14}$'),
  mail         text,
  mobile_confirmed_at timestamptz,
  created_at   timestamptz not null,
  touched_at   timestamptz not null,
  submitted_at timestamptz,
  decided_at   timestamptz,
  decided_by   text,
  reason       text check (reason in ('trade', 'territory', 'already_member', 'not_verified', 'incomplete', 'other')),
  note         text,
  -- The member that it became.
  member_id    uuid,
  check ((latitude is null) = (longitude is null)),
  check (mobile_confirmed_at is null or mobile is not null),
  check (state = 'draft' or (submitted_at is not null and mobile_confirmed_at is not null and person is not null)),
  check ((state in ('approved', 'refused')) = (decided_at is not null)),
  check ((state = 'approved') = (member_id is not null)),
  check ((state = 'refused') = (reason is not null)),
  primary key (scheme_id, id)
);
create index enrolments_state on enrolments (scheme_id, state, submitted_at);
create index enrolments_siret on enrolments (scheme_id, siret) where siret is not null;
create index enrolments_mobile on enrolments (scheme_id, mobile) where mobile is not null;
create index enrolments_drafts on enrolments (touched_at) where state = 'draft';
create index enrolments_refused on enrolments (decided_at) where state = 'refused';
grant select, insert, update, delete on enrolments to tocsin_app;

-- The proof that a charter was read and signed, during an enrolment or later on the portal.
create table charter_signatures (
  scheme_id    text not null references schemes,
  id           uuid not null default gen_random_uuid(),
  version      integer not null,
  sha256       text not null,
  -- As typed.
  signed_name  text not null,
  signed_at    timestamptz not null,
  -- The number or mail address that a code had confirmed just before.
  mobile       text,
  mail         text,
  member_id    uuid,
  -- An enrolment, or a contact and its session on the portal.
  enrolment_id uuid,
  contact_id   uuid,
  session_id   uuid,
  constraint charter_signatures_way check ((enrolment_id is null) = (contact_id is not null and session_id is not null and member_id is not null)),
  constraint charter_signatures_proof check (mobile is not null or mail is not null),
  primary key (scheme_id, id),
  constraint charter_signatures_enrolment unique (scheme_id, enrolment_id),
  foreign key (scheme_id, enrolment_id) references enrolments on delete cascade,
  foreign key (scheme_id, version) references charters
);
create index charter_signatures_member on charter_signatures (scheme_id, member_id) where member_id is not null;
grant select, insert, update on charter_signatures to tocsin_app;
create policy charter_signatures_contact on charter_signatures for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, version, sha256, signed_name, mobile, mail, signed_at, member_id) on charter_signatures to tocsin_contact;

-- ───────────── reports ─────────────

-- A call to 17, or a report from the portal, and the decision on it.
create table reports (
  scheme_id        text not null references schemes,
  id               uuid not null,
  category_code    text not null,
  commune_code     text not null references communes,
  -- The name of a former commune by which the caller called it; null: the name of today.
  former_name      text,
  place            text,
  called_at        timestamptz not null,
  occurred_at      timestamptz not null,
  -- Written when the call came more than an hour after the facts.
  late_reason      text,
  caller_phone     text,
  caller_name      text,
  caller_member_id uuid,
  -- The contact who reported it on the portal; null: it came by a call.
  caller_contact_id uuid,
  facts            text,
  agency_id        uuid,
  -- A drill, from its report on: see alerts.
  exercise         boolean not null default false,
  state            text not null check (state in ('waiting', 'broadcast', 'refused')),
  refusal_code     text,
  refusal_note     text,
  -- The reply by SMS to the caller of a refused report; null: none.
  answer_text      text,
  decided_at       timestamptz,
  decided_by       text,
  created_at       timestamptz not null,
  created_by       text not null,
  -- The person handling it and their last action: the claim expires ten minutes later.
  claimed_by_id    text,
  claimed_by       text,
  claimed_at       timestamptz,
  check ((state = 'refused') = (refusal_code is not null)),
  check ((state = 'waiting') = (decided_at is null)),
  constraint reports_answer check (answer_text is null or state = 'refused'),
  constraint reports_claim check ((claimed_by_id is null) = (claimed_at is null)),
  constraint reports_portal check (caller_contact_id is null or caller_member_id is not null),
  primary key (scheme_id, id),
  constraint reports_kind unique (scheme_id, id, exercise),
  foreign key (scheme_id, category_code) references categories,
  foreign key (scheme_id, caller_member_id) references members (scheme_id, id)
);
create index reports_called on reports (scheme_id, called_at desc);
create index reports_waiting on reports (scheme_id, called_at) where state = 'waiting';
create index reports_portal on reports (scheme_id, caller_member_id, created_at desc) where caller_contact_id is not null;
grant select, insert, update on reports to tocsin_app;
-- A contact sees the reports from the portal of its own member; nothing of calls, nor of what operators wrote.
create policy reports_contact on reports for select to tocsin_contact
  using (scheme_id = current_scheme() and caller_member_id = current_member() and caller_contact_id is not null);
grant select (scheme_id, id, category_code, place, occurred_at, created_at, facts, state, claimed_at, answer_text, decided_at,
  caller_member_id, caller_contact_id) on reports to tocsin_contact;

-- The draft of a call that is being entered: restored to the same person after a reload, on any machine; deleted once it is a
-- report.
create table call_notes (
  scheme_id text not null references schemes,
  user_id   text not null,
  id        uuid not null,
  -- In the shape of the screen that wrote it.
  content   jsonb not null,
  version   integer not null default 1,
  saved_at  timestamptz not null,
  primary key (scheme_id, user_id, id)
);
create index call_notes_saved on call_notes (saved_at);
grant select, insert, update, delete on call_notes to tocsin_app;

-- Reports that a person linked as the work of the same people.
create table series (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- Null: named after its category and places.
  title      text,
  created_at timestamptz not null,
  created_by text not null,
  primary key (scheme_id, id)
);
grant select, insert, update, delete on series to tocsin_app;

-- A report of a series; a report is in one series at most.
create table series_reports (
  scheme_id text not null references schemes,
  report_id uuid not null,
  series_id uuid not null,
  added_at  timestamptz not null,
  added_by  text not null,
  primary key (scheme_id, report_id),
  foreign key (scheme_id, report_id) references reports,
  foreign key (scheme_id, series_id) references series on delete cascade
);
create index series_reports_of on series_reports (scheme_id, series_id);
grant select, insert, update, delete on series_reports to tocsin_app;

-- Two reports that a person declared unrelated, so that they are not proposed as a series again.
create table series_apart (
  scheme_id text not null references schemes,
  report_id uuid not null,
  other_id  uuid not null check (report_id < other_id),
  said_at   timestamptz not null,
  said_by   text not null,
  primary key (scheme_id, report_id, other_id),
  foreign key (scheme_id, report_id) references reports,
  foreign key (scheme_id, other_id) references reports
);
grant select, insert, delete on series_apart to tocsin_app;

-- ───────────── deliveries ─────────────
-- The engine: what was planned for whom, and what became of it.

-- One sending of one text to its recipients.
create table broadcasts (
  scheme_id       text not null references schemes,
  id              uuid not null,
  kind            text not null default 'first'
    check (kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks', 'copy', 'answer', 'digest', 'code',
      'service', 'group')),
  -- The alert, or the refused report that it replies to; both null: part of neither (a digest, a code).
  alert_id        uuid,
  report_id       uuid,
  -- A follow-up goes to each recipient after the message of this broadcast, from the same number.
  after_broadcast_id uuid,
  -- The text as it leaves, after folding: what every phone shows.
  text            text not null,
  -- What the text of a follow-up discloses; null: as its alert does.
  level           text check (level in ('prevention', 'established', 'precise')),
  -- The hash of the content that was ordered; null: not the content of an alert (a closing message, a reply).
  content_hash    text,
  encoding        text not null check (encoding in ('GSM-7', 'UCS-2')),
  parts           smallint not null check (parts > 0),
  sender          text not null,
  -- The order in which waiting messages are sent.
  lane            text not null check (lane in ('reminder', 'service', 'follow_up', 'alert', 'code', 'vital')),
  simulated       boolean not null,
  -- Chosen by the client that orders: the same order twice is carried out once.
  order_key       uuid,
  -- The code whose digits replace the placeholder when the message leaves, and a mark of the secret that they derive from.
  code_id         uuid,
  code_key        text,
  -- The key of the marks that identify copies, and their position in the text. Both or none.
  mark_key        bigint,
  mark_at         smallint check ((mark_key is null) = (mark_at is null)),
  -- running: chunks remain · settling: all submitted, some not final · done · stopped: ordered to stop, settling.
  state           text not null check (state in ('running', 'settling', 'stopped', 'done')),
  valid_until     timestamptz not null,
  ordered_at      timestamptz not null,
  ordered_by      text not null,
  planned         integer not null,
  -- The deliveries in each state now; with those still planned they add up to `planned`.
  accepted        integer not null default 0,
  delivered       integer not null default 0,
  in_doubt        integer not null default 0,
  failed          integer not null default 0,
  expired         integer not null default 0,
  withdrawn       integer not null default 0,
  -- Deliveries that may have reached their phone twice, whatever their state.
  possible_duplicates integer not null default 0,
  first_submit_at timestamptz,
  all_accepted_at timestamptz,
  done_at         timestamptz,
  -- The last delivery that was read for number health; they are read once none is open, so that sending is not slowed.
  health_no       integer not null default 0,
  -- When its deliveries were counted (delivery_tallies); null: not finished, or never counted.
  tallied_at      timestamptz,
  constraint broadcasts_about_one check (alert_id is null or report_id is null),
  constraint broadcasts_code check ((code_id is null) = (code_key is null)),
  primary key (scheme_id, id),
  constraint broadcasts_after foreign key (scheme_id, after_broadcast_id) references broadcasts,
  constraint broadcasts_report foreign key (scheme_id, report_id) references reports
);
create index broadcasts_alert on broadcasts (scheme_id, alert_id);
create index broadcasts_open on broadcasts (ordered_at) where state <> 'done';
create index broadcasts_ordered on broadcasts (scheme_id, ordered_at);
create unique index broadcasts_order_key on broadcasts (scheme_id, order_key) where order_key is not null;
-- An alert has one first message, and is cleared, closed and thanked for once. A refusal is answered once.
create unique index broadcasts_once on broadcasts (scheme_id, alert_id, kind)
  where kind in ('first', 'all_clear', 'closing', 'thanks');
create unique index broadcasts_answer on broadcasts (scheme_id, report_id) where report_id is not null;
create index broadcasts_health on broadcasts (done_at) where state = 'done' and health_no < planned;
-- The kinds that are never counted are UNCOUNTED_KINDS of src/deliveries/kinds.ts: without this condition they stayed in the
-- index and were read each time.
create index broadcasts_to_tally on broadcasts (done_at)
  where state = 'done' and tallied_at is null and kind not in ('copy', 'answer', 'code', 'service', 'group', 'digest');
grant select, insert, update on broadcasts to tocsin_app;

-- What leaves is what was ordered: nothing that a phone or a provider sees of it changes afterwards. Only the text of a
-- finished service message may be removed, since it may name somebody who is erased.
create function broadcast_content_is_fixed() returns trigger language plpgsql as $$
begin
  raise exception 'the content of a broadcast is fixed' using errcode = 'insufficient_privilege';
end $$;
create trigger broadcasts_content_fixed
  before update of alert_id, text, encoding, parts, sender, content_hash on broadcasts
  for each row
  when (old.kind <> 'group' or old.state <> 'done' or new.text <> '…'
    or (new.alert_id is distinct from old.alert_id
      or new.encoding is distinct from old.encoding
      or new.parts is distinct from old.parts
      or new.sender is distinct from old.sender
      or new.content_hash is distinct from old.content_hash))
  execute function broadcast_content_is_fixed();

-- One message to one contact, with its state. Its only index is its key, and rows leave room on their page, so that each
-- change of state stays on the page (HOT) and costs no index write; an index by member cost the sending of 100,000 some 10 %.
-- The order of the columns and ids as text keep rows small: two more versions of each fit on its page.
create table deliveries (
  scheme_id    text not null,
  broadcast_id uuid not null,
  -- 1, 2, 3… in the broadcast; a chunk is a range of it.
  no           integer not null,
  contact_id   uuid not null,
  member_id    uuid not null,
  phone        text not null,
  commune_code text not null,
  trade        text not null,
  state        text not null default 'planned'
               check (state in ('planned', 'accepted', 'delivered', 'in_doubt', 'failed', 'expired', 'withdrawn')),
  possible_duplicate boolean not null default false,
  attempts     smallint not null default 0,
  gateway      text,
  -- The ids given by the provider, one a part, separated by spaces; of several parts, those delivered so far.
  message_ids  text,
  delivered_ids text[],
  -- The SMPP command_status of a refusal, or the network error of a failed receipt.
  error_code   integer,
  accepted_at  timestamptz,
  in_doubt_at  timestamptz,
  settled_at   timestamptz,
  primary key (scheme_id, broadcast_id, no)
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);
grant select, insert, update on deliveries to tocsin_app;
-- The check asks for the scheme in a subquery, once a statement: as a call it is made for each row written, which costs a
-- twelfth of planning a recipient.
create policy deliveries_own on deliveries to tocsin_app using (scheme_id = current_scheme())
  with check (scheme_id = (select current_scheme()));

-- A range of deliveries, the unit of claiming. `claimed` is on disk before the first byte leaves: a delivery still planned in
-- a chunk claimed by a dead worker may have left, so it is in doubt.
create table delivery_chunks (
  scheme_id    text not null,
  broadcast_id uuid not null,
  first_no     integer not null,
  last_no      integer not null,
  state        text not null default 'ready' check (state in ('ready', 'claimed', 'done')),
  -- The worker that holds it, and how many times it was claimed: a late worker with an older count writes nothing.
  worker_id    bigint,
  claims       integer not null default 0,
  claimed_at   timestamptz,
  not_before   timestamptz,
  primary key (scheme_id, broadcast_id, first_no),
  foreign key (scheme_id, broadcast_id) references broadcasts
) with (fillfactor = 50);
grant select, insert, update on delivery_chunks to tocsin_app;

-- An attempt that did not settle its delivery: refused, not answered, answered after another worker took over. The row of the
-- delivery has the last attempt, so that a message accepted at once costs no row here.
create table delivery_attempts (
  scheme_id    text not null,
  broadcast_id uuid not null,
  no           integer not null,
  at           timestamptz not null,
  outcome      text not null check (outcome in ('refused', 'unknown', 'accepted_late')),
  gateway      text,
  error_code   integer,
  message_ids  text
  -- No foreign key to deliveries: it would be checked at each change of state of each delivery.
);
create index delivery_attempts_of on delivery_attempts (scheme_id, broadcast_id, no);
grant select on delivery_attempts to tocsin_app;

-- The counts of a finished broadcast by trade and by last gateway ('': none); they stay when its deliveries are deleted, and
-- those of years are read at once.
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
grant select on delivery_tallies to tocsin_app;

-- A receipt that matches no delivery yet: the response to its submission may come later, also to another worker, and then it
-- counts.
create table unknown_receipts (
  gateway     text not null,
  message_id  text not null,
  received_at timestamptz not null,
  state       text not null,
  phone       text,
  -- The `user_message_reference` that the provider returned; the error code of the network.
  reference   integer,
  error_code  integer,
  primary key (gateway, message_id, received_at)
);
create index unknown_receipts_received on unknown_receipts (received_at);

-- A number that just stopped receiving, for whatever reason: the engine withdraws its planned deliveries. Written by triggers,
-- as the owner.
create table departures (
  scheme_id text not null,
  phone     text not null,
  at        timestamptz not null,
  -- How many times the engine looked for planned deliveries, and when it looks next; null: no more.
  looks     smallint not null default 0,
  look_at   timestamptz,
  primary key (scheme_id, phone)
);
create index departures_due on departures (look_at) where look_at is not null;
grant select on departures to tocsin_app;

-- Workers look at once when the transaction commits, and once a second in case a notification was lost.
create function note_departures(schemes text[], phones text[]) returns void language plpgsql as $$
begin
  if schemes is null then return; end if;
  insert into departures as known (scheme_id, phone, at, look_at)
  select distinct scheme_id, phone, statement_timestamp(), statement_timestamp() from unnest(schemes, phones) as gone (scheme_id, phone)
  order by 1, 2
  on conflict (scheme_id, phone) do update set at = excluded.at, looks = 0, look_at = excluded.look_at;
  perform pg_notify('tocsin_departures', '');
end $$;
revoke all on function note_departures(text[], text[]) from public;

create function contacts_departed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  schemes text[]; phones text[];
begin
  if tg_op = 'DELETE' then
    select array_agg(scheme_id), array_agg(mobile) into schemes, phones from before where sms;
  else
    -- Set differences, as in contacts_replaced.
    with gone as (
      select scheme_id, mobile from before where sms except select scheme_id, mobile from after where sms
    )
    select array_agg(scheme_id), array_agg(mobile) into schemes, phones from gone;
  end if;
  perform note_departures(schemes, phones);
  return null;
end $$;
create trigger contacts_departed_updated after update on contacts referencing old table as before new table as after
  for each statement execute function contacts_departed();
create trigger contacts_departed_deleted after delete on contacts referencing old table as before
  for each statement execute function contacts_departed();

-- Only hash joins, over what the arrays narrow: see contacts_recount.
create function members_departed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp set enable_nestloop = off set enable_mergejoin = off as $$
declare
  gone_schemes text[]; gone_ids uuid[]; schemes text[]; phones text[];
begin
  with gone as (
    select scheme_id, id from before where status = 'active' except select scheme_id, id from after where status = 'active'
  )
  select array_agg(distinct scheme_id), array_agg(id) into gone_schemes, gone_ids from gone;
  if gone_schemes is null then return null; end if;
  select array_agg(scheme_id), array_agg(mobile) into schemes, phones from contacts
  where scheme_id = any (gone_schemes) and member_id = any (gone_ids) and sms;
  perform note_departures(schemes, phones);
  return null;
end $$;
create trigger members_departed after update on members referencing old table as before new table as after
  for each statement execute function members_departed();

-- A process that sends. The row is its heartbeat: a worker that does not renew it is taken for dead, and another settles its
-- work.
create table workers (
  id          bigint primary key,
  -- Later workers have higher places: none before it moves when one comes.
  place       bigint not null generated always as identity,
  -- The machine and process, for people.
  name        text not null,
  started_at  timestamptz not null,
  -- By the clock of the database, which all workers share.
  beat_at     timestamptz not null default clock_timestamp(),
  -- By how many workers this one divides each provider's contract. A worker sends nothing before every other living one counts
  -- it, so that their sum never exceeds the contract.
  dividing_by integer not null check (dividing_by > 0),
  -- The states and counts of its gateways (src/deliveries/contract.ts).
  gateways    jsonb not null default '[]'
) with (fillfactor = 50);

-- Heartbeats run one after the other, so that each sees what all others announced. As functions: the lock lasts for one call,
-- whatever becomes of the calling process meanwhile.
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

-- No row: the others took this worker for dead. Where the number of workers falls, it is announced before it is used, so now;
-- where it grows, it is used before it is announced, so at the next call.
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

-- ───────────── messages ─────────────

-- A service message of a chamber to a group of members, by SMS or mail.
create table service_messages (
  scheme_id    text not null references schemes,
  id           uuid not null,
  channel      text not null check (channel in ('sms', 'mail')),
  -- Of a mail; empty for an SMS.
  subject      text not null,
  text         text not null check (text <> ''),
  -- Which members (src/messages/contract.ts).
  filter       jsonb not null,
  -- The trades of the trade chamber that wrote it; null: all.
  trades       text[],
  -- waiting: for a second person · sent: ordered · refused.
  state        text not null check (state in ('waiting', 'sent', 'refused')),
  -- Counted when it was written, and again when it was ordered.
  recipients   integer not null check (recipients > 0),
  written_at   timestamptz not null,
  written_by   text not null,
  writer       text not null,
  decided_at   timestamptz,
  decided_by   text,
  decider      text,
  reason       text,
  stopped_at   timestamptz,
  stopped_by   text,
  stopper      text,
  -- The broadcast of an SMS that was ordered.
  broadcast_id uuid,
  primary key (scheme_id, id),
  check ((state = 'refused') = (reason is not null)),
  check (state = 'waiting' or decided_at is not null),
  check (stopped_at is null or state = 'sent')
);
create index service_messages_latest on service_messages (scheme_id, written_at desc);
grant select, insert, update on service_messages to tocsin_app;

-- An address of an ordered mail, until its mail is written, or whose mail was withdrawn before it left.
create table service_message_mails (
  scheme_id    text not null,
  message_id   uuid not null,
  address      text not null,
  withdrawn_at timestamptz,
  primary key (scheme_id, message_id, address),
  foreign key (scheme_id, message_id) references service_messages on delete cascade
);
grant select, insert, delete on service_message_mails to tocsin_app;
grant update (withdrawn_at) on service_message_mails to tocsin_app;

-- A member of the group of an ordered message that could receive it.
create table service_message_receivers (
  scheme_id  text not null,
  message_id uuid not null,
  member_id  uuid not null,
  primary key (scheme_id, message_id, member_id),
  foreign key (scheme_id, message_id) references service_messages on delete cascade
);
create index service_message_receivers_member on service_message_receivers (scheme_id, member_id);
grant select, insert on service_message_receivers to tocsin_app;

-- ───────────── alerts ─────────────

-- The last reference number given in a scheme and year: 0142 in 63-26-0142.
create table alert_counters (
  scheme_id text not null references schemes,
  year      smallint not null,
  last      integer not null,
  primary key (scheme_id, year)
);
grant select, insert, update on alert_counters to tocsin_app;

-- An alert, from its draft to its outcome.
create table alerts (
  scheme_id     text not null references schemes,
  id            uuid not null,
  reference     text not null,
  report_id     uuid not null,
  category_code text not null,
  severity      text not null check (severity in ('vital', 'alert', 'notice')),
  text          text not null,
  -- The Area as chosen: what it resolved to is the snapshot of the broadcast.
  area          jsonb not null,
  area_label    text not null,
  -- The trades addressed; empty: all trades of the scheme.
  trades        text[] not null,
  -- The audience that its author or second person saw: an order goes to it, or is refused when the area changed meanwhile.
  audience_hash text not null default '',
  -- Whether there is an offence and the suspects are arrested (null: not answered), and what the text may disclose.
  doctrine      jsonb not null default '{"offence": null, "arrested": null, "level": "established"}',
  -- Fixed at creation: a simulated alert can only take simulated routes.
  simulated     boolean not null,
  -- An exercise is one from its report on: it is simulated and says so, and its alert and broadcasts are of the same kind.
  exercise      boolean not null default false,
  -- Each recipient gets a mark behind the reference.
  traced        boolean not null default false,
  state         text not null check (state in ('draft', 'submitted', 'returned', 'rejected', 'approved', 'broadcasting',
    'active', 'updated', 'ended', 'cancelled', 'expired', 'discarded')),
  -- Counts every change of what would be sent: an order names the version that it was given for.
  version       integer not null default 1,
  expires_at    timestamptz not null,
  created_at    timestamptz not null,
  created_by    text not null,
  -- The last change of what would be sent; null: as first written.
  changed_at    timestamptz,
  changed_by    text,
  -- The accounts that wrote any of it: none of them approves it.
  author_ids    text[] not null default '{}',
  -- The nearby alerts that the operator looked at before sending this one.
  near_confirmed uuid[] not null default '{}',
  -- The agency that last wrote it; whether the place is outside its zone, in whose zone then, and why it acts there.
  agency_id     uuid,
  outside_zone  boolean not null default false,
  zone_agency_id uuid,
  outside_zone_reason text,
  -- The last submission to a second person, with the hash of the content and the members it would have reached then.
  submitted_at  timestamptz,
  submitted_by  text,
  submitted_hash text,
  submitted_members integer,
  -- The decision, or the emergency broadcast; null: none yet.
  decision      text check (decision in ('returned', 'rejected', 'approved', 'overridden')),
  decided_at    timestamptz,
  decided_by    text,
  decided_by_id text,
  decision_reason text,
  -- The review of an emergency broadcast: open until another person gives a verdict.
  review        text check (review in ('open', 'justified', 'not_justified')),
  reviewed_at   timestamptz,
  reviewed_by   text,
  review_note   text,
  ordered_at    timestamptz,
  ordered_by    text,
  closed_at     timestamptz,
  closed_by     text,
  outcome       text check (outcome in ('arrest', 'nothing', 'unknown')),
  outcome_note  text,
  outcome_at    timestamptz,
  outcome_by    text,
  check ((outcome is null) = (outcome_at is null)),
  constraint alerts_exercise_simulated check (simulated or not exercise),
  constraint alerts_exercise_said check (not exercise or text like 'EXERCICE %'),
  constraint alerts_zone check (zone_agency_id is null or outside_zone),
  constraint alerts_submission check ((submitted_at is null) = (submitted_hash is null)),
  constraint alerts_decision check ((decision is null) = (decided_at is null)),
  constraint alerts_review check ((review is not null) = (decision is not distinct from 'overridden')),
  constraint alerts_reviewed check ((reviewed_at is null) = (review is null or review = 'open')),
  primary key (scheme_id, id),
  unique (scheme_id, reference),
  constraint alerts_kind unique (scheme_id, id, simulated),
  foreign key (scheme_id, report_id) references reports,
  constraint alerts_kind_of_report foreign key (scheme_id, report_id, exercise) references reports (scheme_id, id, exercise),
  foreign key (scheme_id, category_code) references categories,
  foreign key (scheme_id, agency_id) references agencies,
  foreign key (scheme_id, zone_agency_id) references agencies
);
create index alerts_created on alerts (scheme_id, created_at desc);
create index alerts_open on alerts (scheme_id, expires_at) where state in ('broadcasting', 'active', 'updated');
create index alerts_report on alerts (scheme_id, report_id);
-- A report has at most one alert that was not sent and still could be.
create unique index alerts_unsent on alerts (scheme_id, report_id)
  where state in ('draft', 'submitted', 'returned', 'approved');
create index alerts_review_open on alerts (scheme_id, ordered_at) where review = 'open';
-- The public check of an SMS asks by the reference alone, whatever the scheme.
create index alerts_reference on alerts (reference);
create index alerts_ordered on alerts (scheme_id, ordered_at desc, id desc) where ordered_at is not null;
grant select, insert, update on alerts to tocsin_app;

-- Broadcasts are below alerts, and name theirs all the same: one takes the kind of routes of its alert.
alter table broadcasts
  add foreign key (scheme_id, alert_id) references alerts,
  add constraint broadcasts_kind_of_alert
    foreign key (scheme_id, alert_id, simulated) references alerts (scheme_id, id, simulated);

-- An update, correction or all-clear that somebody writes, before it is sent and afterwards. Like its alert, it may need a
-- second person; the columns that alerts has too mean the same.
create table follow_ups (
  scheme_id       text not null references schemes,
  id              uuid not null,
  alert_id        uuid not null,
  kind            text not null check (kind in ('update', 'correction', 'all_clear')),
  -- As written: without the reference and the word that marks an exercise.
  text            text not null,
  level           text not null check (level in ('prevention', 'established', 'precise')),
  -- The message that it follows: the last one when it was written.
  after_id        uuid not null,
  -- Chosen by the client: the same order or submission twice is carried out once.
  order_key       uuid not null,
  -- draft exists only inside the transaction that writes it.
  state           text not null check (state in ('draft', 'submitted', 'returned', 'rejected', 'ordered', 'discarded')),
  version         integer not null default 1,
  created_at      timestamptz not null,
  created_by      text not null,
  author_ids      text[] not null default '{}',
  submitted_at    timestamptz,
  submitted_by    text,
  submitted_hash  text,
  decision        text check (decision in ('returned', 'rejected', 'approved', 'overridden')),
  decided_at      timestamptz,
  decided_by      text,
  decided_by_id   text,
  decision_reason text,
  review          text check (review in ('open', 'justified', 'not_justified')),
  reviewed_at     timestamptz,
  reviewed_by     text,
  review_note     text,
  -- The broadcast that it became.
  broadcast_id    uuid,
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts,
  foreign key (scheme_id, after_id) references broadcasts,
  foreign key (scheme_id, broadcast_id) references broadcasts,
  check ((submitted_at is null) = (submitted_hash is null)),
  check ((decision is null) = (decided_at is null)),
  check ((review is not null) = (decision is not distinct from 'overridden')),
  check ((reviewed_at is null) = (review is null or review = 'open')),
  check ((state = 'ordered') = (broadcast_id is not null))
);
create index follow_ups_alert on follow_ups (scheme_id, alert_id, created_at);
-- At most one follow-up of an alert waits for a person.
create unique index follow_ups_waiting on follow_ups (scheme_id, alert_id) where state in ('submitted', 'returned');
create index follow_ups_review_open on follow_ups (scheme_id, alert_id) where review = 'open';
grant select, insert, update on follow_ups to tocsin_app;

-- A magistrate's agreement to one content, word for word: it holds for the content of this hash and for no other.
create table authorisations (
  scheme_id    text not null references schemes,
  id           uuid not null,
  alert_id     uuid not null,
  -- The follow-up that it is about; null: the first message.
  follow_up_id uuid,
  magistrate   text not null,
  -- "Parquet de Clermont-Ferrand".
  service      text not null,
  given_at     timestamptz not null,
  -- What it covers, in the words of the magistrate.
  scope        text not null,
  content_hash text not null,
  recorded_at  timestamptz not null,
  recorded_by  text not null,
  void_at      timestamptz,
  void_why     text check (void_why in ('changed', 'replaced')),
  check ((void_at is null) = (void_why is null)),
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts,
  constraint authorisations_follow_up foreign key (scheme_id, follow_up_id) references follow_ups
);
create unique index authorisations_in_force on authorisations (scheme_id, alert_id, follow_up_id) nulls not distinct
  where void_at is null;
create index authorisations_alert on authorisations (scheme_id, alert_id, recorded_at);
grant select, insert, update on authorisations to tocsin_app;

-- A step of an alert that its own columns do not record. Added to and never changed.
create table alert_events (
  scheme_id text not null references schemes,
  alert_id  uuid not null,
  seq       bigint generated always as identity,
  at        timestamptz not null,
  kind      text not null,
  -- The name of the person; null: nobody did it.
  by        text,
  reason    text,
  -- Names and figures for the text of the event.
  details   jsonb not null default '{}',
  primary key (scheme_id, alert_id, seq),
  foreign key (scheme_id, alert_id) references alerts
);
grant select, insert on alert_events to tocsin_app;

-- A State service that receives a copy of every message of an alert; it is no member.
create table observers (
  scheme_id text not null references schemes,
  id        uuid not null,
  agency_id uuid,
  name      text not null check (name <> ''),
  phone     text not null check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  primary key (scheme_id, id),
  unique (scheme_id, phone),
  foreign key (scheme_id, agency_id) references agencies
);
grant select, insert, update, delete on observers to tocsin_app;

-- When a number last received alerts, newest first: the last four in all, and by severity as many as a weekly limit may be.
-- Written from the ledger a moment after a broadcast, or by whoever reads first (see solicited_broadcasts), so that an order
-- does not pay for it.
create table solicitations (
  scheme_id text not null references schemes,
  phone     text not null,
  latest    timestamptz[] not null,
  alert     timestamptz[] not null,
  notice    timestamptz[] not null,
  primary key (scheme_id, phone)
);
-- Few numbers received two or more recently: they are found without reading the others.
create index solicitations_second on solicitations (scheme_id, (latest[2])) where latest[2] is not null;
create index solicitations_first on solicitations (scheme_id, (latest[1]));
grant select, insert, update, delete on solicitations to tocsin_app;

-- A broadcast whose recipients are counted in solicitations, each once.
create table solicited_broadcasts (
  scheme_id    text not null references schemes,
  broadcast_id uuid not null,
  ordered_at   timestamptz not null,
  primary key (scheme_id, broadcast_id)
);
grant select, insert, delete on solicited_broadcasts to tocsin_app;

-- A recipient that an alert skipped (quiet hours, weekly limit), notified in a digest at tell_at.
create table held_back (
  scheme_id    text not null,
  alert_id     uuid not null,
  phone        text not null,
  contact_id   uuid not null,
  member_id    uuid not null,
  commune_code text not null,
  trade        text not null,
  reason       text not null check (reason in ('quiet', 'fatigue')),
  held_at      timestamptz not null,
  tell_at      timestamptz not null,
  told_at      timestamptz,
  -- The digest; null with told_at: there was nothing left to notify.
  broadcast_id uuid,
  primary key (scheme_id, alert_id, phone),
  foreign key (scheme_id, alert_id) references alerts,
  check (told_at is not null or broadcast_id is null)
);
create index held_back_due on held_back (tell_at) where told_at is null;
create index held_back_member on held_back (scheme_id, member_id);
grant select, insert, update on held_back to tocsin_app;

-- The first instant after another at which clocks in mainland France show so many minutes after midnight.
create function next_local_time(after timestamptz, minutes integer) returns timestamptz language sql stable parallel safe
  return (
    select (case when wanted > here then wanted else wanted + interval '1 day' end) at time zone 'Europe/Paris'
    from (select after at time zone 'Europe/Paris' as here) clock,
      lateral (select date_trunc('day', here) + make_interval(mins => minutes) as wanted) moment);

-- Which of some members a message of an alert was for: a delivery is its own, or went to a number that it shared with another
-- member of the audience, when it was a member already; or the member was held back. Members merged into one of them count as
-- that one. Exercises count for nobody. It runs as the owner, since a contact may not see deliveries, in the scheme of the
-- transaction only. It reads the deliveries of the one message, whatever the planner knows: a plan made for any list of
-- members read those of every message of the installation, 7 s an alert beside 1,000,000 of them.
create function message_receivers(broadcast uuid, members uuid[]) returns setof uuid language sql stable security definer
  set search_path = public, pg_temp as $$
  with message as (
    select b.scheme_id, b.id, b.alert_id, b.ordered_at from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null and not a.exercise
    where b.scheme_id = current_scheme() and b.id = broadcast
  ), asked (id, as_id) as (
    select one, one from unnest(members) one
    union all
    select p.id, p.merged_into from members p where p.scheme_id = current_scheme() and p.merged_into = any (message_receivers.members)
  ), shared (member_id, mobile, since, holder) as (
    select o.member_id, o.mobile, owner.created_at, h.id from contacts o
    join members owner on owner.scheme_id = o.scheme_id and owner.id = o.member_id
    join contacts c on c.scheme_id = o.scheme_id and c.mobile = o.mobile
    cross join lateral (
      select c.member_id as id
      union all
      select p.id from members p where p.scheme_id = c.scheme_id and p.merged_into = c.member_id) h
    where o.scheme_id = current_scheme() and o.member_id = any (message_receivers.members) and o.shared and o.sms
  ), sent as materialized (
    -- The offset keeps the planner from joining members with all deliveries before those of the message are found.
    select m.ordered_at, d.member_id, d.phone from message m cross join lateral (
      select member_id, phone from deliveries
      where scheme_id = m.scheme_id and broadcast_id = m.id and state <> 'withdrawn'
        -- An "or" of two is looked up in hashes, and never a join, however many members are asked for (an array is read through).
        and (member_id in (select id from asked) or member_id in (select holder from shared)) offset 0) d
  )
  select a.as_id from asked a where exists (select from sent s where s.member_id = a.id)
  union
  select o.member_id from shared o
  where exists (select from sent s where s.member_id = o.holder and s.phone = o.mobile and o.since <= s.ordered_at)
  union
  select h.member_id from message m join held_back h on h.scheme_id = m.scheme_id and h.alert_id = m.alert_id
  where h.member_id = any (message_receivers.members)
$$;
revoke all on function message_receivers(uuid, uuid[]) from public;
grant execute on function message_receivers(uuid, uuid[]) to tocsin_app, tocsin_contact;

-- Whether an alert was for the member of the transaction. Its high cost makes the planner call it for the wanted rows only, in
-- place of computing all of them first: hundreds of members open one alert within seconds of its order.
create function alert_received(alert uuid) returns boolean language sql stable security definer cost 10000
  set search_path = public, pg_temp as $$
  select exists (
    select from broadcasts b cross join lateral message_receivers(b.id, array[current_member()]) r (id)
    where b.scheme_id = current_scheme() and b.alert_id = alert and b.kind = 'first')
$$;
revoke all on function alert_received(uuid) from public;
grant execute on function alert_received(uuid) to tocsin_contact;

-- A contact sees the messages that were for its member; of an alert, nothing that was written for the file.
create policy broadcasts_contact on broadcasts for select to tocsin_contact
  using (scheme_id = current_scheme() and alert_id is not null
    and kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks')
    and exists (select from message_receivers(id, array[current_member()])));
grant select (scheme_id, id, alert_id, kind, text, ordered_at) on broadcasts to tocsin_contact;
create policy alerts_contact on alerts for select to tocsin_contact using (scheme_id = current_scheme() and alert_received(id));
grant select (scheme_id, id, reference, category_code, severity, area_label, state, ordered_at, closed_at) on alerts to tocsin_contact;

-- "J'ai bien lu": the confirmation of a contact that it read an alert.
create table alert_reads (
  scheme_id  text not null references schemes,
  alert_id   uuid not null,
  contact_id uuid not null,
  member_id  uuid not null,
  read_at    timestamptz not null,
  primary key (scheme_id, alert_id, contact_id),
  foreign key (scheme_id, alert_id) references alerts
);
create index alert_reads_member on alert_reads (scheme_id, member_id);
grant select on alert_reads to tocsin_app;
-- A merge changes whose it is.
grant update (member_id) on alert_reads to tocsin_app;
create policy alert_reads_contact on alert_reads to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member())
  with check (scheme_id = current_scheme() and member_id = current_member()
    and exists (select from contacts c where c.scheme_id = alert_reads.scheme_id and c.id = contact_id)
    and exists (select from alerts a where a.scheme_id = alert_reads.scheme_id and a.id = alert_id));
grant select, insert on alert_reads to tocsin_contact;

-- ───────────── changes ─────────────

-- One action on many members; for a day it can be undone.
create table member_changes (
  scheme_id  text not null references schemes,
  id         uuid not null,
  kind       text not null check (kind in ('import', 'suspend', 'resume', 'leave', 'trade')),
  by         text not null,
  -- The name of that person on screens.
  by_name    text not null,
  at         timestamptz not null,
  -- The reason, the trade, the name of the file.
  note       text,
  created    integer not null,
  updated    integer not null,
  -- An import that is written in parts stays unfinished, and unseen, until the last; a start undoes what a stop interrupted.
  unfinished boolean not null default false,
  -- When the last part was undone, and who asked for it; null: it is not being undone. After a stop it is resumed.
  undoing_at timestamptz,
  undoing_by text,
  undone_at  timestamptz,
  undone_by  text,
  -- The members that the undoing restored, and those that it left because they were changed since.
  restored   integer,
  kept       integer,
  check ((undoing_at is null) = (undoing_by is null)),
  check (undoing_at is null or undone_at is null),
  primary key (scheme_id, id)
);
create index member_changes_at on member_changes (scheme_id, at);
-- One unfinished change of a scheme at a time, and one undoing.
create unique index member_changes_unfinished on member_changes (scheme_id) where unfinished;
create unique index member_changes_undoing on member_changes (scheme_id) where undoing_at is not null;
-- A change of which an undoing left nothing is deleted.
grant select, insert, update, delete on member_changes to tocsin_app;

-- A member that a change affected. No reference to members: one that the change created may be deleted again.
create table member_change_rows (
  scheme_id text not null,
  change_id uuid not null,
  member_id uuid not null,
  -- The change created the member; then there is nothing before.
  created   boolean not null,
  -- The member and its contacts as they were, and MD5 of what they were right after the change: both kept for a day.
  before    jsonb,
  print     text,
  -- What the undoing did, and why it left the member as it was; null: not undone.
  undoing   text check (undoing in ('restored', 'kept')),
  kept_why  text check (kept_why in ('changed', 'history', 'gone')),
  primary key (scheme_id, change_id, member_id),
  foreign key (scheme_id, change_id) references member_changes
);
create index member_change_rows_member on member_change_rows (scheme_id, member_id);
create index member_change_rows_kept on member_change_rows (scheme_id, change_id)
  where before is not null or print is not null;
grant select, insert, update, delete on member_change_rows to tocsin_app;

-- A merge of two members that were one business; the chamber can undo it for a day.
create table member_merges (
  scheme_id text not null references schemes,
  id        uuid not null,
  kept_member_id   uuid not null,
  merged_member_id uuid not null,
  merged_at timestamptz not null,
  merged_by text not null,
  undone_at timestamptz,
  -- What undoing needs (src/changes/merge/store.ts). It holds numbers: null once the day is over.
  undo      jsonb,
  primary key (scheme_id, id),
  foreign key (scheme_id, kept_member_id) references members on delete cascade,
  foreign key (scheme_id, merged_member_id) references members on delete cascade
);
create unique index member_merges_merged on member_merges (scheme_id, merged_member_id) where undone_at is null;
create index member_merges_kept on member_merges (scheme_id, kept_member_id);
create index member_merges_undo on member_merges (merged_at) where undo is not null;
grant select, insert, update on member_merges to tocsin_app;

alter table member_aliases add foreign key (scheme_id, merge_id) references member_merges on delete cascade;

-- ───────────── imports ─────────────

-- A file of members that somebody is importing: corrected in place before it is applied. Deleted a day after its last use; its
-- rows once it is applied.
create table member_imports (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- Nobody else sees it.
  owner      text not null,
  file_name  text not null,
  format     text not null check (format in ('csv', 'xlsx')),
  sha256     text not null,
  headers    text[] not null,
  -- The line of the file that holds the headers.
  header_line integer not null,
  -- The field that each column fills (src/imports/columns.ts); null: none.
  fields     text[] not null,
  rows       integer not null,
  -- The rows removed since because they were about a member that was erased.
  erased     integer not null default 0,
  created_at timestamptz not null,
  touched_at timestamptz not null,
  -- Counts every correction, every check that begins and the import itself, so that a late check does not overwrite a newer one.
  state_no   integer not null default 0,
  -- The counts of the last check; null: not checked as it stands.
  report     jsonb,
  applied_at timestamptz,
  change_id  uuid,
  primary key (scheme_id, id),
  check (applied_at is not null or change_id is null)
);
create index member_imports_touched on member_imports (touched_at);
grant select, insert, update, delete on member_imports to tocsin_app;

-- A row of the file.
create table member_import_rows (
  scheme_id text not null,
  import_id uuid not null,
  line      integer not null,
  -- The cells as text, in the order of the headers.
  cells     jsonb not null,
  -- Left out by the person who imports.
  dropped   boolean not null default false,
  edited    boolean not null default false,
  -- What the last check found wrong; null: nothing.
  problems  jsonb,
  -- Whether the row is the member that it shares a number with, and the question that was answered:
  -- {"is": "same" | "other", "remark": …}; null: not answered.
  decision  jsonb,
  primary key (scheme_id, import_id, line),
  foreign key (scheme_id, import_id) references member_imports on delete cascade
);
create index member_import_rows_bad on member_import_rows (scheme_id, import_id, line) where problems is not null or dropped;
create index member_import_rows_decided on member_import_rows (scheme_id, import_id, line) where decision is not null;
grant select, insert, update, delete on member_import_rows to tocsin_app;

-- ───────────── relays ─────────────

-- An alert proposed to another scheme, with a copy of all that the other scheme learns of it: the only row that two schemes
-- see.
create table relays (
  id             uuid primary key,
  from_scheme_id text not null references schemes,
  from_alert_id  uuid not null,
  -- The name of that scheme, whose own row the other cannot read.
  from_name      text not null,
  to_scheme_id   text not null references schemes,
  state          text not null check (state in ('proposed', 'accepted', 'declined', 'withdrawn')),
  note           text,
  reference      text not null,
  text           text not null,
  category_code  text not null,
  label_fr       text not null,
  label_en       text not null,
  severity       text not null check (severity in ('vital', 'alert', 'notice')),
  level          text not null check (level in ('prevention', 'established', 'precise')),
  commune_code   text not null references communes,
  called_at      timestamptz not null,
  occurred_at    timestamptz not null,
  exercise       boolean not null,
  proposed_at    timestamptz not null,
  proposed_by    text not null,
  decided_at     timestamptz,
  decided_by     text,
  decline_reason text,
  -- The report that it became there.
  to_report_id   uuid,
  constraint relays_check check (to_scheme_id <> from_scheme_id),
  constraint relays_check1 check ((state = 'proposed') = (decided_at is null)),
  constraint relays_check2 check ((state = 'accepted') = (to_report_id is not null)),
  foreign key (from_scheme_id, from_alert_id) references alerts (scheme_id, id),
  foreign key (to_scheme_id, to_report_id) references reports (scheme_id, id)
);
create unique index relays_once on relays (from_scheme_id, from_alert_id, to_scheme_id)
  where state in ('proposed', 'accepted');
create index relays_in on relays (to_scheme_id, proposed_at desc);
create unique index relays_report on relays (to_scheme_id, to_report_id);
create policy relays_of_two on relays to tocsin_app
  using (from_scheme_id = current_scheme() or to_scheme_id = current_scheme());
grant select, insert, update on relays to tocsin_app;

-- ───────────── portal ─────────────
-- Contacts sign in over all schemes, so the owner alone sees these tables: which members a number or an address is a contact
-- of is read anew each time.

-- A signed-in browser of the person who holds a phone, or who reads a mailbox; never both.
create table contact_sessions (
  id         uuid primary key,
  -- SHA-256 of the token of the browser.
  token_hash text not null unique,
  phone      text,
  -- In lower case.
  mail       text,
  created_at timestamptz not null,
  used_at    timestamptz not null,
  expires_at timestamptz not null,
  constraint contact_sessions_holder check ((phone is null) <> (mail is null))
);
create index contact_sessions_phone on contact_sessions (phone);
create index contact_sessions_mail on contact_sessions (mail) where mail is not null;
create index contact_sessions_expires on contact_sessions (expires_at);

-- A passkey of a contact.
create table contact_passkeys (
  -- The id of the credential, base64url.
  id           text primary key,
  -- The phone or mailbox that its owner held when it was added.
  phone        text,
  mail         text,
  -- The contacts that this was then: when none of them holds it any more, another person does.
  contact_ids  uuid[] not null check (cardinality(contact_ids) > 0),
  -- COSE
  public_key   bytea not null,
  sign_count   bigint not null,
  transports   text[] not null,
  name         text not null check (name <> ''),
  created_at   timestamptz not null,
  used_at      timestamptz,
  check ((phone is null) <> (mail is null))
);
create index contact_passkeys_phone on contact_passkeys (phone) where phone is not null;
create index contact_passkeys_mail on contact_passkeys (mail) where mail is not null;

-- A challenge for an authenticator to sign, once and within minutes.
create table passkey_challenges (
  challenge  text primary key,
  -- The session that adds a passkey; null: it is for signing in.
  session_id uuid,
  expires_at timestamptz not null
);
create index passkey_challenges_expires on passkey_challenges (expires_at);

-- ───────────── privacy ─────────────

-- A request of a person about their data (GDPR articles 15 to 21).
create table data_requests (
  scheme_id   text not null references schemes,
  id          uuid not null,
  kind        text not null check (kind in ('access', 'rectification', 'erasure', 'objection')),
  -- Null: the person is no member.
  member_id   uuid,
  -- The requester as entered; empty once erased.
  person      text not null,
  via         text not null check (via in ('letter', 'mail', 'phone', 'desk')),
  received_on date not null,
  -- A month later (article 12.3).
  due_on      date not null,
  state       text not null default 'open' check (state in ('open', 'done', 'refused')),
  -- The answer, or the reason of the refusal.
  answer      text not null default '',
  -- The members that a fulfilled erasure emptied; 0: nothing about the requester was stored. Null for other requests.
  erased      smallint,
  created_at  timestamptz not null,
  created_by  text not null,
  decided_at  timestamptz,
  decided_by  text,
  primary key (scheme_id, id),
  foreign key (scheme_id, member_id) references members,
  check ((state = 'open') = (decided_at is null)),
  check (state <> 'refused' or answer <> '')
);
create index data_requests_open on data_requests (scheme_id, due_on) where state = 'open';
grant select, insert, update on data_requests to tocsin_app;
create policy data_requests_contact on data_requests for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, kind, member_id, person, via, received_on, due_on, state, answer, decided_at)
  on data_requests to tocsin_contact;

-- ───────────── Row-level security ─────────────

-- Every table of a scheme shows a transaction the rows of its scheme only, whatever the statement asks; grants, which is
-- read before a scheme is known, is closed to the restricted roles. A table with a policy of its own keeps it.
do $$
declare
  tenant text;
begin
  for tenant in
    select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'grants'
      and exists (select from pg_attribute where attrelid = c.oid and attname = 'scheme_id' and not attisdropped)
  loop
    execute format('alter table %I enable row level security', tenant);
    if not exists (select from pg_policy where polrelid = tenant::regclass and polroles = array['tocsin_app'::regrole::oid]) then
      execute format('create policy %I on %I to tocsin_app using (scheme_id = current_scheme())', tenant || '_own', tenant);
    end if;
  end loop;
end $$;
alter table schemes enable row level security;
alter table relays enable row level security;
