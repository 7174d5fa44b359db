-- Why: a new version of the charter is read and signed on the portal by those who signed an older one.
-- Locks: charter_signatures while its key is built anew; charters for an instant.
-- Previous release: goes on running; signatures of the portal count in its figures like those of an enrolment.

alter table charter_signatures
  drop constraint charter_signatures_pkey,
  -- Of an enrolment: its own.
  add column id uuid not null default gen_random_uuid(),
  -- Of a signature on the portal: whose it is, and in which session.
  add column contact_id uuid,
  add column session_id uuid,
  -- The address that the session stood on, where it was no number.
  add column mail text,
  alter column enrolment_id drop not null,
  alter column mobile drop not null;
update charter_signatures set id = enrolment_id;
alter table charter_signatures
  add primary key (scheme_id, id),
  add constraint charter_signatures_enrolment unique (scheme_id, enrolment_id),
  add constraint charter_signatures_way check ((enrolment_id is null) = (contact_id is not null and session_id is not null and member_id is not null)),
  -- By what it is proved: a number or an address that a code had confirmed.
  add constraint charter_signatures_proof check (mobile is not null or mail is not null);

-- What a member is asked to sign, and what it signed.
create policy charters_contact on charters for select to tocsin_contact using (scheme_id = current_scheme());
grant select (scheme_id, version, text, sha256, published_at) on charters to tocsin_contact;
grant select (mail) on charter_signatures to tocsin_contact;
