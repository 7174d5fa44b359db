-- Why: a role that 0.4.0 gave on the machine past the accounts that could have decided stands on no export.
-- Locks: nothing that exists.
-- Previous release: still runs.

insert into decided_alone (scheme_id, subject, item, decided_at)
select scheme_id, 'role_' || role, account, at from (
  select distinct on (scheme_id, subject, details ->> 'role') scheme_id, details ->> 'role' as role,
    substr(subject, 6) as account, at, details ->> 'bypasses' = 'second_person' as bypasses
  from audit_entries
  where action like 'user.%' and action in ('user.invite', 'user.role') and scheme_id <> ''
    and details ->> 'role' in ('chief', 'chamber', 'magistrate')
    -- The same role again gives nothing.
    and not (action = 'user.role' and details #>> '{from,role}' = details ->> 'role'
      and details #>> '{from,agencyId}' is not distinct from details ->> 'agencyId')
  order by scheme_id, subject, details ->> 'role', seq desc) latest
where bypasses and exists (
  select from grants g where g.scheme_id = latest.scheme_id and g.user_id = latest.account and g.role = latest.role)
on conflict do nothing;
