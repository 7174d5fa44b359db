-- Why: members are told what they owe, reminded, and warned before the scheme's rule suspends them: nobody stops getting
-- vital alerts without having been told.
-- Locks: nothing; all tables are new.
-- Previous release: goes on running; it reminds nobody.

-- What a member was told of its dues, and by which ways.
create table dues_notices (
  scheme_id text not null,
  id        uuid not null,
  year      smallint not null,
  member_id uuid not null,
  kind      text not null check (kind in ('call', 'reminder', 'warning', 'suspended', 'restored')),
  -- Of a reminder: so many days after the due date.
  step      smallint not null default 0,
  at        timestamptz not null,
  by        text not null,
  -- Contacts that an SMS went to, and how many mails went out.
  contacts  uuid[] not null default '{}',
  mails     smallint not null default 0,
  -- By the chamber in person, and how; null: by the program.
  told      text check (told in ('phone', 'letter', 'visit')),
  note      text not null default '',
  primary key (scheme_id, id),
  foreign key (scheme_id, year, member_id) references dues
);
create index dues_notices_member on dues_notices (scheme_id, member_id, at);
alter table dues_notices enable row level security;
create policy dues_notices_own on dues_notices to tocsin_app using (scheme_id = current_scheme());
grant select, insert on dues_notices to tocsin_app;

-- Members that the rule suspended, and when they were let in again. At most one of a member is open.
create table dues_suspensions (
  scheme_id    text not null,
  member_id    uuid not null,
  suspended_at timestamptz not null,
  restored_at  timestamptz,
  primary key (scheme_id, member_id, suspended_at),
  foreign key (scheme_id, member_id) references members
);
create unique index dues_suspensions_open on dues_suspensions (scheme_id, member_id) where restored_at is null;
alter table dues_suspensions enable row level security;
create policy dues_suspensions_own on dues_suspensions to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_suspensions to tocsin_app;
