-- Why: merchants ask to join by themselves, sign the charter, and are approved by the chamber, or by that of their trade.
-- Locks: schemes and grants shortly; the rest is new.
-- Previous release: goes on running; it refuses whoever is of a trade chamber.

-- What this scheme sets of how one joins; {}: nothing.
alter table schemes add column enrolment jsonb not null default '{}';

-- A trade chamber sees and approves the members of these trades only.
alter table grants
  add column trades text[],
  drop constraint grants_role_check,
  add constraint grants_role_check
    check (role in ('operator', 'chief', 'magistrate', 'chamber', 'trade_chamber', 'member')),
  add constraint grants_trades check ((role = 'trade_chamber') = (trades is not null and cardinality(trades) > 0));

-- The charter as it was put before merchants. Added to, never changed: signatures name a version.
create table charters (
  scheme_id    text not null references schemes,
  version      integer not null check (version > 0),
  text         text not null,
  sha256       text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  published_at timestamptz not null,
  primary key (scheme_id, version)
);
alter table charters enable row level security;
create policy charters_own on charters to tocsin_app using (scheme_id = current_scheme());
grant select, insert on charters to tocsin_app;

create table enrolments (
  scheme_id    text not null references schemes,
  id           uuid not null,
  state        text not null check (state in ('draft', 'submitted', 'approved', 'refused')),
  -- SHA-256 of what the browser that began it holds: nobody else goes on with it.
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
  -- Whether the State's register says the same: open, and in this commune.
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
alter table enrolments enable row level security;
create policy enrolments_own on enrolments to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on enrolments to tocsin_app;

-- The proof that a charter was read and signed.
create table charter_signatures (
  scheme_id     text not null references schemes,
  enrolment_id  uuid not null,
  version       integer not null,
  sha256        text not null,
  -- As typed.
  signed_name   text not null,
  -- The number that was confirmed by a code just before.
  mobile        text not null,
  signed_at     timestamptz not null,
  member_id     uuid,
  primary key (scheme_id, enrolment_id),
  foreign key (scheme_id, enrolment_id) references enrolments on delete cascade,
  foreign key (scheme_id, version) references charters
);
create index charter_signatures_member on charter_signatures (scheme_id, member_id) where member_id is not null;
alter table charter_signatures enable row level security;
create policy charter_signatures_own on charter_signatures to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on charter_signatures to tocsin_app;
