-- Why: mails to merchants, written in the transaction of what they tell.
-- Locks: none on what is there.
-- Previous release: goes on running; it writes no mail.

-- Taken away once the mail server has it: what it said is kept nowhere.
create table mails (
  scheme_id   text not null references schemes,
  id          uuid not null,
  address     text not null,
  subject     text not null,
  body_text   text not null,
  body_html   text not null,
  -- [{"name": "attestation.pdf", "type": "application/pdf", "base64": "…"}]
  attachments jsonb not null,
  created_at  timestamptz not null,
  -- Not sent after it.
  valid_until timestamptz not null,
  primary key (scheme_id, id)
);
create index mails_valid on mails (valid_until);
alter table mails enable row level security;
create policy mails_own on mails to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on mails to tocsin_app;
