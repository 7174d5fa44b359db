-- Why: an undo or a reverted import brings back members that never left, which must not get the time to pay of a new one; a
-- contact's language belongs to the person, so it is forgotten when both the number and the name change.
-- Locks: contacts, for an instant.
-- Previous release: still runs; what it undoes counts as an admission, as before.

create or replace function members_admitted() returns trigger language plpgsql as $$
begin
  -- Set while earlier states are restored (src/changes/undo.ts).
  if coalesce(current_setting('tocsin.restoring', true), '') <> 'on' then
    new.admitted_at := new.updated_at;
  end if;
  return new;
end $$;

create function contacts_person_replaced() returns trigger language plpgsql as $$
begin
  new.lang := null;
  return new;
end $$;
create trigger contacts_person_replaced before update of mobile, person on contacts for each row
  when (new.mobile is distinct from old.mobile and new.person is distinct from old.person
    and new.lang is not distinct from old.lang)
  execute function contacts_person_replaced();
