-- Why: a contact takes a copy of what is kept of its shop.
-- Locks: nothing.
-- Previous release: goes on running.

create policy opt_outs_contact on opt_outs for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, contact_id, phone, takes, how, reason, at) on opt_outs to tocsin_contact;
create policy charter_signatures_contact on charter_signatures for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, version, sha256, signed_name, mobile, signed_at, member_id) on charter_signatures to tocsin_contact;
