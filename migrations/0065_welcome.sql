-- Why: members that an import added are sent, once, why they are in the list and how to leave it (GDPR, article 14).
-- Locks: member_notices, for the time of a check of its rows.
-- Previous release: still runs; it sends none of these notices, and withdraws those that wait.
alter table member_notices drop constraint member_notices_kind_check;
alter table member_notices add constraint member_notices_kind_check
  check (kind in ('suspend', 'resume', 'leave', 'welcome'));
