-- Why: the chamber writes to a group of members, by SMS or mail, after everything that is urgent.
-- Locks: broadcasts, for as long as its rows are read once: a wider check.
-- Previous release: goes on running.

alter table broadcasts
  drop constraint broadcasts_kind_check,
  add constraint broadcasts_kind_check check (kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks',
    'copy', 'answer', 'digest', 'code', 'service', 'group'));

create table service_messages (
  scheme_id    text not null references schemes,
  id           uuid not null,
  channel      text not null check (channel in ('sms', 'mail')),
  -- Of a mail; empty for an SMS.
  subject      text not null,
  text         text not null check (text <> ''),
  -- Which members (src/deliveries/messages/contract.ts).
  filter       jsonb not null,
  -- Trades of the trade chamber that wrote it; null: of all.
  trades       text[],
  -- waiting: for a second person · sent: ordered · refused.
  state        text not null check (state in ('waiting', 'sent', 'refused')),
  -- When it was written; then when it was ordered.
  recipients   integer not null check (recipients > 0),
  written_at   timestamptz not null,
  written_by   text not null,
  writer       text not null,
  decided_at   timestamptz,
  decided_by   text,
  decider      text,
  reason       text,
  -- Of an SMS that was ordered.
  broadcast_id uuid,
  primary key (scheme_id, id),
  check ((state = 'refused') = (reason is not null)),
  check (state = 'waiting' or decided_at is not null)
);
create index service_messages_latest on service_messages (scheme_id, written_at desc);
alter table service_messages enable row level security;
create policy service_messages_own on service_messages to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on service_messages to tocsin_app;

-- Addresses of a mail that was ordered, until each has its mail.
create table service_message_mails (
  scheme_id  text not null,
  message_id uuid not null,
  address    text not null,
  primary key (scheme_id, message_id, address),
  foreign key (scheme_id, message_id) references service_messages on delete cascade
);
alter table service_message_mails enable row level security;
create policy service_message_mails_own on service_message_mails to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on service_message_mails to tocsin_app;
