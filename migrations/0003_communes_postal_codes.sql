-- Why: an import looks its communes up by their postal codes, which read all 35,000 communes for each part of a list.
-- Locks: communes, against writes, for a second.
-- Previous release: unaffected.

-- The communes are loaded once and then only read: what an insert leaves for later would be read by each search.
create index communes_postal_codes on communes using gin (postal_codes) with (fastupdate = off);
