-- Why: mails and SMS to one person wait in one table, with one withdrawal, one record of what reached its recipient, one
-- retention and one erasure. Texts are no longer stored: the template and its values are, until the message is sent.
-- Locks: mails, handed_mails and direct_messages, while their rows are copied; dues_notices and member_notices, for an instant.
-- Previous release: end it first; it looks for messages in the tables that are removed.

create table outbox (
  scheme_id    text not null references schemes,
  id           uuid not null,
  channel      text not null check (channel in ('sms', 'mail')),
  -- A number in E.164 or a mail address. Emptied when the message is sent.
  address      text not null,
  member_id    uuid,
  -- Key in the message files. Empty: the values hold the text itself, as written before this table existed.
  template     text not null,
  "values"     jsonb not null,
  -- Mails only: the link of the action, and the text in small print.
  link         text,
  annex        text,
  attachments  jsonb not null default '[]',
  -- The code whose digits are inserted when the message is sent.
  code_id      uuid,
  -- SMS only.
  lane         text not null default 'service' check (lane in ('service', 'reminder')),
  -- The record that the message belongs to, as its room names it: the room withdraws it by this and reads what it reached.
  cause        text,
  -- Whether the row stays after it was sent, so that it can be known what it reached.
  kept         boolean not null default false,
  created_at   timestamptz not null,
  created_by   text not null,
  -- Not sent after it.
  valid_until  timestamptz not null,
  -- Since when a process hands it to the mail server: it can no longer be withdrawn then.
  handing_at   timestamptz,
  -- Given to the mail server or planned by the engine, or dropped because neither may have it.
  sent_at      timestamptz,
  withdrawn_at timestamptz,
  -- Taken by the mail server, or reported as delivered to the phone.
  reached_at   timestamptz,
  primary key (scheme_id, id),
  foreign key (scheme_id, code_id) references one_time_codes on delete cascade,
  check (channel <> 'sms' or address = '' or address ~ '^\+[1-9][0-9]{6,14}$')
);
create index outbox_created on outbox (created_at);
create index outbox_waiting on outbox (created_at) where sent_at is null and withdrawn_at is null;
create index outbox_cause on outbox (scheme_id, cause) where cause is not null;
create index outbox_code on outbox (scheme_id, code_id) where code_id is not null;
create index outbox_unreached on outbox (sent_at) where kept and channel = 'sms' and reached_at is null;
alter table outbox enable row level security;
create policy outbox_own on outbox to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on outbox to tocsin_app;

create temporary table causes on commit drop as
  select scheme_id, unnest(mail_ids || message_ids) as id, 'dues:' || id as cause, member_id, at as sent_at
  from dues_notices where at > now() - interval '30 days'
  union all
  select scheme_id, unnest(sent), kind || ':' || change_id || ':' || member_id || ':' || channel, member_id, sent_at
  from member_notices where sent_at > now() - interval '30 days';
create index on causes (scheme_id, id);

insert into outbox (scheme_id, id, channel, address, member_id, template, "values", attachments, code_id, cause, kept, created_at,
  created_by, valid_until, handing_at)
select m.scheme_id, m.id, 'mail', m.address, c.member_id, '',
  jsonb_build_object('subject', m.subject, 'text', m.body_text, 'html', m.body_html), m.attachments, m.code_id,
  coalesce('group:' || m.message_id, c.cause), m.noted, m.created_at, 'system:outbox', m.valid_until, m.handing_at
from mails m left join causes c on c.scheme_id = m.scheme_id and c.id = m.id;

insert into outbox (scheme_id, id, channel, address, member_id, template, "values", code_id, lane, cause, kept, created_at,
  created_by, valid_until)
select m.scheme_id, m.id, 'sms', m.phone, m.member_id, '', jsonb_build_object('text', m.text), m.code_id, m.lane, c.cause,
  c.cause is not null, m.created_at, m.created_by, m.valid_until
from direct_messages m left join causes c on c.scheme_id = m.scheme_id and c.id = m.id;

-- Sent ones: the mail server took those that were noted; what the engine has is found by their ids.
insert into outbox (scheme_id, id, channel, address, member_id, template, "values", cause, kept, created_at, created_by,
  valid_until, sent_at, reached_at)
select c.scheme_id, c.id, case when h.id is null then 'sms' else 'mail' end, '', c.member_id, '', '{}', c.cause, true, c.sent_at,
  'system:outbox', c.sent_at, c.sent_at, h.at
from causes c left join handed_mails h on h.scheme_id = c.scheme_id and h.id = c.id
on conflict do nothing;

drop table mails, handed_mails, direct_messages;

-- How many messages a notice went out as; which these are, the outbox knows.
alter table dues_notices add column messages smallint not null default 0;
update dues_notices set messages = cardinality(mail_ids) + cardinality(message_ids) where mail_ids <> '{}' or message_ids <> '{}';
alter table dues_notices drop column mail_ids, drop column message_ids;
alter table member_notices add column messages smallint not null default 0;
update member_notices set messages = cardinality(sent) where sent <> '{}';
drop index member_notices_open;
alter table member_notices drop column sent;
create index member_notices_open on member_notices (sent_at) where reached_at is null and messages > 0;
