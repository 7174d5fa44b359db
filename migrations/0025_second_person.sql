-- Why: one account could invite, or recover the account of, somebody above operator and be its own second person.
-- Locks: grants, for an instant.
-- Previous release: still runs; new holders of a role decide at once.

-- From when on its holder counts as the second person for settings; null: always.
alter table grants add column counts_from timestamptz;

-- The accounts with one of these roles in the current scheme that count as the second person at an instant: active, opened by
-- their holder, and not given the role or let back in a moment ago.
create function deciding_accounts(wanted text[], instant timestamptz)
  returns table (id text, name text, mail text, role text) language sql stable
  security definer set search_path = public, pg_temp as $$
  select u.id, u.name, u.email, g.role
  from grants g join "user" u on u.id = g.user_id
  where g.scheme_id = current_scheme() and g.role = any (wanted) and u.disabled_at is null
    and (g.counts_from is null or g.counts_from <= instant)
    and not exists (
      select from invitations i where i.user_id = u.id and i.used_at is null and i.withdrawn_at is null
        and i.created_at = (select max(l.created_at) from invitations l where l.user_id = u.id))
$$;
revoke all on function deciding_accounts(text[], timestamptz) from public;
grant execute on function deciding_accounts(text[], timestamptz) to tocsin_app;
