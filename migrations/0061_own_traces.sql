-- Why: what people take away of their shop says who looked at it, what it was told of its dues and what was asked of its data.
-- Locks: nothing.
-- Previous release: goes on running.

-- By role: whoever looked is named to the chamber alone.
create policy member_looks_contact on member_looks for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, member_id, role, what, at) on member_looks to tocsin_contact;
create policy dues_notices_contact on dues_notices for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, member_id, kind, at, told) on dues_notices to tocsin_contact;
create policy data_requests_contact on data_requests for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, kind, member_id, person, via, received_on, due_on, state, answer, decided_at)
  on data_requests to tocsin_contact;
