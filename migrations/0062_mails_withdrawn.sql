-- Why: a mail to a group is stopped also where its mails are written and wait for the mail server.
-- Locks: mails and service_message_mails for an instant: columns without a default to write.
-- Previous release: end its workers first: they send mails that were withdrawn, and write such as are not called back.

-- handing_at: since when a process hands it to the mail server, or tries to: then it is not called back.
-- message_id: the message to a group that it is of.
alter table mails add column handing_at timestamptz, add column message_id uuid;
create index mails_of_message on mails (scheme_id, message_id) where message_id is not null;

-- Addresses of a mail that was ordered, until each has its mail; and those whose mail was withdrawn before it left.
alter table service_message_mails add column withdrawn_at timestamptz;
grant update (withdrawn_at) on service_message_mails to tocsin_app;
