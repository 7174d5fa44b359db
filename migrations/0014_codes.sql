-- Why: messages of service to one person that belong to no alert, and the one-time codes that some of them carry.
-- Locks: broadcasts shortly.
-- Previous release: goes on running; it leaves what is in the lane of codes to this one.

-- A code of six digits is derived from this id and the secret of the installation: it stands nowhere.
create table one_time_codes (
  scheme_id    text not null references schemes,
  id           uuid not null,
  purpose      text not null check (purpose in ('enrolment', 'sign_in', 'phone_change')),
  -- What is confirmed by it: the enrolment, the attempt to sign in. Known to whoever asked for the code alone.
  subject      uuid not null,
  -- HMAC of the number, and of the address that asked: to count them, not to know them.
  phone_hash   text not null,
  address_hash text not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  -- Null: not sent, or not yet. It opens nothing then.
  sent_at      timestamptz,
  used_at      timestamptz,
  tries        smallint not null default 0 check (tries between 0 and 5),
  primary key (scheme_id, id)
);
create index one_time_codes_subject on one_time_codes (scheme_id, subject);
create index one_time_codes_phone on one_time_codes (scheme_id, phone_hash, sent_at);
create index one_time_codes_address on one_time_codes (scheme_id, address_hash, created_at);
create index one_time_codes_created on one_time_codes (created_at);
create index one_time_codes_sent on one_time_codes (scheme_id, sent_at) where sent_at is not null;
alter table one_time_codes enable row level security;
create policy one_time_codes_own on one_time_codes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on one_time_codes to tocsin_app;

-- Written by a domain in the transaction of what it tells, taken up by the engine: then it is a broadcast, and the row
-- is gone.
create table direct_messages (
  scheme_id   text not null references schemes,
  id          uuid not null,
  -- E.164 with the plus sign.
  phone       text not null check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  -- With the place of the code where there is one.
  text        text not null,
  code_id     uuid,
  -- Whose it is; null: nobody's member.
  member_id   uuid,
  valid_until timestamptz not null,
  created_at  timestamptz not null,
  created_by  text not null,
  primary key (scheme_id, id),
  foreign key (scheme_id, code_id) references one_time_codes on delete cascade
);
create index direct_messages_valid on direct_messages (valid_until);
create index direct_messages_code on direct_messages (scheme_id, code_id) where code_id is not null;
alter table direct_messages enable row level security;
create policy direct_messages_own on direct_messages to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on direct_messages to tocsin_app;

alter table broadcasts
  -- The code whose digits are put in its place when the message leaves, and a mark of the secret that they come from.
  add column code_id uuid,
  add column code_key text,
  add constraint broadcasts_code check ((code_id is null) = (code_key is null)),
  drop constraint broadcasts_kind_check,
  add constraint broadcasts_kind_check check (kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks',
    'copy', 'answer', 'digest', 'code', 'service')),
  drop constraint broadcasts_lane_check,
  add constraint broadcasts_lane_check check (lane in ('reminder', 'service', 'follow_up', 'alert', 'code', 'vital'));
