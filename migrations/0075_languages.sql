-- Why: mails and SMS of service to one person are in the language that this person chose or used, not in French alone.
-- Locks: contacts, enrolments, "user" and outbox, for an instant.
-- Previous release: still runs; it writes in French.

-- Null: French.
alter table contacts add column lang text check (lang in ('fr', 'en'));
alter table enrolments add column lang text check (lang in ('fr', 'en'));
alter table "user" add column lang text check (lang in ('fr', 'en'));
alter table outbox add column lang text check (lang in ('fr', 'en'));

-- A transaction of one scheme does not read accounts: it learns the language of the one with an address, and nothing else.
create function account_lang(address text) returns text language sql stable security definer
  set search_path = public, pg_temp
as $$ select lang from "user" where email = address $$;
revoke execute on function account_lang from public;
grant execute on function account_lang to tocsin_app, tocsin_service;
