-- Why: the login of the program owned its tables, so a statement that took no role, or gave its role back, saw every scheme and
-- could rewrite the audit log. Row security now binds every role but a superuser, and the program works across schemes as
-- tocsin_service, its workers as tocsin_worker, which own nothing.
-- Locks: every table of a scheme, for an instant.
-- Previous release: still runs, as the owner.

-- Roles belong to the whole server, so another Tocsin database there may have created them.
do $$
declare
  restricted text;
begin
  foreach restricted in array array['tocsin_service', 'tocsin_worker'] loop
    if not exists (select from pg_roles where rolname = restricted) then
      execute format('create role %I nologin', restricted);
    end if;
    execute format('grant %I to %I', restricted, current_user);
  end loop;
  if not pg_has_role('tocsin_worker', 'tocsin_service', 'usage') then
    grant tocsin_service to tocsin_worker;
  end if;
end $$;

grant usage on schema public to tocsin_service;
grant select, insert, update, delete, maintain on all tables in schema public to tocsin_service;
grant usage, select on all sequences in schema public to tocsin_service;
grant execute on all functions in schema public to tocsin_service;
alter default privileges in schema public grant select, insert, update, delete, maintain on tables to tocsin_service;
alter default privileges in schema public grant usage, select on sequences to tocsin_service;
alter default privileges in schema public grant execute on functions to tocsin_service;

-- What nothing of the program changes, and what only workers write.
revoke update, delete on audit_entries from tocsin_service;
revoke insert, update, delete on schema_migrations from tocsin_service;
revoke insert, update, delete on audit_anchors, audit_seals from tocsin_service;
grant insert, update, delete on audit_anchors, audit_seals to tocsin_worker;

alter table grants enable row level security;
alter table audit_seals enable row level security;
do $$
declare
  tenant text;
begin
  for tenant in
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity
  loop
    execute format('alter table %I force row level security', tenant);
    execute format('create policy %I on %I to tocsin_service using (true)', tenant || '_across', tenant);
  end loop;
end $$;
