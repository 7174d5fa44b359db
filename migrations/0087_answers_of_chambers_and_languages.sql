-- Why: the answers of a trade chamber for the cells of its lists were found by its exact trades, so that they were lost when its
-- trades changed. People on call are written to in the language of their account.
-- Locks: import_answers, for the time of a new primary key on a few hundred rows.
-- Previous release: still runs; it does not know import_answers.

alter table import_answers
  -- The agency whose lists it is for; of a trade chamber without an agency, its trades, sorted. Empty: all lists of the scheme.
  add column chamber text not null default '';

-- The agency, where one only has these trades.
update import_answers a set chamber = coalesce(
  (
    select min(g.agency_id::text) from grants g
    where g.scheme_id = a.scheme_id and g.role = 'trade_chamber' and g.trades @> a.trades and g.trades <@ a.trades
    having count(distinct g.agency_id) = 1 and bool_and(g.agency_id is not null)
  ),
  array_to_string(a.trades, ' ')
) where a.trades <> '{}';

alter table import_answers
  drop constraint import_answers_pkey,
  drop column trades,
  add primary key (scheme_id, kind, written, chamber);

-- A transaction of one scheme does not read accounts: it learns the language of one that is on call, and nothing else.
create function account_lang_of(account text) returns text language sql stable security definer
  set search_path = public, pg_temp
as $$ select lang from "user" where id = account $$;
revoke execute on function account_lang_of from public;
grant execute on function account_lang_of to tocsin_app, tocsin_service;
