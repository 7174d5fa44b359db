-- Why: an account that closed all holders of the roles above operator was the first one of the scheme again, and gave them alone.
-- Locks: none.
-- Previous release: still runs; it does not call the function.

-- Whether an account with one of these roles in the current scheme was ever opened by its holder, disabled or not.
create function was_role_opened(wanted text[])
  returns boolean language sql stable
  security definer set search_path = public, pg_temp as $$
  select exists (
    select from grants g
    where g.scheme_id = current_scheme() and g.role = any (wanted)
      and not exists (
        select from invitations i where i.user_id = g.user_id and i.purpose = 'invite' and i.used_at is null
          and i.withdrawn_at is null))
$$;
revoke all on function was_role_opened(text[]) from public;
grant execute on function was_role_opened(text[]) to tocsin_app, tocsin_service;
