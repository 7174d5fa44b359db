-- Why: a STOP counts for its number also while no contact of the scheme has it, so that it still counts once a member has it
-- again.
-- Locks: opt_outs, for the time of a check of its rows and of one index.
-- Previous release: still runs; it does not show an opt-out without a contact as the reason why a contact receives no SMS.

-- Both null: no contact had the number.
alter table opt_outs alter column member_id drop not null, alter column contact_id drop not null;
alter table opt_outs add constraint opt_outs_of_contact
  check ((member_id is null) = (contact_id is null) and (member_id is not null or how = 'inbound'));
-- The last choice of a number.
create index opt_outs_phone on opt_outs (scheme_id, phone, at);

-- A shop sees the STOP of a number of its contacts, too.
drop policy opt_outs_contact on opt_outs;
create policy opt_outs_contact on opt_outs for select to tocsin_contact
  using (scheme_id = current_scheme() and (member_id = current_member() or member_id is null and exists (
    select from contacts c
    where c.scheme_id = opt_outs.scheme_id and c.member_id = current_member() and c.mobile = opt_outs.phone)));
