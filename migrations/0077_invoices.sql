-- Why: businesses that need an invoice get one of their dues (Factur-X), numbered without gaps and kept as it was given.
-- Locks: nothing.
-- Previous release: still runs; it gives no invoices.

-- An invoice of the dues of one member for one year. Its file is drawn from its facts, so that it reads the same in ten years.
create table dues_invoices (
  scheme_id  text not null references schemes,
  -- Numbered by the year in which they are issued, without gaps.
  year       smallint not null,
  no         integer not null check (no > 0),
  member_id  uuid not null,
  dues_year  smallint not null,
  facts      jsonb not null,
  issued_at  timestamptz not null,
  issued_by  text not null,
  primary key (scheme_id, year, no),
  unique (scheme_id, member_id, dues_year),
  foreign key (scheme_id, member_id) references members
);
create index dues_invoices_named on dues_invoices (year) where facts->'member' <> 'null'::jsonb;
alter table dues_invoices enable row level security;
alter table dues_invoices force row level security;
create policy dues_invoices_own on dues_invoices to tocsin_app using (scheme_id = current_scheme());
create policy dues_invoices_contact on dues_invoices for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
create policy dues_invoices_across on dues_invoices to tocsin_service using (true);
grant select, insert on dues_invoices to tocsin_app;
grant select (scheme_id, year, no, member_id, dues_year, facts, issued_at) on dues_invoices to tocsin_contact;
grant select, insert, update, delete, maintain on dues_invoices to tocsin_service;

create function invoices_hold() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.no > 1 and not exists (
    select from dues_invoices where scheme_id = new.scheme_id and year = new.year and no = new.no - 1) then
    raise exception 'invoice %-% of % leaves a hole', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger dues_invoices_hold after insert on dues_invoices deferrable initially deferred
  for each row execute function invoices_hold();

-- As for receipts: the purge may empty the member of old ones.
create function invoices_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and make_date(old.year, 1, 1) < before and new.facts->'member' = 'null'::jsonb
    and to_jsonb(new) - 'facts' = to_jsonb(old) - 'facts' and new.facts - 'member' = old.facts - 'member' then
    return new;
  end if;
  raise exception 'an invoice is never changed' using errcode = 'check_violation';
end $$;
create trigger dues_invoices_kept before update or delete on dues_invoices for each row execute function invoices_are_kept();
