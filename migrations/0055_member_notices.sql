-- Why: nobody stops getting vital alerts without being told: whoever is suspended, taken off or let in again by the chamber is
-- told by SMS and by mail, and the chamber sees who could not be.
-- Locks: nothing; the table is new.
-- Previous release: goes on running; it tells nobody.

-- What members are told of a change of theirs, one row a way. What undoes it is told under the same change.
create table member_notices (
  scheme_id    text not null,
  change_id    uuid not null,
  member_id    uuid not null,
  kind         text not null check (kind in ('suspend', 'resume', 'leave')),
  channel      text not null check (channel in ('sms', 'mail')),
  due_at       timestamptz not null,
  -- Null: it waits. Then the direct messages or mails that it went out as; none: there was no number, or no address.
  sent_at      timestamptz,
  sent         uuid[] not null default '{}',
  -- When it first reached somebody.
  reached_at   timestamptz,
  -- Taken back before anything of it left.
  withdrawn_at timestamptz,
  primary key (scheme_id, change_id, member_id, kind, channel),
  foreign key (scheme_id, change_id) references member_changes on delete cascade
);
create index member_notices_due on member_notices (due_at) where sent_at is null and withdrawn_at is null;
create index member_notices_open on member_notices (sent_at) where reached_at is null and sent <> '{}';
create index member_notices_member on member_notices (scheme_id, member_id, due_at);
alter table member_notices enable row level security;
create policy member_notices_own on member_notices to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on member_notices to tocsin_app;
