-- Why: once a year a number is asked whether it is still the one of its business; lapsed numbers are found before an alert
-- needs them.
-- Locks: contacts, while it is written anew; schemes, direct_messages and opt_outs, for an instant.
-- Previous release: goes on running.

-- When the number was entered, or last said to be right.
alter table contacts add column mobile_at timestamptz not null default now();
alter table contacts disable trigger user;
update contacts c set mobile_at = m.created_at from members m where m.scheme_id = c.scheme_id and m.id = c.member_id;
alter table contacts enable trigger user;

-- Whoever changes a number, and however: it is new from then on.
create function contacts_mobile_dated() returns trigger language plpgsql as $$
begin
  new.mobile_at := statement_timestamp();
  return new;
end $$;
create trigger contacts_mobile_dated before update of mobile on contacts for each row
  when (new.mobile is distinct from old.mobile and new.mobile_at = old.mobile_at)
  execute function contacts_mobile_dated();

-- What a scheme sets of its numbers (src/schemes/contract.ts).
alter table schemes add column numbers jsonb not null default '{}';

-- The last time that a contact was asked, and what it said. One row a contact: a year after the last message, it begins again.
create table reconfirmations (
  scheme_id   text not null,
  contact_id  uuid not null,
  -- The number that was asked; nothing counts once the contact has another.
  phone       text not null,
  began_at    timestamptz not null,
  -- Messages of this year, and the last of them.
  asks        smallint not null check (asks between 1 and 3),
  asked_at    timestamptz not null,
  -- silent: asked three times, and no answer came.
  state       text not null check (state in ('open', 'mine', 'gone', 'silent')),
  answered_at timestamptz,
  -- SHA-256 of what the link holds.
  token_hash  text not null unique,
  check ((state in ('mine', 'gone')) = (answered_at is not null)),
  primary key (scheme_id, contact_id),
  foreign key (scheme_id, contact_id) references contacts on delete cascade
);
-- Whom not to ask again yet, and how many were asked today.
create index reconfirmations_phone on reconfirmations (scheme_id, phone);
create index reconfirmations_asked on reconfirmations (scheme_id, asked_at);
alter table reconfirmations enable row level security;
create policy reconfirmations_own on reconfirmations to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on reconfirmations to tocsin_app;

alter table direct_messages add column lane text not null default 'service' check (lane in ('service', 'reminder'));

-- By the link of such a message.
alter table opt_outs drop constraint opt_outs_how_check;
alter table opt_outs add constraint opt_outs_how_check check (how in ('inbound', 'portal', 'chamber', 'link'));
