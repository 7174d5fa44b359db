-- Why: the rule suspends nobody whom its warning did not reach: a mail that the server took, or an SMS that was delivered. And
-- what changes undid is found without reading all of it.
-- Locks: mails and dues_notices, for an instant; writes of member_change_rows, while its index is made.
-- Previous release: goes on running; what it warns of counts as not having reached anybody, until somebody is told in person.

-- Whoever wrote a mail wants to know that it was handed over.
alter table mails add column noted boolean not null default false;

-- Mails that the mail server took, of those that were to be noted. Their addresses are gone with them.
create table handed_mails (
  scheme_id text not null references schemes,
  id        uuid not null,
  at        timestamptz not null,
  primary key (scheme_id, id)
);
create index handed_mails_at on handed_mails (at);
alter table handed_mails enable row level security;
create policy handed_mails_own on handed_mails to tocsin_app using (scheme_id = current_scheme());
grant select, insert on handed_mails to tocsin_app;

alter table dues_notices
  -- The mails and direct messages that it went out as.
  add column mail_ids    uuid[] not null default '{}',
  add column message_ids uuid[] not null default '{}',
  -- Of a warning: when it first reached somebody. Nobody knows of those before: they count for none.
  add column reached_at  timestamptz;
create index dues_notices_unsettled on dues_notices (scheme_id, at)
  where kind = 'warning' and told is null and reached_at is null;
grant update (reached_at) on dues_notices to tocsin_app;

create index member_change_rows_kept on member_change_rows (scheme_id, change_id)
  where before is not null or print is not null;
