-- Why: NAF 2025 replaces NAF rev. 2 on 1 January 2027, and a business keeps its code of each.
-- Locks: members and enrolments, for an instant.
-- Previous release: still runs; it neither reads nor writes the new code, and an undo by it leaves it as it is.

-- NAF 2025, for example 47.26Y; `naf` is of NAF rev. 2.
alter table members add column naf2025 text;
alter table enrolments add column naf2025 text;
grant select (naf2025) on members to tocsin_contact;
