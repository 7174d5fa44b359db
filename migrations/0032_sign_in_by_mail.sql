-- Why: merchants sign in by a code by mail as well.
-- Locks: contact_sessions, mails and contacts for an instant.
-- Previous release: goes on running; to it, whoever signed in by mail is nobody. It sends mails with a code as they stand,
-- with stars in its place.

-- A session is of whoever holds a phone, or of whoever reads a mailbox; never of both.
alter table contact_sessions alter column phone drop not null,
  -- In small letters.
  add column mail text,
  add constraint contact_sessions_holder check ((phone is null) <> (mail is null));
create index contact_sessions_mail on contact_sessions (mail) where mail is not null;
create index contacts_mail on contacts (scheme_id, mail) where mail is not null;

-- The code whose digits are put in its place when the mail leaves.
alter table mails add column code_id uuid,
  add constraint mails_code foreign key (scheme_id, code_id) references one_time_codes on delete cascade;
create index mails_code_id on mails (scheme_id, code_id) where code_id is not null;
