-- Why: letters need the postal code of a member, and the committee asks since when it is one.
-- Locks: members, for an instant.
-- Previous release: still runs; it neither reads nor writes them, and an undo by it leaves them as they are.

alter table members add column postal_code text constraint members_postal_code check (postal_code ~ '^[0-9]{5}$'),
  -- As the chamber's lists say; null: nobody said.
  add column joined_on date;
grant select (postal_code, joined_on) on members to tocsin_contact;
