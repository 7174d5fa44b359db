-- Why: a message from a phone that a provider sends again, or that somebody captured and sends again, is handled once.
-- Locks: none; a new table.
-- Previous release: still runs; it handles such a message again.

-- Digests of messages that HTTP providers passed on: of the provider's id, else of the content under the secret. They belong to no
-- scheme, since a message names none. Null: remembered for good.
create table provider_messages (
  digest text primary key,
  until  timestamptz
);
create index provider_messages_until on provider_messages (until) where until is not null;
grant select, insert, update, delete, maintain on provider_messages to tocsin_service;
