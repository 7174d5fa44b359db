-- Why: a contact reports from the portal what the operators then find in their queue, and follows what becomes of it.
-- Locks: reports for an instant.
-- Previous release: goes on running; it shows such a report as a call.

-- The contact who reported it on the portal; null: it came by a call.
alter table reports add column caller_contact_id uuid;
alter table reports add constraint reports_portal check (caller_contact_id is null or caller_member_id is not null);
create index reports_portal on reports (scheme_id, caller_member_id, created_at desc) where caller_contact_id is not null;

-- Its own, of its member; of calls to 17, and of what operators wrote, nothing.
create policy reports_contact on reports for select to tocsin_contact
  using (scheme_id = current_scheme() and caller_member_id = current_member() and caller_contact_id is not null);
grant select (scheme_id, id, category_code, place, occurred_at, created_at, facts, state, claimed_at, answer_text, decided_at,
  caller_member_id, caller_contact_id) on reports to tocsin_contact;
grant select (level) on categories to tocsin_contact;
