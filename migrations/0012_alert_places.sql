-- Why: a member reads where an alert happened, besides the area that was warned.
-- Locks: none.
-- Previous release: unaffected.

-- The commune of the facts of an alert that was for the member of the transaction, with the words of its template. It runs as
-- the owner: a contact sees no report but its own.
create function alert_place(alert uuid) returns table (commune_name text, former_name text, template text) language sql stable
  security definer set search_path = public, pg_temp as $$
  select c.name, r.former_name, g.template
  from alerts a
  join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
  join communes c on c.code = r.commune_code
  join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
  where a.scheme_id = current_scheme() and a.id = alert_place.alert and alert_received(a.id)
$$;
revoke all on function alert_place(uuid) from public;
grant execute on function alert_place(uuid) to tocsin_contact;
